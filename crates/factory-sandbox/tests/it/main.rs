//! Real processes under the sandbox.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod detached;
mod reap;
mod run;
mod support;
mod tree;
