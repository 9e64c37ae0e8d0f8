//! Claims on file globs, decided exactly.
