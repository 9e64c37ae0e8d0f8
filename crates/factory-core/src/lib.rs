//! What a startup is and which changes are legal. Pure: no files, no clock, no randomness, no runtime.
//!
//! Two rooms decide: [`portfolio`] (startups, allocations, gates) and [`run`] (the task graph of one repository).
//! Each has `decide`, which alone makes events of a command, and `apply`, which alone folds them; [`event`] wraps
//! and stores them, [`projection`] derives tables from them. [`claim`] decides
//! exactly whether two globs meet. The ports to the outside are in [`port`], [`process`] and [`clock`].

pub mod anchored;
pub mod cause;
pub mod claim;
pub mod clock;
pub mod event;
pub mod id;
pub mod port;
pub mod portfolio;
pub mod process;
pub mod projection;
pub mod resources;
pub mod run;
pub mod words;
