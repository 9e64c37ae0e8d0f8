//! The thinking phases: authors in their order of preference write artifacts.
//!
//! The order is model over its API, agent CLI, rules. This version has the last of them only, and every
//! artifact says so in its provenance.

use factory_author::Artifact;
use factory_core::run::{ArtifactRef, Author, Outcome};
use factory_engine::worker::{Report, WorkError};
use factory_spec::blueprint::Blueprint;
use factory_spec::brief::Brief;

use super::product::{BLUEPRINT, Job};
use super::worker::FactoryWorker;
use crate::quantity::counted;

/// What one phase yields: a page for people, a document for machines, and one line for the progress.
struct Written {
    page: String,
    file: String,
    document: String,
    note: String,
}

impl FactoryWorker {
    pub(super) async fn think(&self, job: &Job<'_>, phase: &str) -> Result<Report, WorkError> {
        let brief = self.brief(job).await?;
        let comment = job.assignment.comment.as_deref();
        let written = match phase {
            "market_research" => {
                of_artifact(phase, &factory_author::market_research(&brief, comment))
            }
            "founder_analysis" => {
                of_artifact(phase, &factory_author::founder_analysis(&brief, comment))
            }
            "mvp_specification" => specification(&brief, comment),
            "architecture_design" => {
                let blueprint = self.blueprint(job).await?;
                let template = &job.input.template;
                of_artifact(
                    phase,
                    &factory_author::architecture_design(&brief, &blueprint, template, comment),
                )
            }
            _ => {
                let problem = format!("no author writes the phase `{phase}`");
                return Err(WorkError::Permanent(problem));
            }
        };
        let page = written.page.into_bytes();
        let document = written.document.into_bytes();
        let artifacts = vec![
            ArtifactRef {
                file: format!("{phase}.md"),
                blob: self.keep(page, "an artifact").await?,
            },
            ArtifactRef {
                file: written.file,
                blob: self.keep(document, "an artifact").await?,
            },
        ];
        let outcome = Outcome {
            artifacts,
            note: Some(written.note),
            author: Some(Author::Rules),
            ..Outcome::default()
        };
        Ok(Report {
            outcome,
            ..Report::default()
        })
    }
}

fn of_artifact(phase: &str, artifact: &Artifact) -> Written {
    let document = serde_json::to_string_pretty(&artifact.value).unwrap_or_default() + "\n";
    let open = artifact.questions.len();
    Written {
        page: artifact.markdown.clone(),
        file: format!("{phase}.json"),
        document,
        note: format!("by rules, {} left open", counted(open as u64, "question")),
    }
}

fn specification(brief: &Brief, comment: Option<&str>) -> Written {
    let specification = factory_author::mvp_specification(brief, comment);
    let blueprint: &Blueprint = &specification.blueprint;
    let note = format!(
        "by rules: {}, {}, {}",
        counted(blueprint.entities.len() as u64, "entity"),
        counted(blueprint.stories.len() as u64, "story"),
        counted(blueprint.assumptions.len() as u64, "assumption")
    );
    Written {
        page: specification.artifact.markdown,
        file: BLUEPRINT.to_owned(),
        document: blueprint.to_json(),
        note,
    }
}
