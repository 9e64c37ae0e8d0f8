//! A node of the task graph: what it is, where it stands, and what came of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::claim::Claim;
use crate::clock::Timestamp;
use crate::id::{BlobId, Epoch, ObjectId, TaskId};

/// A task as it is put into the graph. It never changes afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Its name, unique within the run.
    pub id: TaskId,
    /// What a person reads, as in `Slice Invoice`.
    pub title: String,
    /// What is to be done.
    pub work: Work,
    /// Tasks that must be done before: landed, if they change the repository.
    pub needs: Vec<TaskId>,
    /// What it wishes to hold while it works.
    pub claims: Vec<Claim>,
    /// The gate that judges its result, if one does: name and question.
    pub gate: Option<String>,
    /// The story that it builds: its id and text. However the task ends, the story is settled.
    pub story: Option<(String, String)>,
    /// Times it may be tried before it has failed for good; at least 1.
    pub attempts_max: u32,
    /// Wall clock of one attempt, in seconds.
    pub timeout_s: u64,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Work {
    /// A thinking phase: its author writes artifacts.
    Think {
        /// Which one.
        phase: Phase,
    },
    /// Renders the template: the first commit.
    Scaffold,
    /// Grows the graph by the template's slices.
    Plan,
    /// Renders one slice.
    Slice {
        /// The slice's name in the template.
        slice: String,
        /// The entity's name or the story's id; nothing for a slice of the product.
        subject: Option<String>,
    },
    /// Writes down in the product what was built and what was not.
    Record,
    /// Runs the template's checks on the target branch.
    Verify,
    /// Ships the product.
    Deploy,
    /// Runs a command in the staging area.
    Command {
        /// Program and arguments.
        run: Vec<String>,
    },
}

/// The phases of the default playbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Who has the problem, and what is not known about them.
    MarketResearch,
    /// Whether this founder can build and sell it.
    FounderAnalysis,
    /// The blueprint.
    MvpSpecification,
    /// How it is built.
    ArchitectureDesign,
    /// The template is rendered.
    Scaffold,
    /// Slices and stories.
    Build,
    /// Checks on the finished product.
    Verify,
    /// Shipping.
    Deploy,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::MarketResearch,
        Self::FounderAnalysis,
        Self::MvpSpecification,
        Self::ArchitectureDesign,
        Self::Scaffold,
        Self::Build,
        Self::Verify,
        Self::Deploy,
    ];

    /// The word for it in playbooks, files and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MarketResearch => "market_research",
            Self::FounderAnalysis => "founder_analysis",
            Self::MvpSpecification => "mvp_specification",
            Self::ArchitectureDesign => "architecture_design",
            Self::Scaffold => "scaffold",
            Self::Build => "build",
            Self::Verify => "verify",
            Self::Deploy => "deploy",
        }
    }
}

impl Work {
    /// The phase it belongs to.
    pub fn phase(&self) -> Phase {
        match self {
            Self::Think { phase } => *phase,
            Self::Scaffold => Phase::Scaffold,
            Self::Plan | Self::Slice { .. } | Self::Record | Self::Command { .. } => Phase::Build,
            Self::Verify => Phase::Verify,
            Self::Deploy => Phase::Deploy,
        }
    }

    /// Whether it changes the repository: then it works in a staging area and its change must land.
    pub fn changes_repository(&self) -> bool {
        match self {
            Self::Scaffold | Self::Slice { .. } | Self::Record | Self::Command { .. } => true,
            Self::Think { .. } | Self::Plan | Self::Verify | Self::Deploy => false,
        }
    }

    /// Whether doing it again on a newer base gives the same change, so that a conflict needs no agent.
    pub fn is_rendered(&self) -> bool {
        matches!(self, Self::Scaffold | Self::Slice { .. } | Self::Record)
    }
}

