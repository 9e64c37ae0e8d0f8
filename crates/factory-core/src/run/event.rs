//! What happened in a repository's stream.

use serde::{Deserialize, Serialize};

use super::{CheckResult, Collected, End, Landing, Outcome, Plan, StoryResult, TaskSpec};
use crate::clock::Timestamp;
use crate::id::{Epoch, ObjectId, RunId, TaskId};

/// What happened in a repository's stream. All but the first belong to the open run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A run began.
    RunStarted {
        /// Its name.
        run_id: RunId,
        /// What it was started with.
        plan: Plan,
    },
    /// Tasks were added to the graph.
    TasksAdded {
        /// The run.
        run_id: RunId,
        /// The tasks, oldest first.
        tasks: Vec<TaskSpec>,
    },
    /// An attempt was started and its claims were granted.
    AttemptStarted {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt's fencing number.
        epoch: Epoch,
        /// The commit that it starts from.
        base: Option<ObjectId>,
        /// Its lease ends then.
        lease_until: Timestamp,
    },
    /// An attempt failed by itself.
    AttemptFailed {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
        /// When it is tried again; never, if absent: the task has failed.
        retry_at: Option<Timestamp>,
    },
    /// An attempt ended without a result of its own: its lease ran out or its driver died.
    AttemptLost {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
    },
    /// A result came from an attempt whose lease had been given away; it was not taken.
    ResultRejected {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt that handed it in.
        epoch: Epoch,
        /// Why it was not taken.
        reason: String,
    },
    /// An attempt did its work; a change, if there is one, joins the merge queue.
    AttemptSucceeded {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// What it yielded.
        outcome: Outcome,
        /// What it changed in the repository.
        collected: Option<Collected>,
    },
    /// A change did not fit the newest head; the task is done again on it.
    MergeConflicted {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// Where and why.
        reason: String,
    },
    /// A change is about to be published; written before the branch moves.
    MergeIntended {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// What is to be published.
        landing: Landing,
    },
    /// An intent was dropped: the branch had not moved when the driver came back.
    MergeDropped {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
    },
    /// A change stands on the target branch.
    Landed {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
        /// What was published.
        landing: Landing,
    },
    /// A task waits for its gate.
    GateReached {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The round of the gate.
        round: u32,
    },
    /// A gate was passed.
    GatePassed {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
    },
    /// A gate was answered with a question: the task is done again.
    GateAsked {
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// The question.
        comment: String,
    },
    /// Tasks will not be started any more.
    TasksSkipped {
        /// The run.
        run_id: RunId,
        /// The tasks and why.
        tasks: Vec<(TaskId, String)>,
    },
    /// The product was verified.
    Verified {
        /// The run.
        run_id: RunId,
        /// The commit that was checked.
        commit: Option<ObjectId>,
        /// What came of each check.
        checks: Vec<CheckResult>,
    },
    /// Stories ended.
    StoriesSettled {
        /// The run.
        run_id: RunId,
        /// How.
        stories: Vec<StoryResult>,
    },
    /// The run ended.
    RunFinished {
        /// The run.
        run_id: RunId,
        /// How.
        end: End,
        /// Why, when it did not end well.
        reason: Option<String>,
    },
}

impl Event {
    /// The run that this event belongs to.
    pub fn run_id(&self) -> &RunId {
        match self {
            Self::RunStarted { run_id, .. }
            | Self::TasksAdded { run_id, .. }
            | Self::AttemptStarted { run_id, .. }
            | Self::AttemptFailed { run_id, .. }
            | Self::AttemptLost { run_id, .. }
            | Self::ResultRejected { run_id, .. }
            | Self::AttemptSucceeded { run_id, .. }
            | Self::MergeConflicted { run_id, .. }
            | Self::MergeIntended { run_id, .. }
            | Self::MergeDropped { run_id, .. }
            | Self::Landed { run_id, .. }
            | Self::GateReached { run_id, .. }
            | Self::GatePassed { run_id, .. }
            | Self::GateAsked { run_id, .. }
            | Self::TasksSkipped { run_id, .. }
            | Self::Verified { run_id, .. }
            | Self::StoriesSettled { run_id, .. }
            | Self::RunFinished { run_id, .. } => run_id,
        }
    }
}
