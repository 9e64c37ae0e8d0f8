//! Assembles fakes into a whole running factory, in one process and without waiting.
//!
//! [`TestFactory`] is a portfolio in a temporary folder: the real driver, engine, templates and git on a memory
//! store, a clock that jumps and processes that always pass. [`fixture`] has the template and the blueprint that
//! tests build. For tests only; nothing that ships depends on this crate.

mod daemons;
mod factory;
pub mod fixture;
mod hooked_store;
mod processes;
mod time;

pub use self::daemons::FakeDaemons;
pub use self::factory::TestFactory;
pub use self::hooked_store::{HookedStore, Hooks};
pub use self::processes::PassingProcesses;
pub use self::time::JumpingClock;
