//! The port to those who perform tasks, and what passes through it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use factory_core::id::{Epoch, ObjectId, RunId, TaskId};
use factory_core::port::BoxFuture;
use factory_core::run::{Outcome, Plan, StoryResult, TaskSpec};

/// One attempt, as it is given to a worker.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The run.
    pub run_id: RunId,
    /// What the run was started with.
    pub plan: Plan,
    /// The task.
    pub task: TaskSpec,
    /// The attempt's fencing number; the idempotency key of its effects is run, task and epoch.
    pub epoch: Epoch,
    /// Round of its gate, from 1.
    pub round: u32,
    /// The question that this attempt has to answer.
    pub comment: Option<String>,
    /// The commit that it starts from; nothing before the first commit.
    pub base: Option<ObjectId>,
    /// The staging area to work in, for a task that changes the repository, or the checked-out target branch
    /// for one that verifies it.
    pub area: Option<PathBuf>,
    /// Where its log goes.
    pub log: PathBuf,
    /// What finished tasks of the run yielded.
    pub outcomes: BTreeMap<TaskId, Outcome>,
    /// How stories ended so far.
    pub stories: BTreeMap<String, StoryResult>,
}

/// What a successful attempt hands in beside the changes in its staging area.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What it yielded.
    pub outcome: Outcome,
    /// Tasks that it adds to the graph.
    pub grown: Vec<TaskSpec>,
}

/// An attempt did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WorkError {
    /// Another try may succeed.
    #[error("{0}")]
    Failed(String),
    /// Trying again cannot help.
    #[error("{0}")]
    Hopeless(String),
}

/// Performs tasks. Dropping a future ends the work and every process that it started.
pub trait Worker: Send + Sync + std::fmt::Debug {
    /// Performs one attempt.
    fn perform<'a>(
        &'a self,
        assignment: &'a Assignment,
    ) -> BoxFuture<'a, Result<Report, WorkError>>;

    /// The quick check of a merged tree, checked out in `area`, before it is published. The error says what
    /// is wrong with it.
    fn check_merged<'a>(
        &'a self,
        plan: &'a Plan,
        area: &'a std::path::Path,
        log: &'a std::path::Path,
    ) -> BoxFuture<'a, Result<(), WorkError>>;
}
