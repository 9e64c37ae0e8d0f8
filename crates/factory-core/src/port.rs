//! The ports to the store: event log, projections, blobs, terms. Adapters live in `factory-store`.
//!
//! [`EventLog`] is the truth; [`Query`] answers from tables that were derived from it in the same
//! transaction; [`Blobs`] keeps what is too large for an event; [`Terms`] fences an older driver.

use std::fmt;

use crate::clock::Timestamp;
use crate::event::{Event, Recorded};
use crate::id::{BlobId, Seq, StreamId, Term, Version};
pub use crate::process::BoxFuture;
use crate::projection::{Row, Select, Table};

/// Events for several streams that become durable together or not at all.
#[derive(Debug, Clone)]
pub struct Append {
    /// When it happened; the time of every event in it.
    pub at: Timestamp,
    /// The driver's term; refused if a later driver has begun. `None` is not checked.
    pub term: Option<Term>,
    /// What to write, in order. Each stream may appear once.
    pub writes: Vec<StreamWrite>,
}

/// Events for one stream.
#[derive(Debug, Clone)]
pub struct StreamWrite {
    /// The stream.
    pub stream: StreamId,
    /// The version that the decision was made on; `None` appends at any version.
    pub expected: Option<Version>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// An append was not acknowledged. After [`Self::Conflict`] and [`Self::Fenced`] nothing of it is stored; after
/// [`Self::Store`] it is unknown: read again before deciding again.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream moved on since the decision was made: read it again and decide again.
    #[error("append to stream `{stream}`: expected version {expected}, found {found}")]
    Conflict {
        /// The stream that moved.
        stream: StreamId,
        /// The version that the decision was made on.
        expected: Version,
        /// The version now.
        found: Version,
    },
    /// A later driver has taken over.
    #[error("append in term {ours}: term {current} has begun, another driver took over")]
    Fenced {
        /// The term of this driver.
        ours: Term,
        /// The term now.
        current: Term,
    },
    /// The store failed; it is unknown to the caller whether it can go on.
    #[error("append to the event log")]
    Store(#[source] StoreError),
}

/// The store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The medium failed: disk full, read error, permission.
    #[error("{operation}")]
    Io {
        /// What was tried.
        operation: String,
        /// The reason below.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What is stored cannot be understood.
    #[error("read {what}: {problem}")]
    Corrupt {
        /// Which record.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

/// The ordered record of everything that happened.
pub trait EventLog: Send + Sync + fmt::Debug {
    /// Makes all of it durable, projections included, and gives the recorded events in order.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Recorded>, AppendError>>;

    /// Events of one stream with a version above `after`, oldest first, at most `limit`.
    fn read(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>>;

    /// Events of all streams with a sequence number above `after`, oldest first, at most `limit`.
    fn read_all(
        &self,
        after: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>>;

    /// The newest sequence number; 0 when the log is empty.
    fn head(&self) -> BoxFuture<'_, Result<Seq, StoreError>>;

    /// Resolves as soon as an event with a number above `seq` is durable.
    fn wait_beyond(&self, seq: Seq) -> BoxFuture<'_, Result<Seq, StoreError>>;
}

/// Reads tables derived from the log.
pub trait Query: Send + Sync + fmt::Debug {
    /// One row by its key.
    fn get(
        &self,
        table: &'static Table,
        key: &str,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>>;

    /// Rows that match, in order.
    fn list(&self, select: Select) -> BoxFuture<'_, Result<Vec<Row>, StoreError>>;
}

/// Content-addressed bytes: artifacts, logs, prompts, replies.
pub trait Blobs: Send + Sync + fmt::Debug {
    /// Stores the bytes durably under their content address; storing them again changes nothing.
    fn put(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<BlobId, StoreError>>;

    /// The bytes, or nothing if they were never stored.
    fn get(&self, id: &BlobId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>>;
}

/// The growing number of the driver.
pub trait Terms: Send + Sync + fmt::Debug {
    /// Begins a new term for `holder`; appends of older terms are refused from now on.
    fn begin(&self, holder: &str) -> BoxFuture<'_, Result<Term, StoreError>>;

    /// The term now; 0 before the first.
    fn current(&self) -> BoxFuture<'_, Result<Term, StoreError>>;
}
