//! What a run is about: its subject, its target branch, who decides its gates, and how it ended.

use serde::{Deserialize, Serialize};

use super::payload::Payload;
use super::target::Target;
use crate::id::Slug;
use crate::words;

/// What a run works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Subject {
    /// A startup of the portfolio, which is told when the run begins and ends.
    Startup {
        /// The startup.
        slug: Slug,
    },
    /// A repository on its own; no startup is involved.
    Repository {
        /// The name that its runs and its stream carry.
        name: Slug,
    },
}

impl Subject {
    /// The name that its runs and its stream carry.
    pub fn name(&self) -> &Slug {
        match self {
            Self::Startup { slug: name } | Self::Repository { name } => name,
        }
    }
}

/// What a run is started with. Nothing in it is about products: those who perform the tasks read that from `input`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Name and version of the recipe that the tasks come from, as in `mvp@1`.
    pub playbook: String,
    /// Where changes land.
    pub target: Target,
    /// Who decides gates.
    pub gates: GatePolicy,
    /// What the workers of all its tasks share.
    pub input: Payload,
}

/// Who decides gates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GatePolicy {
    /// A person.
    Person,
    /// Every gate is approved at once by this recorded policy.
    Approve {
        /// Its name, as in `demo` or `--auto-approve`.
        policy: String,
    },
}

words! {
    /// How a run ended.
    pub enum End {
        /// Every check that its tasks asked for passed.
        Verified = "verified",
        /// Everything was done, but a check failed, was not run, or none was asked for.
        Unverified = "unverified",
        /// A task failed for good.
        Failed = "failed",
        /// A gate was answered with `reject`.
        Rejected = "rejected",
        /// A person cancelled it.
        Cancelled = "cancelled",
    }
}
