//! What all tasks of a product's run need: their input, the blueprint, the template, and its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use factory_core::id::BlobId;
use factory_core::run::{Author, Outcome, Plan, StoryRef};
use factory_engine::git::FileMode;
use factory_engine::staging::{BaseFiles, FileContent, TreeChange};
use factory_engine::worker::{Assignment, Report, WorkError};
use factory_spec::blueprint::Blueprint;
use factory_spec::brief::Brief;
use factory_spec::name::snake_case;
use factory_templates::{Template, Tree};
use serde_json::{Value, json};

use super::work::ProductInput;
use super::worker::FactoryWorker;
use crate::error::chain;

/// File name of the blueprint among the artifacts.
pub(super) const BLUEPRINT: &str = "blueprint.json";

/// Folder of the artifacts in a product.
pub(super) const ARTIFACTS: &str = "docs/factory";

/// An attempt with what its run is about.
#[derive(Debug)]
pub(super) struct Job<'a> {
    pub(super) assignment: &'a Assignment,
    pub(super) input: ProductInput,
}

impl<'a> Job<'a> {
    pub(super) fn of(assignment: &'a Assignment) -> Result<Self, WorkError> {
        let input = input(&assignment.plan)?;
        Ok(Self { assignment, input })
    }

    /// The checkout of a task that asked for one.
    pub(super) fn area(&self) -> Result<&'a Path, WorkError> {
        let area = self.assignment.area.as_deref();
        area.ok_or_else(|| WorkError::Permanent("the attempt has no staging area".to_owned()))
    }

    /// The files of the base, for a task that lands without a checkout.
    pub(super) fn files(&self) -> Result<Arc<dyn BaseFiles>, WorkError> {
        let files = self.assignment.files.clone();
        files.ok_or_else(|| WorkError::Permanent("the attempt cannot read its base".to_owned()))
    }

    /// The newest artifact of that name.
    fn artifact(&self, name: &str) -> Option<&'a BlobId> {
        let outcomes = self.assignment.outcomes.values();
        let mut all = outcomes.flat_map(|outcome| &outcome.artifacts);
        all.find(|artifact| artifact.file == name)
            .map(|artifact| &artifact.blob)
    }
}

/// What the run of a product is about.
pub(super) fn input(plan: &Plan) -> Result<ProductInput, WorkError> {
    plan.input
        .read()
        .map_err(|error| WorkError::Permanent(format!("read what the run is about: {error}")))
}

impl FactoryWorker {
    pub(super) async fn brief(&self, job: &Job<'_>) -> Result<Brief, WorkError> {
        let bytes = self.blob(&job.input.brief, "the brief").await?;
        serde_json::from_slice(&bytes)
            .map_err(|error| WorkError::Permanent(format!("read the brief: {error}")))
    }

    pub(super) async fn blueprint(&self, job: &Job<'_>) -> Result<Blueprint, WorkError> {
        let id = job.artifact(BLUEPRINT).or(job.input.blueprint.as_ref());
        let id =
            id.ok_or_else(|| WorkError::Permanent("no phase has written a blueprint".to_owned()))?;
        let bytes = self.blob(id, "the blueprint").await?;
        let text =
            String::from_utf8(bytes).map_err(|error| WorkError::Permanent(error.to_string()))?;
        Blueprint::parse(&text).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            WorkError::Permanent(format!(
                "the blueprint breaks its rules: {}",
                faults.join("; ")
            ))
        })
    }

    pub(super) fn template(&self, name: &str) -> Result<Arc<Template>, WorkError> {
        self.templates
            .open(name)
            .map_err(|error| WorkError::Permanent(error.to_string()))
    }
}

/// What the factory answers to a template's questions.
pub fn answers(template: &Template, blueprint: &Blueprint) -> BTreeMap<String, Value> {
    let product = &blueprint.product;
    let all = [
        ("name", json!(product.name)),
        ("slug", json!(product.slug)),
        ("one_liner", json!(product.one_liner)),
        ("package", json!(snake_case(&product.slug))),
    ];
    let asked: BTreeSet<&str> = template.variables().collect();
    all.into_iter()
        .filter(|(name, _)| asked.contains(name))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

pub(super) fn permanent(doing: &str, error: &(dyn std::error::Error + 'static)) -> WorkError {
    WorkError::Permanent(format!("{doing}: {}", chain(error)))
}

/// Runs what computes for long on a thread that may block.
pub(super) async fn rendering<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WorkError> + Send + 'static,
) -> Result<T, WorkError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(WorkError::Transient(error.to_string())))
}

pub(super) fn to_value(blueprint: &Blueprint) -> Result<Value, WorkError> {
    serde_json::to_value(blueprint).map_err(|error| permanent("write the blueprint", &error))
}

/// A story of the blueprint by its id; its text is empty if there is none.
pub(super) fn story(blueprint: &Blueprint, story_id: &str) -> StoryRef {
    let mut stories = blueprint.stories.iter();
    let found = stories.find(|candidate| candidate.id == story_id);
    StoryRef {
        story_id: story_id.to_owned(),
        text: found.map_or_else(String::new, |found| found.text.clone()),
    }
}

/// What was rendered, as a change.
pub(super) fn change(tree: Tree, replaces_all: bool) -> TreeChange {
    let content = |file: factory_templates::File| FileContent {
        mode: if file.executable {
            FileMode::Executable
        } else {
            FileMode::File
        },
        bytes: file.bytes,
    };
    let files = tree.into_files().into_iter();
    TreeChange {
        replaces_all,
        files: files
            .map(|(path, file)| (path, Some(content(file))))
            .collect(),
    }
}

/// A text file of a change.
pub(super) fn text_file(text: String) -> FileContent {
    FileContent {
        mode: FileMode::File,
        bytes: text.into_bytes(),
    }
}

/// What rules did, in one line.
pub(super) fn by_rules(note: String) -> Outcome {
    Outcome {
        note: Some(note),
        author: Some(Author::Rules),
        ..Outcome::default()
    }
}

/// The report of a task that hands in a change.
pub(super) fn changed(outcome: Outcome, change: TreeChange) -> Report {
    Report {
        outcome,
        change: Some(change),
        ..Report::default()
    }
}
