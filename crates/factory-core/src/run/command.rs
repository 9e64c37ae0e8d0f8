//! What may be asked of a run, and why it may be refused.

use super::graph::GraphFault;
use super::outcome::{Collected, Landing, Outcome};
use super::task::{TaskSpec, TaskState};
use crate::claim::Claim;
use crate::clock::Timestamp;
use crate::id::{Epoch, ObjectId, RunId, TaskId};

/// What may be asked of the open run.
#[expect(
    clippy::large_enum_variant,
    reason = "a command is made, decided and gone; none is kept"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Something for one task.
    Task {
        /// Which one.
        task_id: TaskId,
        /// What.
        command: TaskCommand,
    },
    /// Ends the run.
    Cancel {
        /// Why.
        reason: String,
    },
}

/// What may be asked of a task.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskCommand {
    /// Starts the next attempt.
    StartAttempt {
        /// The commit that it starts from.
        base: Option<ObjectId>,
        /// Its lease ends then.
        lease_until: Timestamp,
        /// What it was granted.
        claims: Vec<Claim>,
    },
    /// Takes an attempt's result.
    Succeed {
        /// The attempt.
        epoch: Epoch,
        /// What it yielded.
        outcome: Outcome,
        /// What it changed in the repository.
        collected: Option<Collected>,
        /// What it was granted beyond its first claims, because it changed more.
        extended: Vec<Claim>,
        /// Tasks that it adds to the graph, oldest first.
        grown: Vec<TaskSpec>,
    },
    /// Takes an attempt's failure.
    Fail {
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
        /// When to try again, if tries are left; never, if absent.
        retry_at: Option<Timestamp>,
    },
    /// Gives up an attempt that will not report: its lease ran out or its driver died.
    Lose {
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
    },
    /// Sends a task back whose change does not fit the head.
    Conflict {
        /// The attempt.
        epoch: Epoch,
        /// Where and why.
        reason: String,
    },
    /// Gives up a change that the checks of the merged tree refused.
    RejectChange {
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
        /// When to try again, if tries are left; never, if absent.
        retry_at: Option<Timestamp>,
    },
    /// Records what is about to be published.
    Intend {
        /// The attempt.
        epoch: Epoch,
        /// What is to be published.
        landing: Landing,
    },
    /// Drops an intent whose commit is not on the branch.
    DropIntent {
        /// The attempt.
        epoch: Epoch,
    },
    /// Records that the intended commit is on the branch.
    Land {
        /// The attempt.
        epoch: Epoch,
    },
    /// Lets a waiting task pass its gate.
    PassGate,
    /// Sends a waiting task back with a question.
    AskGate {
        /// The question.
        comment: String,
    },
    /// Ends the run at a gate.
    RejectGate {
        /// Why.
        reason: String,
    },
}

impl TaskCommand {
    /// The command for this task.
    pub fn on(self, task_id: TaskId) -> Command {
        Command::Task {
            task_id,
            command: self,
        }
    }
}

/// A command is not legal now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A repository has one run at a time.
    #[error("run `{0}` is still open")]
    RunOpen(RunId),
    /// Nothing can be asked of a repository without an open run.
    #[error("no run is open")]
    NoRun,
    /// The graph has no such task.
    #[error("there is no task `{0}`")]
    NoTask(TaskId),
    /// The task is not in a state that the command applies to.
    #[error("task `{task_id}` is {state}, not {wanted}")]
    WrongState {
        /// Which task.
        task_id: TaskId,
        /// Its state.
        state: TaskState,
        /// The state that the command needs.
        wanted: &'static str,
    },
    /// A newer attempt has taken the place of the one that the command speaks of.
    #[error("task `{task_id}` is at attempt {current}, not {epoch}")]
    Stale {
        /// Which task.
        task_id: TaskId,
        /// The attempt of the command.
        epoch: Epoch,
        /// The attempt now.
        current: Epoch,
    },
    /// A task's needs are not met.
    #[error("task `{task_id}` needs `{needed}` first")]
    NeedsUnmet {
        /// Which task.
        task_id: TaskId,
        /// What it waits for.
        needed: TaskId,
    },
    /// The graph cannot be run.
    #[error("the task graph cannot be run: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Graph(Vec<GraphFault>),
}
