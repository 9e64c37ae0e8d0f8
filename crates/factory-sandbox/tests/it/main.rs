//! Real processes under the sandbox.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod detached;
mod reap;
mod run;
mod support;
mod tree;
