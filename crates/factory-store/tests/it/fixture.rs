//! A store behind its ports, and short ways to ask it.

use std::sync::Arc;

use factory_core::event::{Event, Recorded};
use factory_core::id::{Seq, Slug, StreamId, Term, Version};
use factory_core::port::{Append, AppendError, Blobs, EventLog, Query, StreamWrite, Terms};
use factory_core::projection::{self, Cell, Row, Select, Table};
use factory_store::{Durability, MemoryStore, SqliteStore};
use tempfile::TempDir;

use crate::catalogue::AT;

/// Makes a test of each function for each store.
macro_rules! on_both_stores {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::fixture::Ports::memory()).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::fixture::Ports::sqlite()).await;
            })*
        }
    };
}

/// A store of either kind.
#[derive(Debug, Clone)]
pub(crate) struct Ports {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) query: Arc<dyn Query>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) terms: Arc<dyn Terms>,
    /// The folder of a SQLite store; goes last.
    _dir: Option<Arc<TempDir>>,
}

impl Ports {
    pub(crate) fn memory() -> Self {
        Self::of(MemoryStore::new(), None)
    }

    pub(crate) fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path(), Durability::Strict).unwrap();
        Self::of(store, Some(dir))
    }

    pub(crate) fn of<S>(store: S, dir: Option<TempDir>) -> Self
    where
        S: EventLog + Query + Blobs + Terms + 'static,
    {
        let store = Arc::new(store);
        Self {
            log: Arc::<S>::clone(&store),
            query: Arc::<S>::clone(&store),
            blobs: Arc::<S>::clone(&store),
            terms: store,
            _dir: dir.map(Arc::new),
        }
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Vec<Recorded>, AppendError> {
        self.log.append(append).await
    }

    pub(crate) async fn all(&self) -> Vec<Recorded> {
        self.log.read_all(Seq(0), usize::MAX).await.unwrap()
    }

    pub(crate) async fn row(&self, table: &'static Table, key: &str) -> Option<Row> {
        self.query.get(table, key).await.unwrap()
    }

    pub(crate) async fn keys(&self, select: Select) -> Vec<String> {
        let rows = self.query.list(select).await.unwrap();
        rows.iter().map(|row| text(row, "key")).collect()
    }

    /// Every row of every table.
    pub(crate) async fn tables(&self) -> Vec<(&'static str, Vec<Row>)> {
        let mut tables = Vec::new();
        for table in projection::ALL {
            tables.push((
                table.name,
                self.query.list(Select::all(table)).await.unwrap(),
            ));
        }
        tables
    }
}

/// Events for one stream at any version.
pub(crate) fn to(stream: &str, events: Vec<Event>) -> Append {
    both(vec![write(stream, None, events)])
}

/// Events for one stream at a version.
pub(crate) fn at(stream: &str, expected: u64, events: Vec<Event>) -> Append {
    both(vec![write(stream, Some(expected), events)])
}

/// Events for several streams.
pub(crate) fn both(writes: Vec<StreamWrite>) -> Append {
    Append {
        at: AT,
        term: None,
        writes,
    }
}

/// The same in a term.
pub(crate) fn in_term(term: Term, append: Append) -> Append {
    Append {
        term: Some(term),
        ..append
    }
}

/// A stream by its name; `a` is short for `repo/a`.
pub(crate) fn stream(name: &str) -> StreamId {
    StreamId::parse(name).unwrap_or_else(|_| StreamId::repo(&Slug::parse(name).unwrap()))
}

pub(crate) fn write(name: &str, expected: Option<u64>, events: Vec<Event>) -> StreamWrite {
    StreamWrite {
        stream: stream(name),
        expected: expected.map(Version),
        events,
    }
}

pub(crate) fn text(row: &Row, column: &str) -> String {
    match row.0.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        other => panic!("{column}: {other:?}"),
    }
}
