//! What the portfolio knows: its startups and its gates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Allocation, BuildPlan};
use crate::id::{GateId, RunId, Slug};
use crate::process::ProcessIdentity;
use crate::resources::{Budget, Resources};
use crate::run::{ArtifactRef, End};
use crate::words;

/// Everything the portfolio knows of its startups.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portfolio {
    /// Startups by slug.
    pub startups: BTreeMap<Slug, Startup>,
    /// Startups that wait for an allocation, oldest first.
    pub queue: Vec<Slug>,
    /// Gates by id, decided ones included.
    pub gates: BTreeMap<GateId, Gate>,
}

/// One venture.
#[derive(Debug, Clone, PartialEq)]
pub struct Startup {
    /// Name as the founder writes it.
    pub name: String,
    /// Its stage.
    pub state: State,
    /// What its product needs.
    pub resources: Resources,
    /// What it may spend.
    pub budget: Budget,
    /// What it holds: for its run, and after that for its product.
    pub allocation: Option<Allocation>,
    /// Its product's process, as long as nobody has recorded its end.
    pub product: Option<Product>,
    /// Why it is still queued, as it was last recorded.
    pub waits_for: Option<String>,
    /// What its next or newest run is started with.
    pub plan: BuildPlan,
    /// Number of runs so far.
    pub runs: u64,
}

impl Startup {
    /// Its newest run; none before the first.
    pub fn newest_run(&self, slug: &Slug) -> Option<RunId> {
        (self.runs > 0).then(|| slug.run(self.runs))
    }

    /// The run that begins next.
    pub fn next_run(&self, slug: &Slug) -> RunId {
        slug.run(self.runs + 1)
    }
}

words! {
    /// The stage of a startup's life.
    pub enum State {
        /// Waits for an allocation.
        Queued = "queued",
        /// A run is in progress.
        Building = "building",
        /// Every check of its product passed.
        Verified = "verified",
        /// Built, but at least one check failed or was not run.
        Unverified = "unverified",
        /// The run failed.
        Failed = "failed",
        /// A person ended it at a gate.
        Rejected = "rejected",
        /// A person cancelled it.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Whether it has a product that can be started.
    pub const fn is_built(self) -> bool {
        matches!(self, Self::Verified | Self::Unverified)
    }

    /// Whether no run is in progress or wanted.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Building)
    }
}

impl From<End> for State {
    fn from(end: End) -> Self {
        match end {
            End::Verified => Self::Verified,
            End::Unverified => Self::Unverified,
            End::Failed => Self::Failed,
            End::Rejected => Self::Rejected,
            End::Cancelled => Self::Cancelled,
        }
    }
}

/// A product that was started. Its process outlives the driver that started it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The leader of its processes.
    pub process: ProcessIdentity,
    /// The ports that it was given, by the names that its template gives them.
    pub ports: BTreeMap<String, u16>,
    /// Where it answers; a product without ports answers nowhere.
    pub url: Option<String>,
    /// File that receives its output.
    pub log: String,
}

/// A check by a person, or by a recorded policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Its name in the playbook, as in `niche_validation`.
    pub name: String,
    /// The phase that it judges.
    pub phase: String,
    /// 1, then one more each time the phase was repeated after a question.
    pub round: u32,
    /// What is to be decided.
    pub question: String,
    /// What to decide on.
    pub artifacts: Vec<ArtifactRef>,
    /// The answer to this round, if it was given.
    pub decision: Option<Decision>,
}

/// The answer to a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided.
    pub verdict: Verdict,
    /// Who decided: a person's login, or `policy: …` with the policy's name.
    pub by: String,
    /// What they said; the question itself for [`Verdict::Ask`].
    pub comment: Option<String>,
}

words! {
    /// What may be decided at a gate.
    pub enum Verdict {
        /// Continue the run.
        Approve = "approve",
        /// Repeat the phase with the comment.
        Ask = "ask",
        /// End the run.
        Reject = "reject",
    }
}
