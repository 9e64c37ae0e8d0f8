//! The brief: the founder's input.
//!
//! [`read()`] turns the bytes of a YAML file into a [`Brief`] or into every [`Fault`](crate::Fault) with line and
//! column; [`check()`] does the same for a value that was parsed elsewhere. What a brief leaves open comes from
//! [`Defaults`]. Nothing in here opens files.

mod check;
mod entities;
mod read;
mod short;
#[cfg(test)]
mod tests;
mod types;
pub mod units;

pub use crate::slug::{SlugError, slug};
pub use check::{FEATURE_LENGTH_MAX, FEATURES_MAX, check};
pub use read::read;
pub use types::{AUTO, Brief, Defaults, Founder};
