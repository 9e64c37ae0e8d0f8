//! Events, projections, blobs and terms: in memory and in SQLite.
//!
//! Two adapters of the same four ports of `factory_core::port`. [`MemoryStore`] keeps everything in one
//! mutex and can crash on command, for tests and simulation. [`SqliteStore`] keeps a file `factory.db` and a
//! folder `blobs/`: one writer thread gathers what callers hand in, commits it as one transaction and
//! answers only then; a few reader threads answer questions on snapshots of their own.
//!
//! Both derive their tables from `factory_core::projection` in the step that stores the events, and one
//! suite of tests (`tests/it/contract.rs`) holds for both. What an event means is not known here.

pub mod memory;
pub mod sqlite;

mod shape;

pub use self::memory::{Crash, MemoryStore};
pub use self::sqlite::{Durability, OpenError, SqliteStore};
