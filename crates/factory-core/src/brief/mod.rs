//! The founder's input.
