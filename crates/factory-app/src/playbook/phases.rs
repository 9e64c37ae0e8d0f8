//! Playbooks as data.

use factory_core::run::{CheckName, GateSpec};
use factory_templates::manifest::CHECKS;
use serde::{Deserialize, Serialize};

/// An ordered list of phases. Data, versioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Schema version of this format.
    pub schema_version: u16,
    /// What it is asked for by.
    pub name: String,
    /// Grows with every change of the phases.
    pub version: u32,
    /// In the order in which they are done.
    pub phases: Vec<PhasePlan>,
}

/// One phase of a playbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhasePlan {
    /// Its name, as in `market_research`; the files that it writes carry it.
    pub name: String,
    /// What a person reads, as in `Research the market`.
    pub title: String,
    /// What is done in it.
    pub kind: PhaseKind,
    /// The gate after it.
    pub gate: Option<GateSpec>,
}

/// What is done in a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum PhaseKind {
    /// An author writes artifacts. Left out when a blueprint is given.
    Think,
    /// The template is rendered.
    Scaffold,
    /// The template's slices are planned and added to the graph.
    Build,
    /// The product is checked.
    Verify {
        /// All of them must pass for the product to be verified.
        checks: Vec<CheckName>,
    },
    /// The product is shipped.
    Deploy,
}

impl Playbook {
    /// The default: from the brief to a verified product, with four human approval gates.
    pub fn mvp() -> Self {
        let phase = |name: &str, title: &str, kind, gate: Option<(&str, &str)>| PhasePlan {
            name: name.to_owned(),
            title: title.to_owned(),
            kind,
            gate: gate.map(|(name, question)| GateSpec {
                name: name.to_owned(),
                question: question.to_owned(),
            }),
        };
        let checks = CHECKS.map(CheckName::new).to_vec();
        Self {
            schema_version: 1,
            name: "mvp".to_owned(),
            version: 1,
            phases: vec![
                phase(
                    "market_research",
                    "Research the market",
                    PhaseKind::Think,
                    Some((
                        "niche_validation",
                        "Do these people have this problem, and is it worth building for?",
                    )),
                ),
                phase(
                    "founder_analysis",
                    "Analyse the founder's fit",
                    PhaseKind::Think,
                    None,
                ),
                phase(
                    "mvp_specification",
                    "Specify the product",
                    PhaseKind::Think,
                    Some((
                        "problem_solution_fit",
                        "Does this specification solve the problem, and nothing else?",
                    )),
                ),
                phase(
                    "architecture_design",
                    "Design the architecture",
                    PhaseKind::Think,
                    Some(("architecture_review", "Should it be built this way?")),
                ),
                phase("scaffold", "Render the template", PhaseKind::Scaffold, None),
                phase("build", "Plan the slices", PhaseKind::Build, None),
                phase(
                    "verify",
                    "Verify the product",
                    PhaseKind::Verify { checks },
                    Some(("release_readiness", "Every check has passed. Release it?")),
                ),
                phase("deploy", "Ship the product", PhaseKind::Deploy, None),
            ],
        }
    }

    /// Whether a question at this gate changes what is done again: an author answers it, a machine does not.
    pub fn takes_questions(&self, gate: &str) -> bool {
        self.kind_before(gate) == Some(&PhaseKind::Think)
    }

    /// Whether the product is verified when this gate opens.
    pub fn judges_product(&self, gate: &str) -> bool {
        matches!(self.kind_before(gate), Some(PhaseKind::Verify { .. }))
    }

    /// What was done in the phase that a gate judges.
    fn kind_before(&self, gate: &str) -> Option<&PhaseKind> {
        let at_gate = |phase: &&PhasePlan| phase.gate.as_ref().is_some_and(|at| at.name == gate);
        self.phases.iter().find(at_gate).map(|phase| &phase.kind)
    }

    /// Name and version, as runs record them.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}
