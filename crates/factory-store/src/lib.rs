//! Events, projections, blobs and terms: in memory and in SQLite.
//!
//! Two adapters of the same four ports of `factory_core::port`. [`MemoryStore`] keeps everything in one
//! mutex and can crash on command, for tests and simulation. [`SqliteStore`] keeps a file `factory.db` and a
//! folder `blobs/`: one writer thread gathers what callers hand in, commits it as one transaction and
//! answers only then; a few reader threads answer questions on snapshots of their own.
//!
//! Both derive their tables from `factory_core::projection` in the step that stores the events, and one
//! suite of tests (`tests/it/contract.rs`, `tables.rs`) holds for both. What an event means is not known here.
//!
//! ```
//! use factory_core::clock::Timestamp;
//! use factory_core::event::Event;
//! use factory_core::id::{Seq, Slug, StreamId, Version};
//! use factory_core::port::{Append, EventLog as _, StreamWrite};
//! use factory_core::portfolio;
//! use factory_store::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let released = portfolio::Event::AllocationReleased { slug: Slug::from_static("ledgerly") };
//! let write = StreamWrite {
//!     stream: StreamId::portfolio(),
//!     expected: Some(Version(0)),
//!     events: vec![Event::Portfolio(released)],
//! };
//! let store = MemoryStore::new();
//! let append = Append { at: Timestamp(0), term: None, writes: vec![write] };
//! let recorded = store.append(append).await?;
//! assert_eq!(recorded[0].version, Version(1));
//! assert_eq!(store.wait_beyond(Seq(0)).await?, Seq(1));
//! # Ok(())
//! # }
//! ```

pub mod memory;
pub mod sqlite;

mod shape;

pub use self::memory::{Crash, MemoryStore};
pub use self::sqlite::{Durability, OpenError, SqliteStore};
