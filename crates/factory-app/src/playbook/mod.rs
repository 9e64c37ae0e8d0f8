//! The recipe of a run: which phases there are, in which order, and which of them a gate follows.
//!
//! A [`Playbook`] is data. [`Playbook::first_tasks`] turns it into the tasks that a run begins with, and
//! [`Playbook::last_tasks`] into those that follow what the build phase adds; the engine knows neither.

mod catalogue;
mod phases;
mod tasks;

pub use self::catalogue::{named, open};
pub use self::phases::{PhaseKind, PhasePlan, Playbook};
