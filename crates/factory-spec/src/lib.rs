//! The two input languages of the factory: what a founder writes and what is built from it. Pure: no files, no clock,
//! no randomness.
//!
//! A [`brief`] is the founder's input, a [`blueprint`] the specification that templates and agents build. Both are
//! checked as a whole: every [`Fault`] carries a JSON pointer, what is wrong and what would be right. [`yaml`] reads
//! what people type and remembers where each part stood; [`name`] turns words into the cases that code needs.

pub mod blueprint;
pub mod brief;
pub mod fault;
pub mod name;
pub mod yaml;

pub use fault::Fault;
