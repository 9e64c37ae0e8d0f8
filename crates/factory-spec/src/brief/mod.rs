//! The brief: the founder's input.
//!
//! [`check`] turns a neutral parsed value into a [`Brief`] or into every [`Fault`](crate::Fault) with a
//! JSON pointer; whoever parsed the file knows the line and column of a pointer. Nothing in here reads files or
//! knows YAML.

mod check;
mod entities;
mod short;
mod slug;
#[cfg(test)]
mod tests;
mod types;

pub use check::{FEATURE_LENGTH_MAX, FEATURES_MAX, check};
pub use slug::{SLUG_LENGTH_MAX, SlugError, is_slug, slug};
pub use types::{AUTO, Brief, Founder};
