//! The engine from outside: real repositories and folders, nothing else.

mod bench;
mod git;
mod hostile;
mod merge;
mod staging;
mod workbench;
