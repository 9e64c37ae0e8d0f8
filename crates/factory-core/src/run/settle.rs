//! What follows once something has happened: tasks that can never start any more, stories that have ended, and the
//! end of the run. Asked of the state after the events, never predicted.

use std::collections::BTreeMap;

use super::event::{Event, TaskEvent};
use super::fold::apply_to_run;
use super::graph::{skip, stranded};
use super::outcome::{StoryRef, StoryResult, StoryState};
use super::plan::End;
use super::state::Run;
use super::task::{State, Task};
use crate::id::TaskId;

/// The events, and what follows from them.
pub(super) fn settle(run: &Run, mut events: Vec<Event>) -> Vec<Event> {
    if !matters(run, &events) {
        return events;
    }
    let mut after = run.clone();
    for event in &events {
        apply_to_run(&mut after, event);
    }
    let skipped = stranded(&after);
    if !skipped.is_empty() {
        then(
            &mut after,
            &mut events,
            Event::TasksSkipped { tasks: skipped },
        );
    }
    if let Some(settled) = stories_ended(&after) {
        then(&mut after, &mut events, settled);
    }
    if after.open_count == 0 {
        let (end, reason) = how_it_ended(&after);
        then(&mut after, &mut events, Event::Finished { end, reason });
    }
    events
}

/// Ends the run now: what is open is skipped for this reason.
pub(super) fn end_now(run: &Run, end: End, reason: &str) -> Vec<Event> {
    let open = run.tasks.values().filter(|task| !task.state.is_final());
    let tasks = open.map(|task| skip(task, reason.to_owned())).collect();
    let (mut after, mut events) = (run.clone(), Vec::new());
    then(&mut after, &mut events, Event::TasksSkipped { tasks });
    if let Some(settled) = stories_ended(&after) {
        then(&mut after, &mut events, settled);
    }
    let reason = Some(reason.to_owned());
    then(&mut after, &mut events, Event::Finished { end, reason });
    events
}

/// Stories that a worker says have ended, with the counts after them.
pub(super) fn stories_settled(run: &Run, stories: Vec<StoryResult>) -> Event {
    let mut all: BTreeMap<&str, StoryState> = run
        .stories
        .iter()
        .map(|(story_id, story)| (story_id.as_str(), story.state))
        .collect();
    for story in &stories {
        all.insert(&story.story.story_id, story.state);
    }
    let built = all.values().filter(|state| **state != StoryState::NotBuilt);
    let (built_count, settled_count) = (built.count() as u64, all.len() as u64);
    Event::StoriesSettled {
        stories,
        built_count,
        settled_count,
    }
}

fn then(after: &mut Run, events: &mut Vec<Event>, event: Event) {
    apply_to_run(after, &event);
    events.push(event);
}

/// Whether the state after these events can hold anything that follows. Copying a run of ten thousand tasks takes
/// milliseconds, so it is copied only when a task failed, ended with a story or with checks, was the last one, or was
/// added behind one that failed.
fn matters(run: &Run, events: &[Event]) -> bool {
    let mut open = run.open_count;
    for event in events {
        match event {
            Event::TasksAdded { tasks, .. } => {
                let lost = |needed| run.tasks.get(needed).is_some_and(is_lost);
                if tasks.iter().flat_map(|task| &task.needs).any(lost) {
                    return true;
                }
                open += tasks.len();
            }
            Event::Verified { .. } | Event::TasksSkipped { .. } => return true,
            Event::Task { task_id, event } => match event {
                TaskEvent::AttemptFailed { retry_at: None, .. } => return true,
                TaskEvent::AttemptSucceeded {
                    collected: None, ..
                }
                | TaskEvent::Landed { .. }
                | TaskEvent::GatePassed => {
                    let decides =
                        |task: &Task| task.spec.story.is_some() || !task.spec.checks.is_empty();
                    if run.tasks.get(task_id).is_some_and(decides) {
                        return true;
                    }
                    open = open.saturating_sub(1);
                }
                TaskEvent::GateReached { .. } => open += 1,
                // None of these ends a task.
                TaskEvent::AttemptStarted { .. }
                | TaskEvent::ClaimsExtended { .. }
                | TaskEvent::AttemptFailed {
                    retry_at: Some(_), ..
                }
                | TaskEvent::AttemptLost { .. }
                | TaskEvent::ResultRejected { .. }
                | TaskEvent::AttemptSucceeded {
                    collected: Some(_), ..
                }
                | TaskEvent::ChangeParked { .. }
                | TaskEvent::ChangeAdmitted { .. }
                | TaskEvent::MergeConflicted { .. }
                | TaskEvent::MergeIntended { .. }
                | TaskEvent::MergeDropped { .. }
                | TaskEvent::GateAsked { .. } => {}
            },
            Event::Started { .. } | Event::StoriesSettled { .. } | Event::Finished { .. } => {}
        }
    }
    open == 0
}

