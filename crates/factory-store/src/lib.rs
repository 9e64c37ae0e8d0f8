//! Events, projections, blobs and terms: in memory and in SQLite.
//!
//! Two adapters of the four ports in `factory_core::port`. [`MemoryStore`] keeps everything behind one mutex and
//! can crash on command, for tests and simulation. [`SqliteStore`] keeps a file `factory.db` and a folder
//! `blobs/`: one writer thread batches what callers submit, commits it as one transaction and only then
//! replies; a few reader threads answer queries from snapshots of their own.
//!
//! Both update the tables that `factory_core::projection` defines in the transaction that stores the events, and
//! both pass one test suite (`tests/it/contract.rs`, `tables.rs`). The store does not know what an event means.
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
