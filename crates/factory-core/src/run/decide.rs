//! Which changes of a repository's state are legal.

use super::{
    CheckName, CheckState, Collected, Command, End, Event, Grown, Landing, Outcome, Plan, Refusal,
    Repo, Run, State, StoryResult, StoryState, Task, TaskSpec, Work, check_graph, graph,
};
use crate::clock::Timestamp;
use crate::id::{Epoch, ObjectId, RunId, TaskId};

/// Times that a change may miss the head before its task has failed. Each time it is rendered again on the head,
/// so that one other landing in between is needed to miss again.
const CONFLICTS_MAX: u32 = 8;

/// Which events a command makes of the state.
#[expect(
    clippy::too_many_lines,
    reason = "one flat match reads better than scattered ones"
)]
pub fn decide(repo: &Repo, command: Command) -> Result<Vec<Event>, Refusal> {
    if let Command::Start {
        run_id,
        plan,
        tasks,
    } = command
    {
        return start(repo, run_id, plan, tasks);
    }
    let run = repo.open_run().ok_or(Refusal::NoRun)?;
    match command {
        Command::Start { .. } => Ok(Vec::new()),
        Command::StartAttempt {
            task_id,
            base,
            lease_until,
        } => start_attempt(run, task_id, base, lease_until),
        Command::Succeed {
            task_id,
            epoch,
            outcome,
            collected,
            grown,
        } => {
            let task = task(run, &task_id)?;
            match stale(run, task, epoch) {
                Some(rejected) => Ok(vec![rejected]),
                None => succeed(run, task, outcome, collected, grown),
            }
        }
        Command::Fail {
            task_id,
            epoch,
            reason,
            retry_at,
        } => {
            let task = task(run, &task_id)?;
            Ok(stale(run, task, epoch).map_or_else(
                || fail(run, task, reason, retry_at),
                |rejected| vec![rejected],
            ))
        }
        Command::Lose {
            task_id,
            epoch,
            reason,
        } => {
            let task = task(run, &task_id)?;
            let lost = Event::AttemptLost {
                run_id: run.run_id.clone(),
                task_id,
                epoch,
                reason,
            };
            Ok(vec![stale(run, task, epoch).unwrap_or(lost)])
        }
        Command::Conflict {
            task_id,
            epoch,
            reason,
        } => {
            let (task, _) = merging(run, &task_id)?;
            if task.conflicts + 1 >= CONFLICTS_MAX || !task.spec.work.is_rendered() {
                return Ok(fail(
                    run,
                    task,
                    format!("its change does not fit: {reason}"),
                    None,
                ));
            }
            Ok(vec![Event::MergeConflicted {
                run_id: run.run_id.clone(),
                task_id,
                epoch,
                reason,
            }])
        }
        Command::RejectChange {
            task_id,
            reason,
            retry_at,
        } => {
            let (task, _) = merging(run, &task_id)?;
            Ok(fail(run, task, reason, retry_at))
        }
        Command::Intend {
            task_id,
            epoch,
            landing,
        } => {
            merging(run, &task_id)?;
            Ok(vec![Event::MergeIntended {
                run_id: run.run_id.clone(),
                task_id,
                epoch,
                landing,
            }])
        }
        Command::DropIntent { task_id } => {
            let (task, _) = merging(run, &task_id)?;
            Ok(vec![Event::MergeDropped {
                run_id: run.run_id.clone(),
                task_id,
                epoch: task.epoch,
            }])
        }
        Command::Land { task_id } => land(run, task_id),
        Command::PassGate { task_id } => {
            let task = waiting(run, &task_id)?;
            let passed = Event::GatePassed {
                run_id: run.run_id.clone(),
                task_id,
            };
            Ok(finish_if_over(run, &[task], vec![passed]))
        }
        Command::AskGate { task_id, comment } => {
            waiting(run, &task_id)?;
            Ok(vec![Event::GateAsked {
                run_id: run.run_id.clone(),
                task_id,
                comment,
            }])
        }
        Command::RejectGate { task_id, reason } => {
            waiting(run, &task_id)?;
            Ok(end_all(run, End::Rejected, &reason))
        }
        Command::Cancel { reason } => Ok(end_all(run, End::Cancelled, &reason)),
    }
}

