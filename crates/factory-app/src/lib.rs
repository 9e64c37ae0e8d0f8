//! The use cases behind one front door, the port [`factory::Factory`].
//!
//! [`assemble`] wires it. [`local::Local`] answers it on a [`driver::Driver`], which grants allocations and runs every startup's
//! repository with the engine. The engine's tasks are performed by [`workers::FactoryWorker`]: rule authors,
//! templates, processes. Every use case fails with an [`error::AppError`], which front ends translate.
//!
//! Not in this room: SQL, HTTP, words of the command line, printing.

mod assemble;

pub mod brief;
pub mod clock;
pub mod config;
pub mod doctor;
pub mod driver;
pub mod environment;
pub mod error;
pub mod factory;
pub mod local;
pub mod machine;
pub mod playbook;
pub mod portfolio_dir;
pub mod product;
pub mod quantity;
mod refusal;
pub mod workers;

pub use assemble::{Parts, assemble};
