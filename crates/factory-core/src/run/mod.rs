//! One execution of a task graph on one repository: runs, tasks, attempts, merges.
//!
//! A stream holds all runs of a repository, one after the other; [`Repo`] is its folded state. [`decide`]
//! says which events a command makes, [`apply`] folds them. The scheduler of `factory-engine` proposes
//! commands, this room says whether they are legal.

mod command;
mod decide;
mod event;
mod fold;
mod graph;
mod target;
mod task;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::command::{Command, Grown, Refusal};
pub use self::decide::decide;
pub use self::event::Event;
pub use self::fold::apply;
pub use self::graph::{GraphFault, check_graph};
pub use self::target::{StartPoint, Target};
pub use self::task::{
    CheckName, CheckResult, CheckState, Collected, Landing, Outcome, Phase, State, StoryResult,
    StoryState, Task, TaskSpec, Work,
};
use crate::id::{ObjectId, RunId, TaskId};

/// The folded state of one repository's stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repo {
    /// The newest run, if there is one.
    pub run: Option<Run>,
    /// Newest commit of the target branch that this log knows of.
    pub head: Option<ObjectId>,
}

/// One execution of a task graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name.
    pub run_id: RunId,
    /// What it was started with.
    pub plan: Plan,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// Its tasks.
    pub tasks: BTreeMap<TaskId, Task>,
    /// Tasks whose changes wait to be merged, first come first.
    pub merge_queue: Vec<TaskId>,
    /// Results of the checks, newest verification.
    pub checks: Vec<CheckResult>,
    /// How each story ended.
    pub stories: BTreeMap<String, StoryResult>,
}

/// What a run is started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The brief, as canonical JSON.
    pub brief: crate::id::BlobId,
    /// The playbook's name and version, as in `mvp@1`.
    pub playbook: String,
    /// The template that builds it.
    pub template: String,
    /// The branch that changes land on.
    pub branch: String,
    /// Who decides gates.
    pub gates: GatePolicy,
    /// Times that a task may be tried before it has failed; at least 1.
    pub attempts_max: u32,
    /// The blueprint to build when the author is skipped.
    pub blueprint: Option<crate::id::BlobId>,
}

/// Who decides gates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GatePolicy {
    /// A person.
    Person,
    /// Every gate is approved at once by this recorded policy.
    Approve {
        /// Why, as in `demo` or `--auto-approve`.
        policy: String,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Every check of the product passed.
    Verified,
    /// It was built, but not every check passed.
    Unverified,
    /// A task failed for good.
    Failed,
    /// A gate was answered with `reject`.
    Rejected,
    /// A person cancelled it.
    Cancelled,
}

impl End {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Repo {
    /// The run that is under way.
    pub fn open_run(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.end.is_none())
    }
}

#[cfg(test)]
mod tests;
