//! How events change a repository's state. Total: an event that does not fit changes nothing.

use super::event::{Event, RunEvent, SkippedTask, TaskEvent};
use super::state::{Repo, Run};
use super::task::{State, Task};
use crate::id::TaskId;

/// Folds one event into the state.
pub fn apply(repo: &mut Repo, event: &RunEvent) {
    if let Event::Started { subject, plan } = &event.event {
        repo.run = Some(Run::new(
            event.run_id.clone(),
            subject.clone(),
            plan.clone(),
        ));
    }
    if let Event::Task {
        event: TaskEvent::Landed { landing, .. },
        ..
    } = &event.event
        && let Some(commit) = &landing.commit
    {
        repo.head = Some(commit.clone());
    }
    if let Some(run) = repo.run.as_mut().filter(|run| run.run_id == event.run_id) {
        apply_to_run(run, &event.event);
    }
}

/// Folds one event into the run that it belongs to.
pub(super) fn apply_to_run(run: &mut Run, event: &Event) {
    match event {
        // The repository took the new run in its place.
        Event::Started { .. } => {}
        Event::TasksAdded { first, tasks } => {
            for (age, spec) in (*first..).zip(tasks) {
                run.open_count += 1;
                run.tasks
                    .insert(spec.id.clone(), Task::new(spec.clone(), age));
            }
        }
        Event::Task { task_id, event } => apply_to_task(run, task_id, event),
        Event::TasksSkipped { tasks } => {
            for SkippedTask {
                task_id, reason, ..
            } in tasks
            {
                leave_queue(run, task_id);
                let reason = reason.clone();
                set(run, task_id, |task| {
                    task.granted.clear();
                    task.state = State::Skipped { reason };
                });
            }
        }
        Event::Verified { checks, .. } => run.checks.clone_from(checks),
        Event::StoriesSettled { stories, .. } => {
            for story in stories {
                run.stories
                    .insert(story.story.story_id.clone(), story.clone());
            }
        }
        Event::Finished { end, .. } => run.end = Some(*end),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one flat match reads better than scattered ones"
)]
fn apply_to_task(run: &mut Run, task_id: &TaskId, event: &TaskEvent) {
    match event {
        TaskEvent::AttemptStarted {
            epoch,
            base,
            lease_until,
            claims,
        } => set(run, task_id, |task| {
            task.epoch = *epoch;
            task.base.clone_from(base);
            task.granted.clone_from(claims);
            task.state = State::Running {
                lease_until: *lease_until,
            };
        }),
        TaskEvent::ChangeParked {
            outcome,
            collected,
            claims,
            ..
        } => set(run, task_id, |task| {
            task.losses = 0;
            task.outcome = Some(outcome.clone());
            task.granted.clear();
            task.state = State::Parked {
                collected: collected.clone(),
                claims: claims.clone(),
            };
        }),
        TaskEvent::ChangeAdmitted { claims, .. } => {
            let task = run.tasks.get(task_id);
            let Some(State::Parked { collected, .. }) = task.map(|task| &task.state) else {
                return;
            };
            let collected = collected.clone();
            run.merge_queue.push(task_id.clone());
            set(run, task_id, |task| {
                task.granted.clone_from(claims);
                task.state = State::Merging {
                    collected,
                    intent: None,
                };
            });
        }
        TaskEvent::ClaimsExtended { claims, .. } => set(run, task_id, |task| {
            task.granted.extend(claims.iter().cloned());
        }),
        TaskEvent::AttemptFailed {
            reason, retry_at, ..
        } => {
            leave_queue(run, task_id);
            set(run, task_id, |task| {
                task.failures += 1;
                task.losses = 0;
                task.granted.clear();
                task.state = match retry_at {
                    Some(at) => State::Pending {
                        not_before: Some(*at),
                    },
                    None => State::Failed {
                        reason: reason.clone(),
                    },
                };
            });
        }
        TaskEvent::AttemptLost { .. } => set(run, task_id, |task| {
            task.losses += 1;
            again(task);
        }),
        // It is noted, and changes nothing.
        TaskEvent::ResultRejected { .. } => {}
        TaskEvent::AttemptSucceeded {
            outcome, collected, ..
        } => {
            if collected.is_some() {
                run.merge_queue.push(task_id.clone());
            }
            set(run, task_id, |task| {
                task.losses = 0;
                task.outcome = Some(outcome.clone());
                task.state = match collected {
                    Some(collected) => State::Merging {
                        collected: collected.clone(),
                        intent: None,
                    },
                    None => State::Done,
                };
                if task.state == State::Done {
                    task.granted.clear();
                }
            });
        }
        TaskEvent::MergeConflicted { .. } => {
            leave_queue(run, task_id);
            set(run, task_id, |task| {
                task.conflicts += 1;
                again(task);
            });
        }
        TaskEvent::MergeIntended { landing, .. } => set(run, task_id, |task| {
            if let State::Merging { intent, .. } = &mut task.state {
                *intent = Some(landing.clone());
            }
        }),
        TaskEvent::MergeDropped { .. } => set(run, task_id, |task| {
            if let State::Merging { intent, .. } = &mut task.state {
                *intent = None;
            }
        }),
        TaskEvent::Landed { .. } => {
            leave_queue(run, task_id);
            set(run, task_id, |task| {
                task.granted.clear();
                task.state = State::Done;
            });
        }
        TaskEvent::GateReached { .. } => set(run, task_id, |task| task.state = State::Waiting),
        TaskEvent::GatePassed => set(run, task_id, |task| task.state = State::Done),
        TaskEvent::GateAsked { comment } => set(run, task_id, |task| {
            task.round += 1;
            task.comment = Some(comment.clone());
            again(task);
        }),
    }
}

/// The task is to be done again, as soon as it can.
fn again(task: &mut Task) {
    task.granted.clear();
    task.state = State::Pending { not_before: None };
}

fn leave_queue(run: &mut Run, task_id: &TaskId) {
    run.merge_queue.retain(|queued| queued != task_id);
}

/// Changes a task and keeps the count of open ones.
fn set(run: &mut Run, task_id: &TaskId, change: impl FnOnce(&mut Task)) {
    let Some(task) = run.tasks.get_mut(task_id) else {
        return;
    };
    let was_open = !task.state.is_final();
    change(task);
    let is_open = !task.state.is_final();
    match (was_open, is_open) {
        (true, false) => run.open_count -= 1,
        (false, true) => run.open_count += 1,
        _ => {}
    }
}
