//! The port to those who perform tasks, and what passes through it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use factory_core::id::{Epoch, ObjectId, RunId, TaskId};
use factory_core::port::BoxFuture;
use factory_core::run::{Outcome, Plan, StoryResult, Subject, TaskSpec};

use crate::staging::{BaseFiles, TreeChange};

/// One attempt, as it is given to a worker.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The run; with task and epoch the idempotency key of the attempt's effects.
    pub run_id: RunId,
    /// What the run works on.
    pub subject: Subject,
    /// What the run was started with.
    pub plan: Plan,
    /// What is to be done.
    pub task: TaskSpec,
    /// The attempt's fencing number.
    pub epoch: Epoch,
    /// Round of its gate, from 1.
    pub round: u32,
    /// The question that this attempt has to answer.
    pub comment: Option<String>,
    /// The commit that it starts from; nothing before the first commit.
    pub base: Option<ObjectId>,
    /// A checkout of the base to work in, for a task that needs one.
    pub area: Option<PathBuf>,
    /// The files of the base, for a task that lands without a checkout.
    pub files: Option<Arc<dyn BaseFiles>>,
    /// Where its log goes.
    pub log: PathBuf,
    /// What finished tasks of the run yielded.
    pub outcomes: BTreeMap<TaskId, Outcome>,
    /// How stories ended so far.
    pub stories: BTreeMap<String, StoryResult>,
}

/// What a successful attempt hands in.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What it yielded beside its change.
    pub outcome: Outcome,
    /// Its change as data, for a task that lands without a checkout. With one, the checkout is collected.
    pub change: Option<TreeChange>,
    /// Tasks that it adds to the graph.
    pub grown: Vec<TaskSpec>,
}

/// An attempt did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WorkError {
    /// Another try may succeed.
    #[error("{0}")]
    Transient(String),
    /// Trying again cannot help.
    #[error("{0}")]
    Permanent(String),
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
        area: &'a Path,
        log: &'a Path,
    ) -> BoxFuture<'a, Result<(), WorkError>>;
}
