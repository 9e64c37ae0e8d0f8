//! The whole factory in one process.

mod crash;
mod story;
