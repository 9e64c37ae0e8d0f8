//! The whole factory in one process.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail loudly, too"
)]

mod crash;
mod products;
mod race;
mod repository;
mod story;
