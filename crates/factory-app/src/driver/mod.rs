//! The one process that drives a portfolio: grants allocations, runs every startup's repository, and takes
//! people's decisions to the runner that owns them.

mod drive;
mod repository;
mod requests;
mod state;

pub use self::state::{BRANCH, Driver, Limits, Ports};
