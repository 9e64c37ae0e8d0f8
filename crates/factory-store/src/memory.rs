//! The store in memory, for tests and simulation.
//!
//! Everything is behind one mutex; a call does all its work when its future is first polled, so an append is
//! atomic for every task of a simulation. [`MemoryStore::fail_after`] schedules a crash of the process that uses
//! the store, [`MemoryStore::survivor`] is what the next process finds.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use factory_core::event::Recorded;
use factory_core::id::{BlobId, Seq, StreamId, Term, Version};
use factory_core::port::{
    Append, AppendError, Blobs, BoxFuture, EventLog, Query, StoreError, Terms,
};
use factory_core::projection::{self, Assign, Cell, Change, Row, Select, Table};
use tokio::sync::watch;

use crate::shape;

/// A store that lives as long as its handles. Clones share their content.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

/// Whether a planned crash comes before or after its append is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// The append is not stored, and its caller is told that it failed.
    Before,
    /// The append is stored, but its caller is told that it failed.
    After,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// What waiters observe; updated only after the state.
    published: watch::Sender<Published>,
}

#[derive(Debug, Default)]
struct State {
    content: Content,
    appends: u64,
    fault: Option<Fault>,
    crashed: bool,
}

#[derive(Debug, Clone, Copy)]
struct Fault {
    appends_left: u64,
    crash: Crash,
}

#[derive(Debug, Clone, Copy, Default)]
struct Published {
    head: Seq,
    crashed: bool,
}

