//! The stores, tested from outside: one suite for both, then what only one of them can do.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[macro_use]
mod fixture;

mod catalogue;
mod contract;
mod crash;
mod equal;
mod kill;
mod measure;
mod patience;
mod released;
mod sqlite;
mod tables;
