//! Claims on file globs, decided exactly.
//!
//! A [`Claim`] is a wish for the files of a [`Glob`] in one of three [`Mode`]s; a granted one is a lock.
//! [`overlap()`] answers whether two globs have a common path, with that path as the witness, by walking
//! the product of two automata; [`Overlaps`] remembers the answers. [`ClaimTable`] holds the locks and
//! the line of those who wait, and [`covers`] checks a changed path against what was granted.
//!
//! Pure: no files, no clock. A path here is project-relative text with `/` between its components.

mod automaton;
mod error;
mod glob;
mod index;
mod overlap;
mod pattern;
mod rights;
mod table;

pub use error::GlobError;
pub use glob::Glob;
pub use overlap::{Overlap, Overlaps, overlap};
pub use rights::{Claim, Mode, covers};
pub use table::{Answer, Busy, ClaimTable, OVERTAKES_MAX};

#[cfg(test)]
mod tests;
