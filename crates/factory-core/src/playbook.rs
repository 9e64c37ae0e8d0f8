//! The recipe of phases: which there are, in which order, and which of them a gate follows.

use serde::{Deserialize, Serialize};

use crate::id::TaskId;
use crate::run::{Phase, TaskSpec, Work};

/// An ordered list of phases. Data, versioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Schema version of this format.
    pub schema_version: u16,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Its phases, in order.
    pub phases: Vec<PhasePlan>,
}

/// One phase of a playbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhasePlan {
    /// Which one.
    pub phase: Phase,
    /// The gate after it.
    pub gate: Option<String>,
}

impl Playbook {
    /// The default: from the brief to a verified product, with four gates.
    pub fn mvp() -> Self {
        let phase = |phase, gate: Option<&str>| PhasePlan {
            phase,
            gate: gate.map(str::to_owned),
        };
        Self {
            schema_version: 1,
            name: "mvp".to_owned(),
            version: 1,
            phases: vec![
                phase(Phase::MarketResearch, Some("niche_validation")),
                phase(Phase::FounderAnalysis, None),
                phase(Phase::MvpSpecification, Some("problem_solution_fit")),
                phase(Phase::ArchitectureDesign, Some("architecture_review")),
                phase(Phase::Scaffold, None),
                phase(Phase::Build, None),
                phase(Phase::Verify, Some("release_readiness")),
                phase(Phase::Deploy, None),
            ],
        }
    }

    /// Name and version, as runs record them.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// The gate after a phase.
    pub fn gate_of(&self, phase: Phase) -> Option<String> {
        self.phases
            .iter()
            .find(|plan| plan.phase == phase)
            .and_then(|plan| plan.gate.clone())
    }

    /// The first tasks of a run: all phases up to the one that grows the graph. Thinking phases are left out
    /// when a blueprint is given. Each may be tried `attempts_max` times.
    pub fn first_tasks(&self, blueprint_given: bool, attempts_max: u32) -> Vec<TaskSpec> {
        let mut tasks: Vec<TaskSpec> = Vec::new();
        for plan in &self.phases {
            let (id, title, work) = match plan.phase {
                Phase::Scaffold => ("scaffold", "Render the template", Work::Scaffold),
                Phase::Build => ("build", "Plan the slices", Work::Plan),
                Phase::Verify | Phase::Deploy => continue,
                _ if blueprint_given => continue,
                thinking => (
                    thinking.as_str(),
                    title_of(thinking),
                    Work::Think { phase: thinking },
                ),
            };
            tasks.push(TaskSpec {
                id: TaskId::new(id),
                title: title.to_owned(),
                work,
                needs: tasks
                    .last()
                    .map(|before| before.id.clone())
                    .into_iter()
                    .collect(),
                claims: Vec::new(),
                gate: plan.gate.clone(),
                story: None,
                attempts_max,
                timeout_s: 300,
            });
        }
        tasks
    }
}

fn title_of(phase: Phase) -> &'static str {
    match phase {
        Phase::MarketResearch => "Research the market",
        Phase::FounderAnalysis => "Analyse the founder's fit",
        Phase::MvpSpecification => "Specify the product",
        Phase::ArchitectureDesign => "Design the architecture",
        Phase::Scaffold => "Render the template",
        Phase::Build => "Build",
        Phase::Verify => "Verify",
        Phase::Deploy => "Deploy",
    }
}

/// What a gate of the default playbook asks.
pub fn question(gate: &str) -> &'static str {
    match gate {
        "niche_validation" => "Is this a problem that these people have, and worth building for?",
        "problem_solution_fit" => "Does this specification solve the problem, and nothing else?",
        "architecture_review" => "Shall it be built this way?",
        "release_readiness" => "Every check has passed. Shall it be released?",
        _ => "Shall it go on?",
    }
}
