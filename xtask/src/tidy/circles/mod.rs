//! Files of one crate that import each other in a circle: neither can be read, tested or moved alone.
//!
//! [`modules`] reads a crate from its root into a tree of modules with what each defines, imports and
//! names; [`resolve`] follows a name through imports and doors to the file that defines it; [`graph`] draws an
//! arrow from file to file for each such name and finds the circles. Tests are left out.
//!
//! Seen are paths in code, in imports and in the arguments of macros, and methods that a type's `impl` block
//! calls on `self`. Not seen are methods called on other values: their types are unknown here.

mod check;
mod graph;
mod modules;
mod resolve;

#[cfg(test)]
pub(super) use self::check::imports;
pub(super) use self::check::{NOT_YET, circles};