fn start(
    repo: &Repo,
    run_id: RunId,
    plan: Plan,
    tasks: Vec<TaskSpec>,
) -> Result<Vec<Event>, Refusal> {
    if let Some(open) = repo.open_run() {
        return Err(Refusal::RunOpen(open.run_id.clone()));
    }
    let faults = check_graph(std::iter::empty(), &tasks);
    if !faults.is_empty() {
        return Err(Refusal::Graph(faults));
    }
    let added = Event::TasksAdded {
        run_id: run_id.clone(),
        tasks,
    };
    Ok(vec![Event::RunStarted { run_id, plan }, added])
}

fn start_attempt(
    run: &Run,
    task_id: TaskId,
    base: Option<ObjectId>,
    lease_until: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let task = task(run, &task_id)?;
    if !matches!(task.state, State::Pending { .. }) {
        return Err(wrong_state(task, "pending"));
    }
    if let Some(needed) = unmet(run, task) {
        return Err(Refusal::NeedsUnmet {
            task_id,
            needed: needed.clone(),
        });
    }
    let (run_id, epoch) = (run.run_id.clone(), task.epoch.next());
    Ok(vec![Event::AttemptStarted {
        run_id,
        task_id,
        epoch,
        base,
        lease_until,
    }])
}

/// The first need of a task that is not met.
pub(super) fn unmet<'a>(run: &Run, task: &'a Task) -> Option<&'a TaskId> {
    let met = |needed: &&TaskId| {
        run.tasks
            .get(*needed)
            .is_some_and(|task| task.state == State::Done)
    };
    task.spec.needs.iter().find(|needed| !met(needed))
}

fn task<'a>(run: &'a Run, task_id: &TaskId) -> Result<&'a Task, Refusal> {
    run.tasks
        .get(task_id)
        .ok_or_else(|| Refusal::NoTask(task_id.clone()))
}

fn wrong_state(task: &Task, wanted: &'static str) -> Refusal {
    Refusal::WrongState {
        task_id: task.spec.id.clone(),
        state: task.state.as_str(),
        wanted,
    }
}

fn merging<'a>(run: &'a Run, task_id: &TaskId) -> Result<(&'a Task, Option<&'a Landing>), Refusal> {
    let task = task(run, task_id)?;
    match &task.state {
        State::Merging { intent, .. } => Ok((task, intent.as_ref())),
        _ => Err(wrong_state(task, "merging")),
    }
}

fn waiting<'a>(run: &'a Run, task_id: &TaskId) -> Result<&'a Task, Refusal> {
    let task = task(run, task_id)?;
    if task.state == State::Waiting {
        Ok(task)
    } else {
        Err(wrong_state(task, "waiting"))
    }
}

/// The rejection of a result whose lease was given away; nothing if it is the current attempt's.
fn stale(run: &Run, task: &Task, epoch: Epoch) -> Option<Event> {
    let current = matches!(task.state, State::Running { .. }) && task.epoch == epoch;
    let reason = || {
        format!(
            "attempt {epoch} does not hold the lease: attempt {} is {}",
            task.epoch,
            task.state.as_str()
        )
    };
    (!current).then(|| Event::ResultRejected {
        run_id: run.run_id.clone(),
        task_id: task.spec.id.clone(),
        epoch,
        reason: reason(),
    })
}

