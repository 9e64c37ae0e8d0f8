//! Building by template: scaffold, plan of slices, slices, and the record of what was built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use factory_core::claim::{Claim, Glob, Mode};
use factory_core::id::TaskId;
use factory_core::run::{Outcome, Phase, StoryResult, StoryState, TaskSpec, Work};
use factory_engine::worker::{Assignment, Report, WorkError};
use factory_spec::blueprint::Blueprint;
use factory_spec::name::snake_case;
use factory_templates::manifest::ForEach;
use factory_templates::{PlannedSlice, Template, Tree, anchor};
use serde_json::{Value, json};

use super::{FactoryWorker, area, think};
use crate::error::chain;

/// Folder of the artifacts in a product.
const ARTIFACTS: &str = "docs/factory";

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

fn hopeless(doing: &str, error: &(dyn std::error::Error + 'static)) -> WorkError {
    WorkError::Hopeless(format!("{doing}: {}", chain(error)))
}

/// Runs what computes for long on a thread that may block.
async fn rendering<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WorkError> + Send + 'static,
) -> Result<T, WorkError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(WorkError::Failed(error.to_string())))
}

fn write(tree: &Tree, area: &Path) -> Result<(), WorkError> {
    tree.write_to(area)
        .map_err(|error| WorkError::Failed(format!("write the staging area: {}", chain(&error))))
}

/// Removes what an earlier run has built: a scaffold is the first state of a product, whatever stood there. What
/// was there stays in the repository's history.
fn empty(room: &Path) -> Result<(), WorkError> {
    let failed =
        |error: std::io::Error| WorkError::Failed(format!("empty the staging area: {error}"));
    for entry in std::fs::read_dir(room).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let folder = path.symlink_metadata().map_err(failed)?.is_dir();
        let removed = if folder {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        removed.map_err(failed)?;
    }
    Ok(())
}

fn by_rules(note: String) -> Outcome {
    Outcome {
        note: Some(note),
        provenance: Some("rules".to_owned()),
        ..Outcome::default()
    }
}

impl FactoryWorker {
    pub(super) async fn scaffold(&self, assignment: &Assignment) -> Result<Report, WorkError> {
        let (template, blueprint) = (
            self.template(&assignment.plan)?,
            self.blueprint(assignment).await?,
        );
        let room = area(assignment)?.to_owned();
        empty(&room)?;
        self.write_artifacts(assignment, &blueprint, &room).await?;
        let files = rendering(move || {
            let tree = template
                .scaffold(&answers(&template, &blueprint), &to_value(&blueprint)?)
                .map_err(|error| hopeless("render the template", &error))?;
            write(&tree, &room)?;
            Ok(tree.len())
        });
        let note = format!(
            "{} files from template `{}`",
            files.await?,
            assignment.plan.template
        );
        Ok(Report {
            outcome: by_rules(note),
            grown: Vec::new(),
        })
    }

    async fn write_artifacts(
        &self,
        assignment: &Assignment,
        blueprint: &Blueprint,
        room: &Path,
    ) -> Result<(), WorkError> {
        let folder = room.join(ARTIFACTS);
        let failed = |error: std::io::Error| {
            WorkError::Failed(format!("write `{}`: {error}", folder.display()))
        };
        tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
        let mut provenance = serde_json::Map::new();
        for outcome in assignment.outcomes.values() {
            for (file, blob) in &outcome.artifacts {
                let bytes = self.blob(blob, file).await?;
                tokio::fs::write(folder.join(file), bytes)
                    .await
                    .map_err(failed)?;
                provenance.insert(
                    file.clone(),
                    json!({ "author": outcome.provenance, "provider": null, "model": null, "prompt": null }),
                );
            }
        }
        if assignment.plan.blueprint.is_some() {
            let text = blueprint.to_json();
            tokio::fs::write(folder.join(think::BLUEPRINT), text)
                .await
                .map_err(failed)?;
            provenance.insert(think::BLUEPRINT.to_owned(), json!({ "author": "given" }));
        }
        provenance.sort_keys();
        let record = json!({ "schema_version": 1, "artifacts": provenance });
        let text = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
        tokio::fs::write(folder.join("provenance.json"), text)
            .await
            .map_err(failed)
    }

