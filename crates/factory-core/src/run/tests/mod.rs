//! Tables of decisions on a task graph, and properties of whole runs.

mod checks;
mod claims;
mod decisions;
mod fixture;
mod merges;
mod properties;
mod stories;
