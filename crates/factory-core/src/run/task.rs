//! A node of the task graph: what it is and what state it is in.

use serde::{Deserialize, Serialize};

use super::outcome::{CheckName, CheckResult, CheckState, Collected, Landing, Outcome, StoryRef};
use super::payload::Payload;
use crate::claim::Claim;
use crate::clock::Timestamp;
use crate::id::{Epoch, ObjectId, TaskId};
use crate::words;

/// A task as it is put into the graph. It never changes afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Unique within the run.
    pub id: TaskId,
    /// What a person reads, as in `Slice Invoice`.
    pub title: String,
    /// The phase of the playbook that screens show it under.
    pub phase: String,
    /// What is to be done; only its worker reads it.
    pub work: Payload,
    /// Tasks that must be done before: landed, if they land, and with their checks passed, if they ask for checks.
    pub needs: Vec<TaskId>,
    /// Files that it asks to hold while it works.
    pub claims: Vec<Claim>,
    /// Whether it changes the repository: then it is done only when its change is on the target branch.
    pub lands: bool,
    /// Whether it works in a checkout of its base. A task that lands without one hands its change in as data.
    pub needs_area: bool,
    /// What happens when its change does not fit the newest head.
    pub on_conflict: OnConflict,
    /// How much of the machine it uses.
    pub weight: Weight,
    /// Checks whose results it must yield; unless all pass, what needs it is not done and the run ends unverified.
    pub checks: Vec<CheckName>,
    /// The gate that judges its result.
    pub gate: Option<GateSpec>,
    /// The story that it builds. A story with several tasks is built when all of them have landed.
    pub story: Option<StoryRef>,
    /// Times that it may be tried before it has failed for good; at least 1.
    pub attempts_max: u32,
    /// Wall clock of one attempt, in seconds.
    pub timeout_s: u64,
}

/// A gate as a task asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateSpec {
    /// Its name, as in `niche_validation`.
    pub name: String,
    /// What is to be decided.
    pub question: String,
}

words! {
    /// What happens to a change that does not fit the newest head.
    pub enum OnConflict {
        /// The task is done again on it; the same work gives a change that fits.
        Redo = "redo",
        /// The task fails.
        Fail = "fail",
    }
}

words! {
    /// Kinds of work that use the machine differently.
    pub enum Weight {
        /// Rendering, thinking by rule.
        Light = "light",
        /// Installs, compilers, test suites, agents.
        Heavy = "heavy",
    }
}

impl TaskSpec {
    /// A light task that changes nothing, needs nothing and is tried once, for at most ten minutes.
    pub fn new(
        id: TaskId,
        title: impl Into<String>,
        phase: impl Into<String>,
        work: Payload,
    ) -> Self {
        Self {
            id,
            title: title.into(),
            phase: phase.into(),
            work,
            needs: Vec::new(),
            claims: Vec::new(),
            lands: false,
            needs_area: false,
            on_conflict: OnConflict::Fail,
            weight: Weight::Light,
            checks: Vec::new(),
            gate: None,
            story: None,
            attempts_max: 1,
            timeout_s: 600,
        }
    }

    /// What the task asks to hold: no claims at all means `edit: ["**"]`, for a task that lands.
    pub fn claims_or_all(&self) -> Vec<Claim> {
        if self.claims.is_empty() && self.lands {
            vec![Claim::everything()]
        } else {
            self.claims.clone()
        }
    }
}

/// A task and its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// As it was added.
    pub spec: TaskSpec,
    /// Its state.
    pub state: State,
    /// Its fencing number: grows with every attempt.
    pub epoch: Epoch,
    /// Attempts that failed by themselves; those that were lost with a driver do not count.
    pub failures: u32,
    /// How often its change did not fit the head, so that it was done again on a newer base.
    pub conflicts: u32,
    /// Place in the order of adding, from 0: the older one goes first.
    pub age: u64,
    /// The commit that its newest attempt started from.
    pub base: Option<ObjectId>,
    /// What its newest attempt was granted, extensions included; empty when it holds nothing.
    pub granted: Vec<Claim>,
    /// Round of its gate, from 1; grows with each question.
    pub round: u32,
    /// The question that its repeated attempt answers.
    pub comment: Option<String>,
    /// What its newest successful attempt yielded.
    pub outcome: Option<Outcome>,
}

