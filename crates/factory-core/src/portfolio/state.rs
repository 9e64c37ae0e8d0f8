//! What the portfolio knows: its startups and its gates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Allocation;
use crate::id::{BlobId, GateId, Slug};
use crate::process::ProcessIdentity;
use crate::resources::{Budget, Resources};
use crate::run::Plan;

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
    pub plan: Plan,
    /// Number of runs so far.
    pub runs: u64,
}

/// The stage of a startup's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for an allocation.
    Queued,
    /// A run is in progress.
    Building,
    /// Every check of its product passed.
    Verified,
    /// Built, but at least one check failed or was not run.
    Unverified,
    /// The run failed.
    Failed,
    /// A person ended it at a gate.
    Rejected,
    /// A person cancelled it.
    Cancelled,
}

impl State {
    /// The word for it in every table and document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Building => "building",
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it has a product that can be started.
    pub fn is_built(self) -> bool {
        matches!(self, Self::Verified | Self::Unverified)
    }

    /// Whether no run is in progress or wanted.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Building)
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
    /// The artifacts to decide on: file name and content.
    pub artifacts: Vec<(String, BlobId)>,
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

/// What may be decided at a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Continue the run.
    Approve,
    /// Repeat the phase with the comment.
    Ask,
    /// End the run.
    Reject,
}

impl Verdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Ask => "ask",
            Self::Reject => "reject",
        }
    }
}
