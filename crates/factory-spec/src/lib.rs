//! The two input languages of the factory: what a founder writes and what is built from it. Pure: no files, no clock,
//! no randomness.
//!
//! A [`brief`] is the founder's input, a [`blueprint`] the specification that templates and agents build. Each has a
//! `read` that takes bytes and returns either the checked value or every [`Fault`] at once: a JSON pointer, line and
//! column, what is wrong and how to fix it. [`yaml`] reads what people type and remembers where each part stood,
//! [`suggest`] guesses what a mistyped word was meant to be, [`name`] spells a name in the cases that code needs.

pub mod blueprint;
pub mod brief;
mod fault;
mod message;
pub mod name;
mod position;
mod shape;
mod slug;
pub mod suggest;
pub mod yaml;

pub use fault::{Fault, Part};
pub use position::Position;
