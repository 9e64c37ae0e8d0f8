//! Which changes of a run are legal. What follows from a change is [`settle`]'s question.

use super::command::{Command, Refusal, TaskCommand};
use super::event::{Event, RunEvent, TaskEvent};
use super::graph::check_graph;
use super::outcome::{Landing, Outcome};
use super::plan::{End, Plan, Subject};
use super::settle::{end_now, settle, stories_settled};
use super::state::{Repo, Run};
use super::task::{OnConflict, State, Task, TaskSpec, first_red};
use crate::clock::Timestamp;
use crate::id::{Epoch, RunId, TaskId};

/// Times that a change may miss the head before its task has failed. Each time it is done again on the head, so that
/// one other landing in between is needed to miss again.
const CONFLICTS_MAX: u32 = 8;

/// Attempts in a row that may be lost before a task has failed: its work may be what ends the driver.
const LOSSES_MAX: u32 = 5;

/// Begins a run with its first tasks.
///
/// # Errors
///
/// Another run is open, or the graph has a fault.
pub fn start(
    repo: &Repo,
    run_id: &RunId,
    subject: Subject,
    plan: Plan,
    tasks: Vec<TaskSpec>,
) -> Result<Vec<RunEvent>, Refusal> {
    if let Some(open) = repo.open_run() {
        return Err(Refusal::RunOpen(open.run_id.clone()));
    }
    let faults = check_graph(std::iter::empty(), &tasks);
    if !faults.is_empty() {
        return Err(Refusal::Graph(faults));
    }
    let run = Run::new(run_id.clone(), subject.clone(), plan.clone());
    let events = vec![
        Event::Started { subject, plan },
        Event::TasksAdded { first: 0, tasks },
    ];
    Ok(of_run(run_id, settle(&run, events)))
}

/// Which events a command makes of the open run.
///
/// # Errors
///
/// The command is not legal in this state.
pub fn decide(repo: &Repo, command: Command) -> Result<Vec<RunEvent>, Refusal> {
    let run = repo.open_run().ok_or(Refusal::NoRun)?;
    let events = match command {
        Command::Cancel { reason } => end_now(run, End::Cancelled, &reason),
        Command::Task { task_id, command } => {
            let task = run.tasks.get(&task_id).ok_or(Refusal::NoTask(task_id))?;
            if let TaskCommand::RejectGate { reason } = &command {
                waiting(task)?;
                end_now(run, End::Rejected, reason)
            } else {
                settle(run, of_task(run, task, command)?)
            }
        }
    };
    Ok(of_run(&run.run_id, events))
}

fn of_run(run_id: &RunId, events: impl IntoIterator<Item = Event>) -> Vec<RunEvent> {
    let wrap = |event| RunEvent {
        run_id: run_id.clone(),
        event,
    };
    events.into_iter().map(wrap).collect()
}

