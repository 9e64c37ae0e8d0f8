//! Whether a file is copied as it is or rendered: the judgement of Python's `binaryornot`, which cookiecutter asks.

mod judge;
mod table;

pub(crate) use judge::is_binary;
