//! What a startup is built from and by which rules: the portfolio keeps it until a run begins.

use serde::{Deserialize, Serialize};

use crate::id::BlobId;
use crate::run::GatePolicy;

/// What the next or newest run of a startup is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildPlan {
    /// The brief, as canonical JSON.
    pub brief: BlobId,
    /// The blueprint to build, when no author is to write one.
    pub blueprint: Option<BlobId>,
    /// The template that builds it.
    pub template: String,
    /// Name and version of the playbook, as in `mvp@1`.
    pub playbook: String,
    /// Who decides gates.
    pub gates: GatePolicy,
    /// Times that a task may be tried before it has failed; at least 1.
    pub attempts_max: u32,
}