/// A task and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What it is.
    pub spec: TaskSpec,
    /// Where it stands.
    pub state: State,
    /// Its fencing number: grows with every attempt.
    pub epoch: Epoch,
    /// Attempts that counted: those that failed by themselves, not those that were lost with a driver.
    pub failures: u32,
    /// How often its change did not fit the head, so that it was done again on a newer base.
    pub conflicts: u32,
    /// Place in the order of adding, from 0: the older one goes first.
    pub age: u64,
    /// The commit that its newest attempt started from.
    pub base: Option<ObjectId>,
    /// Round of its gate, from 1; grows with each question.
    pub round: u32,
    /// The question that its repeated attempt answers.
    pub comment: Option<String>,
    /// What its newest successful attempt yielded.
    pub outcome: Option<Outcome>,
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum State {
    /// Its needs are not met, or its claims are busy, or it waits for its next try.
    Pending {
        /// Not before this time.
        not_before: Option<Timestamp>,
    },
    /// An attempt is under way.
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
    /// Done; landed, if it changes the repository.
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

impl State {
    /// The word for it in tables.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Running { .. } => "running",
            Self::Merging { .. } => "merging",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed { .. } => "failed",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// Whether it will never change again.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Done | Self::Failed { .. } | Self::Skipped { .. }
        )
    }
}

/// What an attempt changed in its staging area, as a tree in the repository's object database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collected {
    /// The commit that the attempt started from.
    pub base: Option<ObjectId>,
    /// The whole tree after the change.
    pub tree: ObjectId,
    /// Changed paths, sorted.
    pub paths: Vec<String>,
}

/// A change as it goes to the target branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// Head of the target branch before; nothing for the first commit.
    pub old_head: Option<ObjectId>,
    /// The commit to publish; equal to `old_head` for an empty change.
    pub commit: Option<ObjectId>,
    /// Whether it counts in the merge ratio: the base was behind and both sides changed a common path.
    pub merge: bool,
    /// How conflicts were settled, rung by rung; empty for a clean merge.
    pub rungs: Vec<String>,
}

/// What a successful attempt yielded beside its change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Artifacts: file name and content.
    pub artifacts: Vec<(String, BlobId)>,
    /// Results of checks, from a verification.
    pub checks: Vec<CheckResult>,
    /// How stories ended.
    pub stories: Vec<StoryResult>,
    /// One line for people: what was done, or why nothing was.
    pub note: Option<String>,
    /// Who did it: `rules`, `api`, `cli`, `replay`.
    pub provenance: Option<String>,
}

/// The checks of a product, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// Dependencies are installed.
    Install,
    /// Style and formatting.
    Lint,
    /// Types.
    Types,
    /// Its own tests.
    Tests,
    /// How much of it the tests reach.
    Coverage,
    /// It builds and its migrations fit.
    Build,
}

impl CheckName {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::Install,
        Self::Lint,
        Self::Types,
        Self::Tests,
        Self::Coverage,
        Self::Build,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Lint => "lint",
            Self::Types => "types",
            Self::Tests => "tests",
            Self::Coverage => "coverage",
            Self::Build => "build",
        }
    }
}

impl std::fmt::Display for CheckName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Which check.
    pub check: CheckName,
    /// What came of it.
    pub result: CheckState,
    /// One line: what it measured, why it failed, or why it was not run.
    pub detail: String,
    /// Its log.
    pub log: Option<BlobId>,
    /// How long it took.
    pub took: Duration,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// It was run and passed.
    Passed,
    /// It was run and failed.
    Failed,
    /// It was not run; the detail says why.
    NotRun,
}

impl CheckState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotRun => "not_run",
        }
    }
}

/// How one story ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryResult {
    /// Its id in the blueprint.
    pub story: String,
    /// Its text.
    pub text: String,
    /// How it ended.
    pub state: StoryState,
}

/// How a story ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StoryState {
    /// Built by a slice of the template.
    ByRule,
    /// Built by an agent.
    ByAgent,
    /// Not built.
    NotBuilt {
        /// Why.
        why: String,
    },
}
