//! Reads, checks and renders templates.
