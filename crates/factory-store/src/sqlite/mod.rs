//! The store in a folder: `factory.db` in SQLite, content-addressed files in `blobs/` beside it.
//!
//! A [`SqliteStore`] hands every append to the one thread of `writer`, which batches what has arrived,
//! performs each operation in a savepoint (`append`, `project`), commits once and then replies: a caller
//! that is dropped never cancels its write. Queries go to a few `workers` with read-only connections
//! (`read`), bytes to the folder of `blobs`. `open` inspects a file before changing it: the store of a newer
//! program is refused, an older one is migrated by `schema`.

mod append;
mod backup;
mod blobs;
mod cell;
mod connection;
mod fault;
mod open;
mod project;
mod read;
mod schema;
mod store;
mod workers;
mod writer;

pub use self::connection::Durability;
pub use self::fault::OpenError;
pub use self::store::SqliteStore;
