//! One slice of a template, rendered onto its base.

use std::sync::Arc;

use factory_core::run::{Outcome, StoryResult, StoryState};
use factory_engine::staging::{BaseFiles, FileContent, TreeChange};
use factory_engine::worker::{Report, WorkError};
use factory_spec::blueprint::Blueprint;
use factory_templates::{Template, anchor};
use serde_json::Value;

use super::product::{
    Job, answers, by_rules, change, changed, permanent, rendering, text_file, to_value,
};
use super::worker::FactoryWorker;
use crate::quantity::counted;

impl FactoryWorker {
    pub(super) async fn slice(
        &self,
        job: &Job<'_>,
        slice: String,
        subject: Option<String>,
    ) -> Result<Report, WorkError> {
        let template = self.template(&job.input.template)?;
        let blueprint = self.blueprint(job).await?;
        let base = job.files()?;
        let change =
            rendering(move || render(&template, &blueprint, &slice, subject.as_deref(), &base))
                .await?;
        let story = job.assignment.task.story.clone();
        let built = story.map(|story| StoryResult {
            story,
            state: StoryState::ByRule,
            why: None,
        });
        let outcome = Outcome {
            stories: built.into_iter().collect(),
            ..by_rules(counted(change.files.len() as u64, "file"))
        };
        Ok(changed(outcome, change))
    }
}

fn render(
    template: &Template,
    blueprint: &Blueprint,
    slice: &str,
    subject: Option<&str>,
    base: &Arc<dyn BaseFiles>,
) -> Result<TreeChange, WorkError> {
    let value = to_value(blueprint)?;
    let subject = subject.map(|name| subject_of(&value, name)).transpose()?;
    let rendered = template
        .slice(slice, &answers(template, blueprint), &value, subject)
        .map_err(|error| permanent(&format!("render slice `{slice}`"), &error))?;
    let mut change = change(rendered.files, false);
    let edited = anchor::apply_with(&rendered.edits, |file| {
        let there = existing(&change, base, file).ok()??;
        String::from_utf8(there.bytes).ok()
    })
    .map_err(|error| permanent(&format!("edit for slice `{slice}`"), &error))?;
    for (file, text) in edited {
        let mode = existing(&change, base, &file)?.map(|there| there.mode);
        let mut content = text_file(text);
        if let Some(mode) = mode {
            content.mode = mode;
        }
        change.files.insert(file, Some(content));
    }
    Ok(change)
}

/// The file as this slice has rendered it, else as the base has it.
fn existing(
    change: &TreeChange,
    base: &Arc<dyn BaseFiles>,
    file: &str,
) -> Result<Option<FileContent>, WorkError> {
    match change.files.get(file) {
        Some(rendered) => Ok(rendered.clone()),
        None => base
            .read(file)
            .map_err(|error| permanent("read the base of a slice", &error)),
    }
}

/// The entity of that name, or the story of that id.
fn subject_of<'a>(blueprint: &'a Value, name: &str) -> Result<&'a Value, WorkError> {
    let list = |key: &str| {
        blueprint
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let entity =
        list("entities").find(|entity| entity.get("name").and_then(Value::as_str) == Some(name));
    let story =
        || list("stories").find(|story| story.get("id").and_then(Value::as_str) == Some(name));
    entity
        .or_else(story)
        .ok_or_else(|| WorkError::Permanent(format!("the blueprint has no `{name}`")))
}
