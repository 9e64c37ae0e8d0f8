//! The store in a folder: `factory.db` in SQLite, content-addressed files in `blobs/` beside it.
//!
//! A [`SqliteStore`] hands every append to the one thread of `writer`, which gathers what has come in,
//! performs each operation in a savepoint (`append`, `project`), commits once and then answers: a caller
//! that is dropped never takes its write with it. Questions go to a few `workers` with read-only
//! connections (`read`), bytes to the folder of `blobs`. `open` looks before it touches: a store of a newer
//! program is refused, an older one is brought forward by `schema`.

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