/// Whether nothing that needs the task can ever start.
fn is_lost(task: &Task) -> bool {
    task.state.is_final() && !task.is_met()
}

/// Stories of which every task has ended and that are not settled yet.
fn stories_ended(run: &Run) -> Option<Event> {
    let mut by_story: BTreeMap<&str, (&StoryRef, Vec<&Task>)> = BTreeMap::new();
    for task in run.tasks.values() {
        if let Some(story) = &task.spec.story
            && !run.stories.contains_key(&story.story_id)
        {
            let (_, tasks) = by_story
                .entry(&story.story_id)
                .or_insert_with(|| (story, Vec::new()));
            tasks.push(task);
        }
    }
    let ended: Vec<StoryResult> = by_story
        .into_values()
        .filter_map(|(story, tasks)| story_ended(story, &tasks))
        .collect();
    (!ended.is_empty()).then(|| stories_settled(run, ended))
}

/// How a story ended: built when every task of it is done, as its worker reported it; nothing while one is open.
fn story_ended(story: &StoryRef, tasks: &[&Task]) -> Option<StoryResult> {
    if tasks.iter().any(|task| !task.state.is_final()) {
        return None;
    }
    let lost = tasks.iter().find_map(|task| match &task.state {
        State::Failed { .. } => Some(format!("task `{}` failed", task.spec.id)),
        State::Skipped { reason } => Some(reason.clone()),
        _ => None,
    });
    if let Some(why) = lost {
        return Some(StoryResult::not_built(story.clone(), why));
    }
    let mut reported = tasks
        .iter()
        .flat_map(|task| task.outcome.iter().flat_map(|outcome| &outcome.stories))
        .filter(|result| result.story.story_id == story.story_id);
    let result = reported
        .clone()
        .find(|result| result.state == StoryState::NotBuilt);
    let silent =
        || StoryResult::not_built(story.clone(), "its worker did not say that it is built");
    Some(
        result
            .or_else(|| reported.next())
            .cloned()
            .unwrap_or_else(silent),
    )
}

fn how_it_ended(run: &Run) -> (End, Option<String>) {
    let mut tasks: Vec<&Task> = run.tasks.values().collect();
    tasks.sort_by_key(|task| task.age);
    let failed = tasks.iter().find_map(|task| match &task.state {
        State::Failed { reason } => Some(failure(&task.spec.id, reason)),
        _ => None,
    });
    if failed.is_some() {
        return (End::Failed, failed);
    }
    if let Some(red) = tasks.iter().find_map(|task| task.red_check()) {
        return (End::Unverified, Some(red.to_string()));
    }
    // A task that asked for checks and was skipped has no result either.
    let asked = |task: &&&Task| !task.spec.checks.is_empty();
    let all_done = tasks
        .iter()
        .filter(asked)
        .all(|task| task.state == State::Done);
    if tasks.iter().any(|task| asked(&task)) && all_done {
        return (End::Verified, None);
    }
    let reason = "not verified: no check was run".to_owned();
    (End::Unverified, Some(reason))
}

fn failure(task_id: &TaskId, reason: &str) -> String {
    format!("task `{task_id}` failed: {reason}")
}
