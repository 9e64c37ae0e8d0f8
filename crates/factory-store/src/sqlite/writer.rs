//! The writer: one thread, one connection, group commit.
//!
//! It takes up to [`BATCH`] queued operations, performs each in a savepoint of one transaction, commits,
//! publishes the new head and only then replies. A refused operation does not affect the others in its batch;
//! if the transaction itself fails, all of them fail, the connection is reopened and the head is read again,
//! never assumed.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use factory_core::event::Recorded;
use factory_core::id::{Seq, Term};
use factory_core::port::{Append, AppendError, StoreError};
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::append::Prepared;
use super::connection::{self, Durability};
use super::fault::{self, integer};
use super::read;

/// Maximum number of operations in one transaction.
const BATCH: usize = 256;

/// Maximum number of operations in progress; further callers wait.
const QUEUE: usize = 1_024;

/// The write-ahead log is copied into the database after this long without an operation.
const IDLE: Duration = Duration::from_millis(500);

/// The write-ahead log is emptied when it grows beyond this size.
const WAL_BYTES_MAX: u64 = 64 << 20;

/// How much the log may grow before another attempt to empty it, after a reader prevented one.
const WAL_BYTES_RETRY: u64 = 16 << 20;

/// How long emptying the log may wait for readers; callers wait for the writer meanwhile.
const EMPTYING: Duration = Duration::from_millis(50);

/// Handle of the writer thread. Dropping it blocks until the thread has finished all queued operations.
#[derive(Debug)]
pub(super) struct Writer {
    /// Dropping it closes the queue; `None` only while the writer is dropped.
    requests: Option<mpsc::Sender<Request>>,
    /// Bounds the number of `requests`.
    free_places: Arc<Semaphore>,
    head: watch::Receiver<Seq>,
    commits: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Request {
    work: Work,
    /// Released after the reply.
    permit: OwnedSemaphorePermit,
}

type Reply<T, E> = oneshot::Sender<Result<T, E>>;

#[derive(Debug)]
enum Work {
    Append(Prepared, Reply<Vec<Recorded>, AppendError>),
    Begin(String, Reply<Term, StoreError>),
}

#[derive(Debug)]
enum Done {
    Append(
        Result<Vec<Recorded>, AppendError>,
        Reply<Vec<Recorded>, AppendError>,
    ),
    Begin(Result<Term, StoreError>, Reply<Term, StoreError>),
}

/// Why a whole transaction failed.
type Cause = Arc<dyn Error + Send + Sync>;

/// The state of the thread.
struct Thread {
    path: PathBuf,
    durability: Durability,
    /// `None` after a failure, until the next transaction reopens it.
    connection: Option<Connection>,
    head: watch::Sender<Seq>,
    commits: Arc<AtomicU64>,
    /// Whether the log may hold commits that are not in the database file yet.
    is_log_used: bool,
    /// Size in bytes at which the log is emptied next.
    empty_at: u64,
}

impl Writer {
    /// Starts the thread with a prepared connection.
    pub(super) fn start(
        connection: Connection,
        path: PathBuf,
        durability: Durability,
        head: Seq,
    ) -> io::Result<Self> {
        let (requests, received) = mpsc::channel();
        let (published, head) = watch::channel(head);
        let commits = Arc::new(AtomicU64::new(0));
        let thread = Thread {
            path,
            durability,
            connection: Some(connection),
            head: published,
            commits: Arc::clone(&commits),
            is_log_used: true,
            empty_at: WAL_BYTES_MAX,
        };
        let name = thread::Builder::new().name("store-writer".to_owned());
        let thread = name.spawn(move || thread.run(&received))?;
        let free_places = Arc::new(Semaphore::new(QUEUE));
        Ok(Self {
            requests: Some(requests),
            free_places,
            head,
            commits,
            thread: Some(thread),
        })
    }