fn succeed(
    run: &Run,
    task: &Task,
    outcome: Outcome,
    collected: Option<Collected>,
    grown: Grown,
) -> Result<Vec<Event>, Refusal> {
    let faults = check_graph(run.tasks.keys(), &grown.tasks);
    if !faults.is_empty() {
        return Err(Refusal::Graph(faults));
    }
    let run_id = || run.run_id.clone();
    let task_id = || task.spec.id.clone();
    let lands = collected.is_some();
    let (stories, checks) = (outcome.stories.clone(), outcome.checks.clone());
    let mut events = vec![Event::AttemptSucceeded {
        run_id: run_id(),
        task_id: task_id(),
        epoch: task.epoch,
        outcome,
        collected,
    }];
    if !stories.is_empty() && !lands {
        events.push(Event::StoriesSettled {
            run_id: run_id(),
            stories,
        });
    }
    let grew = !grown.tasks.is_empty();
    if grew {
        events.push(Event::TasksAdded {
            run_id: run_id(),
            tasks: grown.tasks,
        });
    }
    let verifies = task.spec.work == Work::Verify;
    let green = all_passed(&checks);
    if verifies {
        events.push(Event::Verified {
            run_id: run_id(),
            commit: task.base.clone(),
            checks,
        });
    }
    if verifies && !green {
        let skipped = graph::dependants(run, &task.spec.id, "left the product unverified");
        return Ok(end_of(
            run,
            events,
            &skipped,
            &[task],
            Some(End::Unverified),
        ));
    }
    if lands {
        return Ok(events);
    }
    if task.spec.gate.is_some() {
        events.push(Event::GateReached {
            run_id: run_id(),
            task_id: task_id(),
            round: task.round,
        });
        return Ok(events);
    }
    if grew {
        return Ok(events);
    }
    let end = verifies.then_some(End::Verified);
    Ok(end_of(run, events, &[], &[task], end))
}

/// Whether every check of the contract was run and passed.
fn all_passed(checks: &[super::CheckResult]) -> bool {
    CheckName::ALL.iter().all(|name| {
        checks
            .iter()
            .any(|check| check.check == *name && check.result == CheckState::Passed)
    })
}

fn fail(run: &Run, task: &Task, reason: String, retry_at: Option<Timestamp>) -> Vec<Event> {
    let last = retry_at.is_none() || task.failures + 1 >= task.spec.attempts_max;
    let failed = Event::AttemptFailed {
        run_id: run.run_id.clone(),
        task_id: task.spec.id.clone(),
        epoch: task.epoch,
        reason,
        retry_at: retry_at.filter(|_| !last),
    };
    if !last {
        return vec![failed];
    }
    let skipped = graph::dependants(run, &task.spec.id, "failed");
    let why = format!("task `{}` failed", task.spec.id);
    let mut events = vec![failed];
    events.extend(not_built(
        run,
        std::iter::once((&task.spec.id, why.as_str())),
    ));
    end_of(run, events, &skipped, &[task], Some(End::Failed))
}

/// Settles the stories of tasks that will never land.
fn not_built<'a>(run: &Run, over: impl Iterator<Item = (&'a TaskId, &'a str)>) -> Option<Event> {
    let stories: Vec<StoryResult> = over
        .filter_map(|(task_id, why)| {
            let (story, text) = run.tasks.get(task_id)?.spec.story.clone()?;
            let why = why.to_owned();
            let state = StoryState::NotBuilt { why };
            Some(StoryResult { story, text, state })
        })
        .filter(|story| !run.stories.contains_key(&story.story))
        .collect();
    let run_id = run.run_id.clone();
    (!stories.is_empty()).then_some(Event::StoriesSettled { run_id, stories })
}

