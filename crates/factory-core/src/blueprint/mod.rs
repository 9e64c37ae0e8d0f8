//! The machine-readable specification.