    /// Appends; returns when the events are durable.
    pub(super) async fn append(&self, append: Append) -> Result<Vec<Recorded>, AppendError> {
        let prepared = Prepared::new(append).map_err(AppendError::Store)?;
        let (reply, answer) = oneshot::channel();
        self.hand_in(Work::Append(prepared, reply))
            .await
            .map_err(AppendError::Store)?;
        answer
            .await
            .unwrap_or(Err(AppendError::Store(StoreError::Closed)))
    }

    /// Begins a term; returns when it is durable.
    pub(super) async fn begin(&self, holder: String) -> Result<Term, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.hand_in(Work::Begin(holder, reply)).await?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Resolves when this writer has made an event beyond `seq` durable.
    pub(super) async fn wait_beyond(&self, seq: Seq) -> Result<Seq, StoreError> {
        let mut head = self.head.clone();
        let head = head.wait_for(|head| *head > seq).await;
        head.map(|head| *head).map_err(|_| StoreError::Closed)
    }

    /// Number of transactions committed since the start.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    async fn hand_in(&self, work: Work) -> Result<(), StoreError> {
        let free_places = Arc::clone(&self.free_places);
        let permit = free_places
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let requests = self.requests.as_ref().ok_or(StoreError::Closed)?;
        requests
            .send(Request { work, permit })
            .map_err(|_| StoreError::Closed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.requests = None;
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the writer thread of the store panicked");
        }
    }
}

impl Thread {
    fn run(mut self, requests: &mpsc::Receiver<Request>) {
        loop {
            let first = if self.is_log_used {
                requests.recv_timeout(IDLE)
            } else {
                requests.recv().map_err(RecvTimeoutError::from)
            };
            match first {
                Ok(first) => {
                    let batch = std::iter::once(first).chain(requests.try_iter().take(BATCH - 1));
                    let (works, permits): (Vec<Work>, Vec<OwnedSemaphorePermit>) =
                        batch.map(|request| (request.work, request.permit)).unzip();
                    self.answer(works);
                    drop(permits);
                    self.empty_log_if_large();
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.checkpoint("PASSIVE");
                    self.is_log_used = false;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn answer(&mut self, works: Vec<Work>) {
        let mut waiting = works.into_iter();
        let mut done = Vec::new();
        match self.transact(&mut waiting, &mut done) {
            Ok(head) => self.publish(head),
            Err(cause) => {
                // The outcome of the transaction is unknown: no result from it counts.
                self.connection = None;
                done = done.into_iter().map(|done| done.lost(&cause)).collect();
                done.extend(waiting.map(|work| work.lost(&cause)));
            }
        }
        for done in done {
            done.answer();
        }
    }

    /// Performs and commits; returns the new head. Moves each work from `waiting` to `done`.
    fn transact(
        &mut self,
        waiting: &mut impl Iterator<Item = Work>,
        done: &mut Vec<Done>,
    ) -> Result<Seq, Cause> {
        self.is_log_used = true;
        let connection = self.connect()?;
        run(connection, "BEGIN IMMEDIATE").map_err(cause)?;
        let mut head = read::head(connection).map_err(cause)?;
        let before = connection.total_changes();
        for work in waiting {
            let work = work.perform(connection, &mut head);
            done.push(work);
            if connection.is_autocommit() {
                return Err(Arc::from(Box::from("an operation ended the transaction")));
            }
        }
        let wrote = connection.total_changes() > before;
        run(connection, "COMMIT").map_err(cause)?;
        if wrote {
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(head)
    }

    fn connect(&mut self) -> Result<&Connection, Cause> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open_again()?,
        };
        Ok(self.connection.insert(connection))
    }

    fn open_again(&self) -> Result<Connection, Cause> {
        let connection = connection::writer(&self.path, self.durability).map_err(cause)?;
        // A commit that was reported as failed may have succeeded.
        self.publish(read::head(&connection).map_err(cause)?);
        Ok(connection)
    }

    fn publish(&self, newest: Seq) {
        self.head.send_if_modified(|head| {
            let grew = *head < newest;
            *head = newest;
            grew
        });
    }

    fn empty_log_if_large(&mut self) {
        let size = std::fs::metadata(connection::wal(&self.path)).map_or(0, |log| log.len());
        if size >= self.empty_at {
            let emptied = self.checkpoint("TRUNCATE");
            self.empty_at = if emptied {
                WAL_BYTES_MAX
            } else {
                size + WAL_BYTES_RETRY
            };
        }
    }

    /// Copies the log into the database; `false` if a reader prevented it.
    fn checkpoint(&self, mode: &str) -> bool {
        let Some(connection) = &self.connection else {
            return false;
        };
        let checkpoint = || -> rusqlite::Result<bool> {
            let usual: i64 =
                connection.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
            connection.busy_timeout(EMPTYING)?;
            let sql = format!("PRAGMA wal_checkpoint({mode})");
            let is_busy = connection.query_row(&sql, [], |row| row.get::<_, bool>(0));
            connection.busy_timeout(Duration::from_millis(usual.unsigned_abs()))?;
            Ok(!is_busy?)
        };
        checkpoint().unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn Error,
                mode,
                "cannot checkpoint the write-ahead log"
            );
            false
        })
    }
}