fn land(run: &Run, task_id: TaskId) -> Result<Vec<Event>, Refusal> {
    let (task, intent) = merging(run, &task_id)?;
    let landing = intent
        .cloned()
        .ok_or_else(|| wrong_state(task, "merging with an intent"))?;
    let landed = Event::Landed {
        run_id: run.run_id.clone(),
        task_id: task_id.clone(),
        epoch: task.epoch,
        landing,
    };
    let mut events = vec![landed];
    let stories = task
        .outcome
        .as_ref()
        .map(|outcome| outcome.stories.clone())
        .unwrap_or_default();
    if !stories.is_empty() {
        events.push(Event::StoriesSettled {
            run_id: run.run_id.clone(),
            stories,
        });
    }
    if task.spec.gate.is_some() {
        events.push(Event::GateReached {
            run_id: run.run_id.clone(),
            task_id,
            round: task.round,
        });
        return Ok(events);
    }
    Ok(finish_if_over(run, &[task], events))
}

fn finish_if_over(run: &Run, over: &[&Task], events: Vec<Event>) -> Vec<Event> {
    end_of(run, events, &[], over, None)
}

/// Adds the skipped tasks, and the end of the run if nothing is left to do.
fn end_of(
    run: &Run,
    mut events: Vec<Event>,
    skipped: &[(TaskId, String)],
    over: &[&Task],
    hint: Option<End>,
) -> Vec<Event> {
    if !skipped.is_empty() {
        events.push(Event::TasksSkipped {
            run_id: run.run_id.clone(),
            tasks: skipped.to_vec(),
        });
        let over = skipped.iter().map(|(task_id, why)| (task_id, why.as_str()));
        events.extend(not_built(run, over));
    }
    let is_over = |task: &Task| {
        task.state.is_final()
            || over.iter().any(|done| done.spec.id == task.spec.id)
            || skipped.iter().any(|(task_id, _)| *task_id == task.spec.id)
    };
    if run.tasks.values().all(is_over) {
        let failed = run.tasks.values().find_map(|task| match &task.state {
            State::Failed { reason } => Some((task.spec.id.clone(), reason.clone())),
            _ => None,
        });
        let (end, reason) = how_it_ended(run, &events, failed, hint);
        events.push(Event::RunFinished {
            run_id: run.run_id.clone(),
            end,
            reason,
        });
    }
    events
}

fn how_it_ended(
    run: &Run,
    events: &[Event],
    failed: Option<(TaskId, String)>,
    hint: Option<End>,
) -> (End, Option<String>) {
    let failing_now = events.iter().find_map(|event| match event {
        Event::AttemptFailed {
            task_id,
            reason,
            retry_at: None,
            ..
        } => Some((task_id.clone(), reason.clone())),
        _ => None,
    });
    if let Some((task_id, reason)) = failing_now.or(failed) {
        return (
            End::Failed,
            Some(format!("task `{task_id}` failed: {reason}")),
        );
    }
    if matches!(hint, Some(End::Verified)) || (hint.is_none() && all_passed(&run.checks)) {
        return (End::Verified, None);
    }
    let checks = events.iter().find_map(|event| match event {
        Event::Verified { checks, .. } => Some(checks.as_slice()),
        _ => None,
    });
    let red = checks
        .unwrap_or(&run.checks)
        .iter()
        .find(|check| check.result != CheckState::Passed)
        .map(|check| {
            format!(
                "{} {}: {}",
                check.check.as_str(),
                check.result.as_str(),
                check.detail
            )
        });
    (
        End::Unverified,
        Some(red.unwrap_or_else(|| "not verified: no check was run".to_owned())),
    )
}

fn end_all(run: &Run, end: End, reason: &str) -> Vec<Event> {
    let run_id = || run.run_id.clone();
    let open = run.tasks.values().filter(|task| !task.state.is_final());
    let tasks: Vec<_> = open
        .map(|task| (task.spec.id.clone(), reason.to_owned()))
        .collect();
    let stories = not_built(
        run,
        tasks.iter().map(|(task_id, why)| (task_id, why.as_str())),
    );
    let mut events = vec![Event::TasksSkipped {
        run_id: run_id(),
        tasks,
    }];
    events.extend(stories);
    events.push(Event::RunFinished {
        run_id: run_id(),
        end,
        reason: Some(reason.to_owned()),
    });
    events
}