/// What a command makes of its task, before anybody asks what follows.
#[expect(
    clippy::too_many_lines,
    reason = "one flat match reads better than scattered ones"
)]
fn of_task(run: &Run, task: &Task, command: TaskCommand) -> Result<Vec<Event>, Refusal> {
    let one = |event| Ok(vec![Event::task(task.spec.id.clone(), event)]);
    match command {
        TaskCommand::StartAttempt {
            base,
            lease_until,
            claims,
        } => {
            startable(run, task)?;
            one(TaskEvent::AttemptStarted {
                epoch: task.epoch.next(),
                base,
                lease_until,
                claims,
            })
        }
        TaskCommand::Succeed {
            epoch,
            outcome,
            collected,
            extended,
            grown,
        } => {
            if let Some(rejected) = stale_result(task, epoch) {
                return one(rejected);
            }
            let mut of_task = Vec::new();
            if !extended.is_empty() {
                let claims = extended;
                of_task.push(TaskEvent::ClaimsExtended { epoch, claims });
            }
            let lands = collected.is_some();
            of_task.push(TaskEvent::AttemptSucceeded {
                epoch,
                outcome: outcome.clone(),
                collected,
            });
            succeed(run, task, of_task, outcome, lands, grown)
        }
        TaskCommand::Park {
            epoch,
            outcome,
            collected,
            beyond,
            grown,
            reason,
        } => {
            if let Some(rejected) = stale_result(task, epoch) {
                return one(rejected);
            }
            let parked = TaskEvent::ChangeParked {
                epoch,
                outcome: outcome.clone(),
                collected,
                claims: task.granted.iter().cloned().chain(beyond).collect(),
                reason,
            };
            succeed(run, task, vec![parked], outcome, true, grown)
        }
        TaskCommand::Admit { epoch } => {
            let State::Parked { claims, .. } = &task.state else {
                return Err(wrong_state(task, "parked"));
            };
            is_current(task, epoch)?;
            let claims = claims.clone();
            one(TaskEvent::ChangeAdmitted { epoch, claims })
        }
        TaskCommand::Fail {
            epoch,
            reason,
            retry_at,
        } => one(stale_result(task, epoch).unwrap_or_else(|| failed(task, reason, retry_at))),
        TaskCommand::Lose { epoch, reason } => {
            one(stale_result(task, epoch).unwrap_or_else(|| lost(task, reason)))
        }
        TaskCommand::Conflict { epoch, reason } => {
            merging(task, epoch)?;
            let redone = task.spec.on_conflict == OnConflict::Redo;
            one(if redone && task.conflicts + 1 < CONFLICTS_MAX {
                TaskEvent::MergeConflicted { epoch, reason }
            } else {
                failed(task, format!("its change does not fit: {reason}"), None)
            })
        }
        TaskCommand::RejectChange {
            epoch,
            reason,
            retry_at,
        } => {
            merging(task, epoch)?;
            one(failed(task, reason, retry_at))
        }
        TaskCommand::Intend { epoch, landing } => {
            merging(task, epoch)?;
            one(TaskEvent::MergeIntended { epoch, landing })
        }
        TaskCommand::DropIntent { epoch } => {
            merging(task, epoch)?;
            one(TaskEvent::MergeDropped { epoch })
        }
        TaskCommand::Land { epoch } => {
            let landing = merging(task, epoch)?
                .cloned()
                .ok_or_else(|| wrong_state(task, "merging with an intent"))?;
            Ok(land(run, task, TaskEvent::Landed { epoch, landing }))
        }
        TaskCommand::PassGate => {
            waiting(task)?;
            one(TaskEvent::GatePassed)
        }
        TaskCommand::AskGate { comment } => {
            waiting(task)?;
            one(TaskEvent::GateAsked { comment })
        }
        // Ends the run, and the task with it.
        TaskCommand::RejectGate { .. } => Ok(Vec::new()),
    }
}

fn startable(run: &Run, task: &Task) -> Result<(), Refusal> {
    if !matches!(task.state, State::Pending { .. }) {
        return Err(wrong_state(task, "pending"));
    }
    unmet(run, task).map_or(Ok(()), |needed| {
        Err(Refusal::NeedsUnmet {
            task_id: task.spec.id.clone(),
            needed: needed.clone(),
        })
    })
}

/// The first need of a task that is not met.
pub fn unmet<'a>(run: &Run, task: &'a Task) -> Option<&'a TaskId> {
    let is_met = |needed: &TaskId| run.tasks.get(needed).is_some_and(Task::is_met);
    task.spec.needs.iter().find(|needed| !is_met(needed))
}

fn wrong_state(task: &Task, wanted: &'static str) -> Refusal {
    Refusal::WrongState {
        task_id: task.spec.id.clone(),
        state: task.state.word(),
        wanted,
    }
}

/// The intent of a task whose change waits to be merged.
fn merging(task: &Task, epoch: Epoch) -> Result<Option<&Landing>, Refusal> {
    let State::Merging { intent, .. } = &task.state else {
        return Err(wrong_state(task, "merging"));
    };
    is_current(task, epoch)?;
    Ok(intent.as_ref())
}

