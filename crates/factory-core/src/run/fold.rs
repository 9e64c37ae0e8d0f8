//! How events change a repository's state. Total: an event that does not fit changes nothing.

use super::{Event, Repo, Run, State, Task};
use crate::id::{Epoch, TaskId};

/// Folds one event into the state.
pub fn apply(repo: &mut Repo, event: &Event) {
    match event {
        Event::RunStarted { run_id, plan } => {
            repo.run = Some(Run {
                run_id: run_id.clone(),
                plan: plan.clone(),
                end: None,
                tasks: std::collections::BTreeMap::new(),
                merge_queue: Vec::new(),
                checks: Vec::new(),
                stories: std::collections::BTreeMap::new(),
            });
        }
        Event::Landed { landing, .. } => {
            if let Some(commit) = &landing.commit {
                repo.head = Some(commit.clone());
            }
            in_run(repo, event);
        }
        _ => in_run(repo, event),
    }
}

fn in_run(repo: &mut Repo, event: &Event) {
    let Some(run) = repo
        .run
        .as_mut()
        .filter(|run| run.run_id == *event.run_id())
    else {
        return;
    };
    match event {
        Event::TasksAdded { tasks, .. } => {
            for spec in tasks {
                let age = run.tasks.len() as u64;
                run.tasks
                    .insert(spec.id.clone(), Task::new(spec.clone(), age));
            }
        }
        Event::TasksSkipped { tasks, .. } => {
            for (task_id, reason) in tasks {
                run.merge_queue.retain(|queued| queued != task_id);
                set(run, task_id, |task| {
                    task.state = State::Skipped {
                        reason: reason.clone(),
                    }
                });
            }
        }
        Event::Verified { checks, .. } => run.checks.clone_from(checks),
        Event::StoriesSettled { stories, .. } => {
            for story in stories {
                run.stories.insert(story.story.clone(), story.clone());
            }
        }
        Event::RunFinished { end, .. } => run.end = Some(*end),
        _ => in_task(run, event),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one flat match reads better than scattered ones"
)]
fn in_task(run: &mut Run, event: &Event) {
    match event {
        Event::AttemptStarted {
            task_id,
            epoch,
            base,
            lease_until,
            ..
        } => set(run, task_id, |task| {
            task.epoch = *epoch;
            task.base.clone_from(base);
            task.state = State::Running {
                lease_until: *lease_until,
            };
        }),
        Event::AttemptFailed {
            task_id,
            reason,
            retry_at,
            ..
        } => {
            run.merge_queue.retain(|queued| queued != task_id);
            set(run, task_id, |task| {
                task.failures += 1;
                task.state = retry_at.map_or_else(
                    || State::Failed {
                        reason: reason.clone(),
                    },
                    |at| State::Pending {
                        not_before: Some(at),
                    },
                );
            });
        }
        Event::AttemptLost { task_id, .. } => {
            set(run, task_id, |task| {
                task.state = State::Pending { not_before: None }
            });
        }
        Event::MergeConflicted { task_id, .. } => {
            run.merge_queue.retain(|queued| queued != task_id);
            set(run, task_id, |task| {
                task.conflicts += 1;
                task.state = State::Pending { not_before: None };
            });
        }
        Event::AttemptSucceeded {
            task_id,
            outcome,
            collected,
            ..
        } => {
            if collected.is_some() {
                run.merge_queue.push(task_id.clone());
            }
            set(run, task_id, |task| {
                task.outcome = Some(outcome.clone());
                task.state = collected
                    .clone()
                    .map_or(State::Done, |collected| State::Merging {
                        collected,
                        intent: None,
                    });
            });
        }
        Event::MergeIntended {
            task_id, landing, ..
        } => set(run, task_id, |task| {
            if let State::Merging { intent, .. } = &mut task.state {
                *intent = Some(landing.clone());
            }
        }),
        Event::MergeDropped { task_id, .. } => set(run, task_id, |task| {
            if let State::Merging { intent, .. } = &mut task.state {
                *intent = None;
            }
        }),
        Event::Landed { task_id, .. } => {
            run.merge_queue.retain(|queued| queued != task_id);
            set(run, task_id, |task| task.state = State::Done);
        }
        Event::GateReached { task_id, .. } => set(run, task_id, |task| task.state = State::Waiting),
        Event::GatePassed { task_id, .. } => set(run, task_id, |task| task.state = State::Done),
        Event::GateAsked {
            task_id, comment, ..
        } => set(run, task_id, |task| {
            task.round += 1;
            task.comment = Some(comment.clone());
            task.state = State::Pending { not_before: None };
        }),
        _ => {}
    }
}

fn set(run: &mut Run, task_id: &TaskId, change: impl FnOnce(&mut Task)) {
    if let Some(task) = run.tasks.get_mut(task_id) {
        change(task);
    }
}

impl Task {
    /// A task that was just added.
    fn new(spec: super::TaskSpec, age: u64) -> Self {
        Self {
            spec,
            state: State::Pending { not_before: None },
            epoch: Epoch(0),
            failures: 0,
            conflicts: 0,
            age,
            base: None,
            round: 1,
            comment: None,
            outcome: None,
        }
    }
}