/// The state of a task.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Its needs are not met, its claims are busy, or it waits for its next try.
    Pending {
        /// Not before this time.
        not_before: Option<Timestamp>,
    },
    /// An attempt is in progress.
    Running {
        /// The lease ends then.
        lease_until: Timestamp,
    },
    /// Its change waits to be merged.
    Merging {
        /// What it changed.
        collected: Collected,
        /// The commit that is about to be published.
        intent: Option<Landing>,
    },
    /// Its gate is open.
    Waiting,
    /// Done; landed, if it lands.
    Done,
    /// Failed for good.
    Failed {
        /// Why.
        reason: String,
    },
    /// Never started, because something it needs failed or the run ended.
    Skipped {
        /// Why.
        reason: String,
    },
}

words! {
    /// The state of a task, in one word.
    pub enum TaskState {
        /// Its needs are not met, its claims are busy, or it waits for its next try.
        Pending = "pending",
        /// An attempt is in progress.
        Running = "running",
        /// Its change waits to be merged.
        Merging = "merging",
        /// Its gate is open.
        Waiting = "waiting",
        /// Done; landed, if it lands.
        Done = "done",
        /// Failed for good.
        Failed = "failed",
        /// Never started.
        Skipped = "skipped",
    }
}

impl TaskState {
    /// Whether it will never change again.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Skipped)
    }
}

impl State {
    /// The state without its data.
    pub const fn word(&self) -> TaskState {
        match self {
            Self::Pending { .. } => TaskState::Pending,
            Self::Running { .. } => TaskState::Running,
            Self::Merging { .. } => TaskState::Merging,
            Self::Waiting => TaskState::Waiting,
            Self::Done => TaskState::Done,
            Self::Failed { .. } => TaskState::Failed,
            Self::Skipped { .. } => TaskState::Skipped,
        }
    }

    /// Whether it will never change again.
    pub const fn is_final(&self) -> bool {
        self.word().is_final()
    }
}

impl Task {
    /// A task that was just added.
    pub(super) fn new(spec: TaskSpec, age: u64) -> Self {
        Self {
            spec,
            state: State::Pending { not_before: None },
            epoch: Epoch(0),
            failures: 0,
            conflicts: 0,
            age,
            base: None,
            granted: Vec::new(),
            round: 1,
            comment: None,
            outcome: None,
        }
    }

    /// Whether what needs it may start: it is done, and every check that it asked for passed.
    pub fn is_met(&self) -> bool {
        self.state == State::Done && self.red_check().is_none()
    }

    /// The first check that it asked for and that did not pass; nothing before it has an outcome.
    pub(super) fn red_check(&self) -> Option<RedCheck<'_>> {
        let results = &self.outcome.as_ref()?.checks;
        first_red(&self.spec.checks, results)
    }
}

/// A check that did not pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RedCheck<'a> {
    /// There is a result, and it is not `passed`.
    Result(&'a CheckResult),
    /// The worker said nothing about it.
    Missing(&'a CheckName),
}

/// The first of the wanted checks that did not pass.
pub(super) fn first_red<'a>(
    wanted: &'a [CheckName],
    results: &'a [CheckResult],
) -> Option<RedCheck<'a>> {
    wanted.iter().find_map(
        |name| match results.iter().find(|result| result.check == *name) {
            Some(result) if result.result == CheckState::Passed => None,
            Some(result) => Some(RedCheck::Result(result)),
            None => Some(RedCheck::Missing(name)),
        },
    )
}

impl std::fmt::Display for RedCheck<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Result(check) => {
                write!(f, "{} {}: {}", check.check, check.result, check.detail)
            }
            Self::Missing(name) => write!(f, "{name} not_run: its worker reported no result"),
        }
    }
}
