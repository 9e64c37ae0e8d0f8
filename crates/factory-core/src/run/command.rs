//! What may be asked of a repository, and why it may be refused.

use super::{Collected, GraphFault, Landing, Outcome, Plan, TaskSpec};
use crate::clock::Timestamp;
use crate::id::{Epoch, ObjectId, RunId, TaskId};

/// What may be asked of a repository.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Begins a run with its first tasks.
    Start {
        /// Its name.
        run_id: RunId,
        /// What it is started with.
        plan: Plan,
        /// Its first tasks.
        tasks: Vec<TaskSpec>,
    },
    /// Starts the next attempt of a task.
    StartAttempt {
        /// The task.
        task_id: TaskId,
        /// The commit that it starts from.
        base: Option<ObjectId>,
        /// Its lease ends then.
        lease_until: Timestamp,
    },
    /// Takes an attempt's result.
    Succeed {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// What it yielded.
        outcome: Outcome,
        /// What it changed in the repository.
        collected: Option<Collected>,
        /// Tasks that it adds to the graph.
        grown: Grown,
    },
    /// Takes an attempt's failure.
    Fail {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
        /// When to try again, if tries are left; never, if absent.
        retry_at: Option<Timestamp>,
    },
    /// Gives up an attempt that will not report: its lease ran out or its driver died.
    Lose {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
    },
    /// Sends a task back whose change does not fit the head.
    Conflict {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// Where and why.
        reason: String,
    },
    /// Gives up a change that the checks of the merged tree refused.
    RejectChange {
        /// The task.
        task_id: TaskId,
        /// Why.
        reason: String,
        /// When to try again, if tries are left; never, if absent.
        retry_at: Option<Timestamp>,
    },
    /// Records what is about to be published.
    Intend {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// What is to be published.
        landing: Landing,
    },
    /// Drops an intent whose commit is not on the branch.
    DropIntent {
        /// The task.
        task_id: TaskId,
    },
    /// Records that the intent stands on the branch.
    Land {
        /// The task.
        task_id: TaskId,
    },
    /// Answers the gate of a waiting task.
    PassGate {
        /// The task.
        task_id: TaskId,
    },
    /// Sends a waiting task back with a question.
    AskGate {
        /// The task.
        task_id: TaskId,
        /// The question.
        comment: String,
    },
    /// Ends the run at a gate.
    RejectGate {
        /// The task.
        task_id: TaskId,
        /// Why.
        reason: String,
    },
    /// Ends the run.
    Cancel {
        /// Why.
        reason: String,
    },
}

/// Tasks that a result adds to the graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grown {
    /// The tasks, oldest first.
    pub tasks: Vec<TaskSpec>,
}

/// A command is not legal now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another run is under way.
    #[error("run `{0}` is under way")]
    RunOpen(RunId),
    /// No run is under way.
    #[error("no run is under way")]
    NoRun,
    /// There is no such task.
    #[error("there is no task `{0}`")]
    NoTask(TaskId),
    /// The task stands elsewhere than the command needs.
    #[error("task `{task_id}` is {state}, it would have to be {wanted}")]
    WrongState {
        /// The task.
        task_id: TaskId,
        /// Where it stands.
        state: &'static str,
        /// Where it would have to stand.
        wanted: &'static str,
    },
    /// A task's needs are not met.
    #[error("task `{task_id}` needs `{needed}` first")]
    NeedsUnmet {
        /// The task.
        task_id: TaskId,
        /// What it waits for.
        needed: TaskId,
    },
    /// The graph cannot be run.
    #[error("the task graph cannot be run: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Graph(Vec<GraphFault>),
}
