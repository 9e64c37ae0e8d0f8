//! How templates are read, checked and rendered, seen from outside.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests fail as tests do"
)]

mod cookiecutter;
mod hostile;
mod manifest;
mod products;
mod slices;
mod support;
