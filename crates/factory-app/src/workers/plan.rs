//! The build phase: one task per slice of the template, then the record, then the phases after the build.

use factory_core::claim::{Claim, Glob, Mode};
use factory_core::id::TaskId;
use factory_core::run::{OnConflict, Outcome, Payload, StoryResult, TaskSpec};
use factory_engine::worker::{Report, WorkError};
use factory_spec::blueprint::Blueprint;
use factory_templates::PlannedSlice;
use factory_templates::manifest::ForEach;

use super::product::{ARTIFACTS, Job, answers, by_rules, permanent, rendering, story, to_value};
use super::work::Work;
use super::worker::FactoryWorker;
use crate::playbook;
use crate::quantity::counted;

/// The phase that screens show slices under.
const PHASE: &str = "build";

impl FactoryWorker {
    pub(super) async fn plan(&self, job: &Job<'_>) -> Result<Report, WorkError> {
        let template = self.template(&job.input.template)?;
        let blueprint = self.blueprint(job).await?;
        let (planned, blueprint) = rendering(move || {
            let value = to_value(&blueprint)?;
            let planned = template
                .plan(&answers(&template, &blueprint), &value)
                .map_err(|error| permanent("plan the slices", &error))?;
            Ok((planned, blueprint))
        })
        .await?;
        let attempts_max = job.input.attempts_max;
        let mut grown: Vec<TaskSpec> = Vec::new();
        for slice in &planned.slices {
            grown.push(slice_task(slice, &blueprint)?);
        }
        let (count, unbuilt) = (grown.len(), planned.unbuilt.len());
        let record = record_task(grown.iter().map(|task| task.id.clone()).collect())?;
        let after = record.id.clone();
        grown.push(record);
        for task in &mut grown {
            task.attempts_max = attempts_max;
        }
        let last = playbook::named(&job.assignment.plan.playbook)
            .last_tasks(after, attempts_max)
            .map_err(|error| permanent("plan the phases after the build", &error))?;
        grown.extend(last);
        let stories = planned
            .unbuilt
            .into_iter()
            .map(|unbuilt| StoryResult::not_built(story(&blueprint, &unbuilt.story), unbuilt.why));
        let outcome = Outcome {
            stories: stories.collect(),
            ..by_rules(format!(
                "{}, {} not built",
                counted(count as u64, "slice"),
                counted(unbuilt as u64, "story")
            ))
        };
        Ok(Report {
            outcome,
            grown,
            ..Report::default()
        })
    }
}

fn record_task(needs: Vec<TaskId>) -> Result<TaskSpec, WorkError> {
    let id = TaskId::from_static("record");
    let claims = ["stories.json", "stories.md"]
        .into_iter()
        .map(|file| claim(Mode::Write, &format!("{ARTIFACTS}/{file}")))
        .collect::<Result<_, _>>()?;
    Ok(TaskSpec {
        needs,
        claims,
        ..rendered(id, "Record what was built", &Work::Record)
    })
}

/// A task that is rendered by rule: done again on a newer base it gives a change that fits.
fn rendered(id: TaskId, title: &str, work: &Work) -> TaskSpec {
    TaskSpec {
        lands: true,
        on_conflict: OnConflict::Redo,
        timeout_s: 300,
        ..TaskSpec::new(id, title, PHASE, Payload::from(work))
    }
}

fn claim(mode: Mode, path: &str) -> Result<Claim, WorkError> {
    let glob =
        Glob::literal(path).map_err(|error| permanent("claim a file of the template", &error))?;
    Ok(Claim::new(mode, glob))
}

fn slice_task(slice: &PlannedSlice, blueprint: &Blueprint) -> Result<TaskSpec, WorkError> {
    let named = |id: &str| {
        TaskId::parse(id).map_err(|error| permanent("name a task of the template", &error))
    };
    let mut claims = Vec::new();
    for path in &slice.write {
        claims.push(claim(Mode::Write, path)?);
    }
    for path in &slice.edit {
        claims.push(claim(Mode::Edit, path)?);
    }
    let needs = slice.needs.iter().map(|id| named(id));
    let needs = needs.collect::<Result<_, _>>()?;
    let subject = slice.subject.as_ref().map(|subject| subject.name.clone());
    let built = subject
        .as_ref()
        .filter(|_| slice.for_each == ForEach::Story)
        .map(|story_id| story(blueprint, story_id));
    let title = match (&built, &subject) {
        (Some(story), _) => format!("Story {}: {}", story.story_id, story.text),
        (None, Some(name)) => format!("Slice `{}` for {name}", slice.slice),
        (None, None) => format!("Slice `{}`", slice.slice),
    };
    let work = Work::Slice {
        slice: slice.slice.clone(),
        subject,
    };
    Ok(TaskSpec {
        needs,
        claims,
        story: built,
        ..rendered(named(&slice.id)?, &title, &work)
    })
}