/// What survives a crash.
#[derive(Debug, Clone, Default)]
struct Content {
    /// Invariant: the event with number `n` is at index `n - 1`.
    events: Vec<Recorded>,
    /// Indexes into `events`, per stream; version `n` is at index `n - 1`.
    streams: HashMap<StreamId, Vec<usize>>,
    tables: HashMap<&'static str, BTreeMap<String, Row>>,
    blobs: HashMap<BlobId, Vec<u8>>,
    /// Holders of terms; the driver of term `n` is at index `n - 1`.
    holders: Vec<String>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::with(Content::default())
    }

    /// Schedules a crash: `appends` more appends succeed, the next one crashes.
    ///
    /// After the crash, every call on this store fails with [`StoreError::Closed`], because the calls of a dead
    /// process never succeed; waiters are woken with it. [`Crash::After`] stores the append that crashes, but
    /// none after it.
    pub fn fail_after(&self, appends: u64, crash: Crash) {
        self.lock().fault = Some(Fault {
            appends_left: appends,
            crash,
        });
    }

    /// A fresh store with a copy of this content and no scheduled crash: what a new process finds.
    #[must_use]
    pub fn survivor(&self) -> Self {
        let content = self.lock().content.clone();
        Self::with(content)
    }

    /// Number of appends that succeeded on this store; a survivor starts again at 0.
    pub fn append_count(&self) -> u64 {
        self.lock().appends
    }

    fn with(content: Content) -> Self {
        let (published, _) = watch::channel(Published {
            head: content.head(),
            crashed: false,
        });
        let state = Mutex::new(State {
            content,
            ..State::default()
        });
        Self {
            shared: Arc::new(Shared { state, published }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers from the content, unless the store has crashed.
    fn with_content<T>(
        &self,
        answer: impl FnOnce(&mut Content) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.lock();
        if state.crashed {
            return Err(StoreError::Closed);
        }
        answer(&mut state.content)
    }

    fn append_now(&self, append: Append) -> Result<Vec<Recorded>, AppendError> {
        let mut state = self.lock();
        if state.crashed {
            return Err(AppendError::Store(StoreError::Closed));
        }
        if let Some(Fault {
            appends_left: 0,
            crash,
        }) = state.fault
        {
            if crash == Crash::After {
                // Refused or stored: the caller never learns which.
                drop(state.content.append(append));
            }
            state.crashed = true;
            self.shared
                .published
                .send_modify(|published| published.crashed = true);
            return Err(AppendError::Store(StoreError::Closed));
        }
        let recorded = state.content.append(append)?;
        state.appends += 1;
        if let Some(fault) = &mut state.fault {
            fault.appends_left -= 1;
        }
        let head = state.content.head();
        self.shared.published.send_if_modified(|published| {
            let grew = published.head < head;
            published.head = head;
            grew
        });
        Ok(recorded)
    }
}

impl Content {
    fn head(&self) -> Seq {
        Seq(self.events.len() as u64)
    }

    fn term(&self) -> Term {
        Term(self.holders.len() as u64)
    }

    fn version(&self, stream: &StreamId) -> Version {
        Version(self.streams.get(stream).map_or(0, Vec::len) as u64)
    }

    fn append(&mut self, append: Append) -> Result<Vec<Recorded>, AppendError> {
        let (recorded, changes) = self.prepare(append)?;
        for event in &recorded {
            let places = self.streams.entry(event.stream.clone()).or_default();
            places.push(self.events.len());
            self.events.push(event.clone());
        }
        for change in changes {
            self.change(change);
        }
        Ok(recorded)
    }

    /// Refuses whatever must be refused, before the first change.
    fn prepare(&self, append: Append) -> Result<(Vec<Recorded>, Vec<Change>), AppendError> {
        shape::time_text(append.at).map_err(AppendError::Store)?;
        let current = self.term();
        if let Some(ours) = append.term.filter(|ours| *ours < current) {
            return Err(AppendError::Fenced { ours, current });
        }
        let mut recorded: Vec<Recorded> = Vec::new();
        for write in append.writes {
            let stream = write.stream;
            let newer = recorded
                .iter()
                .filter(|event| event.stream == stream)
                .count() as u64;
            let mut version = Version(self.version(&stream).0 + newer);
            if let Some(expected) = write.expected.filter(|expected| *expected != version) {
                return Err(AppendError::Conflict {
                    stream,
                    expected,
                    found: version,
                });
            }
            for event in write.events {
                version = version.next();
                let seq = Seq((self.events.len() + recorded.len()) as u64).next();
                let stream = stream.clone();
                recorded.push(Recorded {
                    seq,
                    stream,
                    version,
                    at: append.at,
                    event,
                });
            }
        }
        let changes: Vec<Change> = recorded.iter().flat_map(projection::changes).collect();
        for change in &changes {
            shape::check_change(change).map_err(AppendError::Store)?;
        }
        Ok((recorded, changes))
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Delete { table, key } => {
                self.tables.entry(table.name).or_default().remove(&key);
            }
            Change::Upsert { table, key, assign } => {
                let rows = self.tables.entry(table.name).or_default();
                let Row(row) = rows
                    .entry(key)
                    .or_insert_with_key(|key| empty_row(table, key));
                for (column, assign) in assign {
                    let cell = match (assign, row.get(column)) {
                        (Assign::Set(cell), _) => cell,
                        (Assign::Add(more), Some(Cell::Integer(number))) => {
                            Cell::Integer(number.saturating_add(more))
                        }
                        (Assign::Add(more), _) => Cell::Integer(more),
                    };
                    row.insert(column.to_owned(), cell);
                }
            }
        }
    }

    fn list(&self, select: &Select) -> Vec<Row> {
        let matches = |row: &&Row| {
            select
                .filter
                .iter()
                .all(|(column, cell)| row.0.get(*column) == Some(cell))
        };
        let rows = self
            .tables
            .get(select.table.name)
            .into_iter()
            .flat_map(BTreeMap::values);
        let mut found: Vec<&Row> = rows.filter(matches).collect();
        if let Some(column) = select.order_by {
            // The sort is stable: rows with the same cell stay in the order of their keys.
            found.sort_by(|left, right| left.0.get(column).cmp(&right.0.get(column)));
        }
        if select.descending {
            found.reverse();
        }
        let limit = select.limit.unwrap_or(usize::MAX);
        found.into_iter().take(limit).cloned().collect()
    }
}

fn empty_row(table: &Table, key: &str) -> Row {
    let columns = table
        .columns
        .iter()
        .map(|column| (column.name.to_owned(), Cell::Null));
    Row(columns
        .chain([("key".to_owned(), Cell::from(key))])
        .collect())
}

/// How many entries to skip to continue after number `after`, counting from 1.
fn skip(after: u64) -> usize {
    usize::try_from(after).unwrap_or(usize::MAX)
}

impl EventLog for MemoryStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Recorded>, AppendError>> {
        Box::pin(async move { self.append_now(append) })
    }

    fn read(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>> {
        let stream = stream.clone();
        Box::pin(async move {
            self.with_content(|content| {
                let places = content.streams.get(&stream).into_iter().flatten();
                let events = places.skip(skip(after.0)).take(limit);
                Ok(events
                    .filter_map(|place| content.events.get(*place))
                    .cloned()
                    .collect())
            })
        })
    }

    fn read_all(
        &self,
        after: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>> {
        Box::pin(async move {
            self.with_content(|content| {
                Ok(content
                    .events
                    .iter()
                    .skip(skip(after.0))
                    .take(limit)
                    .cloned()
                    .collect())
            })
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Seq, StoreError>> {
        Box::pin(async move { self.with_content(|content| Ok(content.head())) })
    }

    fn wait_beyond(&self, seq: Seq) -> BoxFuture<'_, Result<Seq, StoreError>> {
        Box::pin(async move {
            let mut published = self.shared.published.subscribe();
            let seen = published
                .wait_for(|now| now.crashed || now.head > seq)
                .await;
            match seen.map(|now| *now) {
                Ok(Published {
                    head,
                    crashed: false,
                }) => Ok(head),
                Ok(Published { crashed: true, .. }) | Err(_) => Err(StoreError::Closed),
            }
        })
    }
}

impl Query for MemoryStore {
    fn get(
        &self,
        table: &'static Table,
        key: &str,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        let key = key.to_owned();
        Box::pin(async move {
            shape::check_table(table)?;
            self.with_content(|content| {
                Ok(content
                    .tables
                    .get(table.name)
                    .and_then(|rows| rows.get(&key))
                    .cloned())
            })
        })
    }

    fn list(&self, select: Select) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            shape::check_select(&select)?;
            self.with_content(|content| Ok(content.list(&select)))
        })
    }
}

impl Blobs for MemoryStore {
    fn put(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<BlobId, StoreError>> {
        Box::pin(async move {
            let id = BlobId::of(&bytes);
            self.with_content(|content| {
                content.blobs.entry(id.clone()).or_insert(bytes);
                Ok(id)
            })
        })
    }

    fn get(&self, id: &BlobId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        let id = id.clone();
        Box::pin(async move { self.with_content(|content| Ok(content.blobs.get(&id).cloned())) })
    }
}

impl Terms for MemoryStore {
    fn begin(&self, holder: &str) -> BoxFuture<'_, Result<Term, StoreError>> {
        let holder = holder.to_owned();
        Box::pin(async move {
            self.with_content(|content| {
                content.holders.push(holder);
                Ok(content.term())
            })
        })
    }

    fn current(&self) -> BoxFuture<'_, Result<Term, StoreError>> {
        Box::pin(async move { self.with_content(|content| Ok(content.term())) })
    }
}