impl Work {
    fn perform(self, transaction: &Connection, head: &mut Seq) -> Done {
        match self {
            Self::Append(prepared, reply) => {
                let recorded = in_savepoint(transaction, AppendError::Store, || {
                    prepared.perform(transaction, *head)
                });
                if let Ok(recorded) = &recorded {
                    head.0 += recorded.len() as u64;
                }
                Done::Append(recorded, reply)
            }
            Self::Begin(holder, reply) => {
                let term = in_savepoint(transaction, |error| error, || begin(transaction, &holder));
                Done::Begin(term, reply)
            }
        }
    }

    fn lost(self, cause: &Cause) -> Done {
        match self {
            Self::Append(_, reply) => Done::Append(Err(AppendError::Store(lost(cause))), reply),
            Self::Begin(_, reply) => Done::Begin(Err(lost(cause)), reply),
        }
    }
}

impl Done {
    /// Replaces the result by the failure of the transaction. A refusal is replaced too: it may depend on what
    /// another operation of the batch wrote.
    fn lost(self, cause: &Cause) -> Self {
        match self {
            Self::Append(Err(AppendError::Store(error)), reply) => {
                Self::Append(Err(AppendError::Store(error)), reply)
            }
            Self::Append(_, reply) => Self::Append(Err(AppendError::Store(lost(cause))), reply),
            Self::Begin(_, reply) => Self::Begin(Err(lost(cause)), reply),
        }
    }

    /// Replies to the caller if it is still waiting.
    fn answer(self) {
        match self {
            Self::Append(answer, reply) => drop(reply.send(answer)),
            Self::Begin(answer, reply) => drop(reply.send(answer)),
        }
    }
}

fn begin(transaction: &Connection, holder: &str) -> Result<Term, StoreError> {
    let term = read::term(transaction)?.next();
    transaction
        .execute(
            "INSERT INTO terms (term, holder) VALUES (?1, ?2)",
            (integer(term.0), holder),
        )
        .map_err(|error| fault::sqlite("begin a term", error))?;
    Ok(term)
}

/// Performs an operation and rolls it back if it is refused.
fn in_savepoint<T, E>(
    transaction: &Connection,
    wrap: impl Fn(StoreError) -> E,
    operation: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let failed = |error| wrap(fault::sqlite("isolate an operation", error));
    run(transaction, "SAVEPOINT operation").map_err(failed)?;
    let result = operation();
    if result.is_err() && !transaction.is_autocommit() {
        run(transaction, "ROLLBACK TO operation").map_err(failed)?;
    }
    if !transaction.is_autocommit() {
        run(transaction, "RELEASE operation").map_err(failed)?;
    }
    result
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

fn cause(error: impl Error + Send + Sync + 'static) -> Cause {
    Arc::new(error)
}

fn lost(cause: &Cause) -> StoreError {
    let operation = "commit a batch of operations".to_owned();
    StoreError::Io {
        operation,
        source: Box::new(Arc::clone(cause)),
    }
}
