//! The engine from outside: real repositories and folders, nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail loudly, too"
)]

mod bench;
mod contended;
mod git;
mod hostile;
mod judge;
mod merge;
mod merge_checkout;
mod scheduler;
mod staging;
mod tree_change;
mod workbench;
mod workshop;