    pub(super) async fn plan(&self, assignment: &Assignment) -> Result<Report, WorkError> {
        let (template, blueprint) = (
            self.template(&assignment.plan)?,
            self.blueprint(assignment).await?,
        );
        let (planned, blueprint) = rendering(move || {
            let value = to_value(&blueprint)?;
            let planned = template
                .plan(&answers(&template, &blueprint), &value)
                .map_err(|error| hopeless("plan the slices", &error))?;
            Ok((planned, blueprint))
        })
        .await?;
        let mut grown: Vec<TaskSpec> = Vec::new();
        for slice in &planned.slices {
            grown.push(slice_task(slice, &blueprint)?);
        }
        let slices: Vec<TaskId> = grown.iter().map(|task| task.id.clone()).collect();
        let (count, unbuilt) = (slices.len(), planned.unbuilt.len());
        grown.push(task(
            "record",
            "Record what was built",
            Work::Record,
            slices,
            300,
        )?);
        let gate = crate::playbooks::named(&assignment.plan.playbook).gate_of(Phase::Verify);
        let verify = task(
            "verify",
            "Verify the product",
            Work::Verify,
            vec![TaskId::new("record")],
            3600,
        )?;
        grown.push(TaskSpec { gate, ..verify });
        grown.push(task(
            "deploy",
            "Ship the product",
            Work::Deploy,
            vec![TaskId::new("verify")],
            600,
        )?);
        for task in &mut grown {
            task.attempts_max = assignment.plan.attempts_max;
        }
        let stories = planned.unbuilt.into_iter().map(|unbuilt| StoryResult {
            text: text_of(&blueprint, &unbuilt.story),
            story: unbuilt.story,
            state: StoryState::NotBuilt { why: unbuilt.why },
        });
        let outcome = Outcome {
            stories: stories.collect(),
            ..by_rules(format!("{count} slices, {unbuilt} stories not built"))
        };
        Ok(Report { outcome, grown })
    }

    pub(super) async fn slice(
        &self,
        assignment: &Assignment,
        slice: &str,
        subject: Option<&str>,
    ) -> Result<Report, WorkError> {
        let (template, blueprint) = (
            self.template(&assignment.plan)?,
            self.blueprint(assignment).await?,
        );
        let room = area(assignment)?.to_owned();
        let for_story = template
            .manifest()
            .slice(slice)
            .is_some_and(|rule| rule.for_each == ForEach::Story);
        let story = subject.filter(|_| for_story).map(|story| StoryResult {
            story: story.to_owned(),
            text: text_of(&blueprint, story),
            state: StoryState::ByRule,
        });
        let (name, subject) = (slice.to_owned(), subject.map(str::to_owned));
        let files = rendering(move || {
            render_slice(&template, &blueprint, &name, subject.as_deref(), &room)
        })
        .await?;
        let outcome = Outcome {
            stories: story.into_iter().collect(),
            ..by_rules(format!("{files} files"))
        };
        Ok(Report {
            outcome,
            grown: Vec::new(),
        })
    }

    /// Writes into the product which stories were built, by whom, and which were not.
    pub(super) async fn record(&self, assignment: &Assignment) -> Result<Report, WorkError> {
        let folder = area(assignment)?.join(ARTIFACTS);
        let blueprint = self.blueprint(assignment).await?;
        let mut ordered: Vec<&StoryResult> = assignment.stories.values().collect();
        ordered.sort_by_key(|story| (story.story.len(), story.story.clone()));
        let stories: Vec<Value> = ordered.iter().map(|story| story_record(story)).collect();
        let built = assignment
            .stories
            .values()
            .filter(|story| is_built(story))
            .count();
        let record = json!({
            "schema_version": 1,
            "stories": { "built": built, "total": stories.len() },
            "story": stories,
        });
        let mut page = format!(
            "# Stories: {built} of {} built\n\n",
            assignment.stories.len()
        );
        page.push_str("A story is built when its acceptance test passes; what that test shows stands beside it.\n\n");
        page.push_str("| story | what | how it ended | what its test shows |\n|---|---|---|---|\n");
        for story in ordered {
            page.push_str(&row(story, &blueprint));
        }
        let failed = |error: std::io::Error| {
            WorkError::Failed(format!("write `{}`: {error}", folder.display()))
        };
        tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
        let text = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
        tokio::fs::write(folder.join("stories.json"), text)
            .await
            .map_err(failed)?;
        tokio::fs::write(folder.join("stories.md"), page)
            .await
            .map_err(failed)?;
        let note = format!("{built} of {} stories built", assignment.stories.len());
        Ok(Report {
            outcome: by_rules(note),
            grown: Vec::new(),
        })
    }
}

fn to_value(blueprint: &Blueprint) -> Result<Value, WorkError> {
    serde_json::to_value(blueprint).map_err(|error| hopeless("write the blueprint", &error))
}

fn text_of(blueprint: &Blueprint, story: &str) -> String {
    let found = blueprint
        .stories
        .iter()
        .find(|candidate| candidate.id == story);
    found.map_or_else(String::new, |found| found.text.clone())
}