fn is_current(task: &Task, epoch: Epoch) -> Result<(), Refusal> {
    if task.epoch == epoch {
        return Ok(());
    }
    Err(Refusal::Stale {
        task_id: task.spec.id.clone(),
        epoch,
        current: task.epoch,
    })
}

fn waiting(task: &Task) -> Result<(), Refusal> {
    if task.state == State::Waiting {
        Ok(())
    } else {
        Err(wrong_state(task, "waiting"))
    }
}

/// The rejection of a result whose lease was given away; nothing if it is the current attempt's.
fn stale_result(task: &Task, epoch: Epoch) -> Option<TaskEvent> {
    let current = matches!(task.state, State::Running { .. }) && task.epoch == epoch;
    (!current).then(|| TaskEvent::ResultRejected {
        epoch,
        reason: format!(
            "attempt {epoch} does not hold the lease: attempt {} is {}",
            task.epoch,
            task.state.word()
        ),
    })
}

/// A result that is taken: what it means for its task, and what follows from what it yielded.
fn succeed(
    run: &Run,
    task: &Task,
    of_task: Vec<TaskEvent>,
    outcome: Outcome,
    lands: bool,
    grown: Vec<TaskSpec>,
) -> Result<Vec<Event>, Refusal> {
    let faults = check_graph(run.tasks.keys(), &grown);
    if !faults.is_empty() {
        return Err(Refusal::Graph(faults));
    }
    let Outcome {
        checks, stories, ..
    } = outcome;
    // Stories of tasks that build one are settled when all of its tasks have ended, those of a change when it has landed.
    let settles = task.spec.story.is_none() && !lands;
    let stories = if settles { stories } else { Vec::new() };
    let green = first_red(&task.spec.checks, &checks).is_none();
    let mut events = if !lands && green {
        then_gate(task, of_task)
    } else {
        events_of(task, of_task)
    };
    if !task.spec.checks.is_empty() {
        events.push(Event::Verified {
            commit: task.base.clone(),
            checks,
        });
    }
    if !stories.is_empty() {
        events.push(stories_settled(run, stories));
    }
    if !grown.is_empty() {
        events.push(Event::TasksAdded {
            first: run.tasks.len() as u64,
            tasks: grown,
        });
    }
    Ok(events)
}

/// A change that has landed: its task is done, and what it reported of stories holds now.
fn land(run: &Run, task: &Task, landed: TaskEvent) -> Vec<Event> {
    let mut events = if task.red_check().is_none() {
        then_gate(task, vec![landed])
    } else {
        events_of(task, vec![landed])
    };
    let stories = task.outcome.iter().flat_map(|outcome| &outcome.stories);
    if task.spec.story.is_none() && stories.clone().next().is_some() {
        events.push(stories_settled(run, stories.cloned().collect()));
    }
    events
}

fn events_of(task: &Task, events: Vec<TaskEvent>) -> Vec<Event> {
    let wrap = |event| Event::task(task.spec.id.clone(), event);
    events.into_iter().map(wrap).collect()
}

/// A task that is done stops at its gate, if it has one.
fn then_gate(task: &Task, mut events: Vec<TaskEvent>) -> Vec<Event> {
    if task.spec.gate.is_some() {
        let round = task.round;
        events.push(TaskEvent::GateReached { round });
    }
    events_of(task, events)
}

fn lost(task: &Task, reason: String) -> TaskEvent {
    let epoch = task.epoch;
    if task.losses + 1 < LOSSES_MAX {
        return TaskEvent::AttemptLost { epoch, reason };
    }
    let reason = format!("{LOSSES_MAX} attempts in a row were lost, the last because {reason}");
    failed(task, reason, None)
}

fn failed(task: &Task, reason: String, retry_at: Option<Timestamp>) -> TaskEvent {
    let tries_left = task.failures + 1 < task.spec.attempts_max;
    TaskEvent::AttemptFailed {
        epoch: task.epoch,
        reason,
        retry_at: retry_at.filter(|_| tries_left),
    }
}
