//! One file per noun of the command line, and the parts of `factory run`.

pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod gate;
pub(crate) mod init;
mod report;
pub(crate) mod run;
mod run_request;
pub(crate) mod runs;
pub(crate) mod startup;
pub(crate) mod task;
