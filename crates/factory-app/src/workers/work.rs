//! What the tasks of this program's playbooks do, and what a run of a product is about. The engine stores both without
//! reading them.

use factory_core::id::BlobId;
use factory_core::portfolio::BuildPlan;
use factory_core::run::Payload;
use serde::{Deserialize, Serialize};

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Work {
    /// An author writes the artifacts of a thinking phase.
    Think {
        /// The phase's name in the playbook.
        phase: String,
    },
    /// Renders the template: the first commit.
    Scaffold,
    /// Adds the template's slices to the graph.
    Plan,
    /// Renders one slice.
    Slice {
        /// Its name in the template.
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
}

/// What the tasks of a product's run share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductInput {
    /// The brief, as canonical JSON.
    pub brief: BlobId,
    /// The blueprint to build, when no author is to write one.
    pub blueprint: Option<BlobId>,
    /// The template's name.
    pub template: String,
    /// Times that a task may be tried before it has failed.
    pub attempts_max: u32,
}

impl From<&Work> for Payload {
    fn from(work: &Work) -> Self {
        // Text and options only: always JSON.
        Self::of(work).unwrap_or(Self::none())
    }
}

impl From<&BuildPlan> for ProductInput {
    fn from(plan: &BuildPlan) -> Self {
        Self {
            brief: plan.brief.clone(),
            blueprint: plan.blueprint.clone(),
            template: plan.template.clone(),
            attempts_max: plan.attempts_max,
        }
    }
}

impl From<&ProductInput> for Payload {
    fn from(input: &ProductInput) -> Self {
        // Text, numbers and options only: always JSON.
        Self::of(input).unwrap_or(Self::none())
    }
}
