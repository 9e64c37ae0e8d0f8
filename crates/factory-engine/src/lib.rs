//! Turns a task graph into finished, merged work.
//!
//! A [`runner::Runner`] drives one repository: it asks the [`scheduler`] what may be done, appends what follows
//! through the [`journal`], and only then acts. Attempts are performed by a [`worker::Worker`] in a staging area
//! of the [`workshop`]; what they change is collected, merged in process and published by compare-and-swap.
//!
//! Not in this room: models, SQL, HTTP, templates.

pub mod git;
pub mod journal;
pub mod merge;
pub mod runner;
pub mod scheduler;
pub mod slots;
pub mod staging;
pub mod worker;
pub mod workshop;
