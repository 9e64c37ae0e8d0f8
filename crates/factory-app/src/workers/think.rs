//! The thinking phases: authors in their order of preference write artifacts.
//!
//! The order is model over its API, agent CLI, rules. This version has the last of them only, and every
//! artifact says so in its provenance.

use factory_author::Artifact;
use factory_core::run::{Outcome, Phase};
use factory_engine::worker::{Assignment, Report, WorkError};
use factory_spec::blueprint::Blueprint;
use factory_spec::brief::Brief;

use super::FactoryWorker;

/// File name of the blueprint among the artifacts.
pub(super) const BLUEPRINT: &str = "blueprint.json";

/// What one phase yields: a page for people, a document for machines, and one line for the progress.
struct Written {
    page: String,
    file: String,
    document: String,
    note: String,
}

impl FactoryWorker {
    pub(super) async fn think(
        &self,
        assignment: &Assignment,
        phase: Phase,
    ) -> Result<Report, WorkError> {
        let brief = self.brief(&assignment.plan).await?;
        let comment = assignment.comment.as_deref();
        let written = match phase {
            Phase::MarketResearch => {
                of_artifact(phase, &factory_author::market_research(&brief, comment))
            }
            Phase::FounderAnalysis => {
                of_artifact(phase, &factory_author::founder_analysis(&brief, comment))
            }
            Phase::MvpSpecification => specification(&brief, comment),
            Phase::ArchitectureDesign => {
                let blueprint = self.blueprint(assignment).await?;
                let template = &assignment.plan.template;
                of_artifact(
                    phase,
                    &factory_author::architecture_design(&brief, &blueprint, template, comment),
                )
            }
            Phase::Scaffold | Phase::Build | Phase::Verify | Phase::Deploy => {
                return Err(WorkError::Hopeless(format!(
                    "`{}` is no thinking phase",
                    phase.as_str()
                )));
            }
        };
        let page = self.keep(written.page.into_bytes(), "an artifact").await?;
        let document = self
            .keep(written.document.into_bytes(), "an artifact")
            .await?;
        let artifacts = vec![
            (format!("{}.md", phase.as_str()), page),
            (written.file, document),
        ];
        let outcome = Outcome {
            artifacts,
            note: Some(written.note),
            provenance: Some("rules".to_owned()),
            ..Outcome::default()
        };
        Ok(Report {
            outcome,
            grown: Vec::new(),
        })
    }
}

fn of_artifact(phase: Phase, artifact: &Artifact) -> Written {
    let document = serde_json::to_string_pretty(&artifact.value).unwrap_or_default() + "\n";
    let open = artifact.questions.len();
    Written {
        page: artifact.markdown.clone(),
        file: format!("{}.json", phase.as_str()),
        document,
        note: format!("by rules, {open} questions left open"),
    }
}

fn specification(brief: &Brief, comment: Option<&str>) -> Written {
    let specification = factory_author::mvp_specification(brief, comment);
    let blueprint: &Blueprint = &specification.blueprint;
    let note = format!(
        "by rules: {} entities, {} stories, {} assumptions",
        blueprint.entities.len(),
        blueprint.stories.len(),
        blueprint.assumptions.len()
    );
    Written {
        page: specification.artifact.markdown,
        file: BLUEPRINT.to_owned(),
        document: blueprint.to_json(),
        note,
    }
}