fn row(story: &StoryResult, blueprint: &Blueprint) -> String {
    let found = blueprint
        .stories
        .iter()
        .find(|candidate| candidate.id == story.story);
    let shown: Vec<String> = found
        .filter(|_| is_built(story))
        .into_iter()
        .flat_map(|found| &found.acceptance)
        .map(|test| {
            format!(
                "given {}, when {}, then {}",
                test.given, test.when, test.then
            )
        })
        .collect();
    format!(
        "| {} | {} | {} | {} |\n",
        story.story,
        cell(&story.text),
        cell(&ending(story)),
        cell(&shown.join("; "))
    )
}

fn is_built(story: &StoryResult) -> bool {
    !matches!(story.state, StoryState::NotBuilt { .. })
}

fn ending(story: &StoryResult) -> String {
    match &story.state {
        StoryState::ByRule => "built by rule".to_owned(),
        StoryState::ByAgent => "built by an agent".to_owned(),
        StoryState::NotBuilt { why } => format!("not built: {why}"),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn story_record(story: &StoryResult) -> Value {
    let (state, why) = match &story.state {
        StoryState::ByRule => ("by_rule", None),
        StoryState::ByAgent => ("by_agent", None),
        StoryState::NotBuilt { why } => ("not_built", Some(why)),
    };
    json!({ "id": story.story, "text": story.text, "state": state, "why": why })
}

fn task(
    id: &str,
    title: &str,
    work: Work,
    needs: Vec<TaskId>,
    timeout_s: u64,
) -> Result<TaskSpec, WorkError> {
    let claims = match work {
        Work::Record => vec![
            claim(Mode::Write, &format!("{ARTIFACTS}/stories.json"))?,
            claim(Mode::Write, &format!("{ARTIFACTS}/stories.md"))?,
        ],
        _ => Vec::new(),
    };
    let (id, title) = (TaskId::new(id), title.to_owned());
    Ok(TaskSpec {
        id,
        title,
        work,
        needs,
        claims,
        gate: None,
        story: None,
        attempts_max: 1,
        timeout_s,
    })
}

fn claim(mode: Mode, path: &str) -> Result<Claim, WorkError> {
    let glob =
        Glob::literal(path).map_err(|error| hopeless("claim a file of the template", &error))?;
    Ok(Claim::new(mode, glob))
}

fn slice_task(slice: &PlannedSlice, blueprint: &Blueprint) -> Result<TaskSpec, WorkError> {
    let mut claims = Vec::new();
    for path in &slice.write {
        claims.push(claim(Mode::Write, path)?);
    }
    for path in &slice.edit {
        claims.push(claim(Mode::Edit, path)?);
    }
    let subject = slice.subject.as_ref().map(|subject| subject.name.clone());
    let title = match (&subject, slice.for_each) {
        (Some(story), ForEach::Story) => format!("Story {story}: {}", text_of(blueprint, story)),
        (Some(name), _) => format!("Slice `{}` for {name}", slice.slice),
        (None, _) => format!("Slice `{}`", slice.slice),
    };
    let work = Work::Slice {
        slice: slice.slice.clone(),
        subject,
    };
    let needs = slice.needs.iter().map(TaskId::new).collect();
    let story = slice
        .subject
        .as_ref()
        .filter(|_| slice.for_each == ForEach::Story)
        .map(|subject| (subject.name.clone(), text_of(blueprint, &subject.name)));
    let spec = task(&slice.id, &title, work, needs, 300)?;
    Ok(TaskSpec {
        claims,
        story,
        ..spec
    })
}

fn render_slice(
    template: &Arc<Template>,
    blueprint: &Blueprint,
    slice: &str,
    subject: Option<&str>,
    room: &Path,
) -> Result<usize, WorkError> {
    let value = to_value(blueprint)?;
    let subject_value = subject.map(|name| subject_of(&value, name)).transpose()?;
    let rendered = template
        .slice(slice, &answers(template, blueprint), &value, subject_value)
        .map_err(|error| hopeless(&format!("render slice `{slice}`"), &error))?;
    write(&rendered.files, room)?;
    let edited = anchor::apply_with(&rendered.edits, |file| {
        std::fs::read_to_string(room.join(file)).ok()
    })
    .map_err(|error| hopeless(&format!("edit for slice `{slice}`"), &error))?;
    for (file, text) in edited {
        let path = room.join(&file);
        std::fs::write(&path, text)
            .map_err(|error| WorkError::Failed(format!("write `{file}`: {error}")))?;
    }
    Ok(rendered.files.len() + rendered.edits.len())
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
        .ok_or_else(|| WorkError::Hopeless(format!("the blueprint has no `{name}`")))
}
