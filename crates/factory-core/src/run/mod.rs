//! One execution of a task graph on one repository: runs, tasks, attempts, merges.
//!
//! A stream holds all runs of a repository, one after the other; [`Repo`] is its folded state. [`start`] and [`decide`]
//! say which events a command makes, [`apply`] folds them. The scheduler of `factory-engine` proposes commands, this
//! room says whether they are legal.
//!
//! A run is about tasks, not about products: its [`Subject`] is a startup or a repository, its tasks have properties
//! ([`TaskSpec`]), and what is to be done is a [`Payload`] that only a worker reads.

mod command;
mod decide;
mod event;
mod fold;
mod graph;
mod outcome;
mod payload;
mod plan;
mod settle;
mod state;
mod target;
mod task;
#[cfg(test)]
mod tests;

pub use self::command::{Command, Refusal, TaskCommand};
pub use self::decide::{decide, start, unmet};
pub use self::event::{Event, RunEvent, SkippedTask, TaskEvent};
pub use self::fold::apply;
pub use self::graph::{GraphFault, check_graph};
pub use self::outcome::{
    ArtifactRef, Author, CheckName, CheckResult, CheckState, Collected, Landing, Outcome, StoryRef,
    StoryResult, StoryState,
};
pub use self::payload::Payload;
pub use self::plan::{End, GatePolicy, Plan, Subject};
pub use self::state::{Repo, Run};
pub use self::target::{StartPoint, Target};
pub use self::task::{GateSpec, OnConflict, State, Task, TaskSpec, TaskState, Weight};
