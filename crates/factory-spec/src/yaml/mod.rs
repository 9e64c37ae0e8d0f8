//! Reads YAML written by people: briefs, plans, and the JSON of blueprints.
//!
//! The result is a JSON value that remembers the position of each of its parts, so that every later fault can name
//! line and column. What makes YAML surprising is refused instead of guessed: duplicate keys, anchors, tags, several
//! documents. Plain scalars follow the core schema of YAML 1.2: `no` and `12:30` are text.

mod decode;
mod document;
mod reader;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;

pub(crate) use decode::utf8;
pub use document::Document;
pub use reader::parse;
