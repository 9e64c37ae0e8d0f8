//! The use cases behind one front door, the port Factory.

pub mod config;
pub mod yaml;
