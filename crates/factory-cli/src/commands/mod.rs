//! One file per noun of the command line, and the parts of `factory run`.

mod answers;
pub(crate) mod config;
mod confirm;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod gate;
mod gate_prompt;
pub(crate) mod init;
mod names;
mod place;
mod report;
pub(crate) mod run;
mod run_request;
pub(crate) mod runs;
pub(crate) mod startup;
pub(crate) mod task;
mod watch;
