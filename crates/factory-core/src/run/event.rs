//! What happened in a repository's stream.

use serde::{Deserialize, Serialize};

use super::outcome::{CheckResult, Collected, Landing, Outcome, StoryResult};
use super::plan::{End, Plan, Subject};
use super::task::TaskSpec;
use crate::claim::Claim;
use crate::clock::Timestamp;
use crate::id::{Epoch, ObjectId, RunId, TaskId};

/// A fact of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEvent {
    /// The run that it belongs to.
    pub run_id: RunId,
    /// What happened.
    pub event: Event,
}

/// What happened to a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The run began.
    Started {
        /// What it works on.
        subject: Subject,
        /// What it was started with.
        plan: Plan,
    },
    /// Tasks were added to the graph.
    TasksAdded {
        /// Place of the first of them in the order of adding, from 0.
        first: u64,
        /// The tasks, oldest first.
        tasks: Vec<TaskSpec>,
    },
    /// Something happened to a task.
    Task {
        /// Which one.
        task_id: TaskId,
        /// What.
        event: TaskEvent,
    },
    /// Tasks will never be started any more.
    TasksSkipped {
        /// Which, and why.
        tasks: Vec<SkippedTask>,
    },
    /// The checks that a task asked for were run.
    Verified {
        /// The commit that was checked.
        commit: Option<ObjectId>,
        /// In the order in which they were asked for.
        checks: Vec<CheckResult>,
    },
    /// Stories ended.
    StoriesSettled {
        /// Those that ended now.
        stories: Vec<StoryResult>,
        /// Stories of the run that are built by now, these included.
        built_count: u64,
        /// Stories of the run that have ended by now, these included.
        settled_count: u64,
    },
    /// The run ended.
    Finished {
        /// How.
        end: End,
        /// Why, when it did not end well.
        reason: Option<String>,
    },
}

/// What happened to a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TaskEvent {
    /// An attempt was started.
    AttemptStarted {
        /// The attempt's fencing number.
        epoch: Epoch,
        /// The commit that it starts from.
        base: Option<ObjectId>,
        /// Its lease ends then.
        lease_until: Timestamp,
        /// What it was granted.
        claims: Vec<Claim>,
    },
    /// An attempt was granted more while it worked.
    ClaimsExtended {
        /// The attempt.
        epoch: Epoch,
        /// What it holds beyond its first grant.
        claims: Vec<Claim>,
    },
    /// An attempt failed by itself.
    AttemptFailed {
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
        /// When it is tried again; never, if absent: the task has failed.
        retry_at: Option<Timestamp>,
    },
    /// An attempt ended without a result of its own: its lease ran out or its driver died.
    AttemptLost {
        /// The attempt.
        epoch: Epoch,
        /// Why.
        reason: String,
    },
    /// A result came from an attempt whose lease had been given away; it was not taken.
    ResultRejected {
        /// The attempt that handed it in.
        epoch: Epoch,
        /// Why it was not taken.
        reason: String,
    },
    /// An attempt did its work; a change, if there is one, joins the merge queue.
    AttemptSucceeded {
        /// The attempt.
        epoch: Epoch,
        /// What it yielded.
        outcome: Outcome,
        /// What it changed in the repository.
        collected: Option<Collected>,
    },
    /// A change did not fit the newest head; the task is done again on it.
    MergeConflicted {
        /// The attempt.
        epoch: Epoch,
        /// Where and why.
        reason: String,
    },
    /// A change is about to be published; written before the branch moves.
    MergeIntended {
        /// The attempt.
        epoch: Epoch,
        /// What is to be published.
        landing: Landing,
    },
    /// An intent was dropped: the branch had moved, or had not been moved when the driver came back.
    MergeDropped {
        /// The attempt.
        epoch: Epoch,
    },
    /// A change is on the target branch.
    Landed {
        /// The attempt.
        epoch: Epoch,
        /// What was published.
        landing: Landing,
    },
    /// The task waits for its gate.
    GateReached {
        /// The round of the gate.
        round: u32,
    },
    /// The gate was passed.
    GatePassed,
    /// The gate was answered with a question: the task is done again.
    GateAsked {
        /// The question.
        comment: String,
    },
}

/// A task that will never be started any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedTask {
    /// Which one.
    pub task_id: TaskId,
    /// Why.
    pub reason: String,
    /// Its attempt that was in progress and is ended, if there was one.
    pub cancelled: Option<Epoch>,
}

impl Event {
    /// What happened to the task of that name.
    pub fn task(task_id: TaskId, event: TaskEvent) -> Self {
        Self::Task { task_id, event }
    }
}
