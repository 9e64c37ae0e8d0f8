//! Attempts: started only after their event is durable, judged by epoch when they end.

use std::sync::Arc;

use factory_core::claim::{Answer, Claim, Glob, Mode};
use factory_core::clock::Timestamp;
use factory_core::id::{Epoch, TaskId};
use factory_core::run::{self, Refusal, RunEvent, State, TaskCommand};
use tracing::Instrument as _;

use super::message::{Done, Ended};
use super::spans;
use super::state::{Runner, RunnerError, Shared, Working};
use crate::slots::Slot;
use crate::staging::TreeChange;
use crate::worker::{Assignment, WorkError};
use crate::workshop::{Collection, Workshop, WorkshopError, blocking, chain};

impl Runner {
    /// Starts those for which a place is free; how many were started.
    pub(super) async fn start_attempts(
        &mut self,
        tasks: Vec<TaskId>,
    ) -> Result<usize, RunnerError> {
        if tasks.is_empty() {
            return Ok(0);
        }
        let workshop = Arc::clone(&self.workshop);
        let head = blocking(move || workshop.head()).await?;
        let mut events: Vec<RunEvent> = Vec::new();
        let mut started: Vec<(TaskId, Slot)> = Vec::new();
        for task_id in tasks {
            let Some(slot) = self.take_slot(&task_id) else {
                self.scheduler.release(&task_id);
                continue;
            };
            let Some((_, task)) = self.open_task(&task_id) else {
                continue;
            };
            let timeout = std::time::Duration::from_secs(task.spec.timeout_s);
            let start = TaskCommand::StartAttempt {
                base: head.clone(),
                lease_until: self.shared.clock.now().plus(timeout),
                claims: task.spec.claims_or_all(),
            };
            events.extend(run::decide(&self.repo.state, start.on(task_id.clone()))?);
            started.push((task_id, slot));
        }
        let count = started.len();
        if count > 0 {
            self.append(events, Vec::new()).await?;
        }
        for (task_id, slot) in started {
            if let Some(assignment) = self.assignment(&task_id) {
                self.spawn(assignment, slot);
            }
        }
        Ok(count)
    }

    fn spawn(&mut self, assignment: Assignment, slot: Slot) {
        let (task_id, epoch) = (assignment.task.id.clone(), assignment.epoch);
        let (shared, workshop) = (Arc::clone(&self.shared), Arc::clone(&self.workshop));
        let sender = self.ended.0.clone();
        let span = spans::attempt(&assignment.run_id, &task_id, epoch);
        let working = self.working.clone();
        let work = async move {
            let result = perform(&shared, &workshop, assignment, &working).await;
            drop(slot);
            result
        };
        let work = tokio::spawn(work.instrument(span));
        let abort = work.abort_handle();
        let reported = (task_id.clone(), epoch);
        tokio::spawn(async move {
            let result = match work.await {
                Ok(result) => result,
                Err(error) if error.is_cancelled() => return,
                Err(error) => Err(WorkError::Transient(format!(
                    "the worker panicked: {error}"
                ))),
            };
            let (task_id, epoch) = reported;
            // The runner may have come to rest; then the next one gives the attempt up.
            drop(sender.send(Box::new(Ended {
                task_id,
                epoch,
                result,
            })));
        });
        self.attempts.insert(task_id, abort);
    }

    /// Takes a result, or refuses it if the lease was given away.
    pub(super) async fn attempt_ended(&mut self, ended: Ended) -> Result<(), RunnerError> {
        let Ended {
            task_id,
            epoch,
            result,
        } = ended;
        let current = self.open_task(&task_id).is_some_and(|(_, task)| {
            task.epoch == epoch && matches!(task.state, State::Running { .. })
        });
        if current {
            self.attempts.remove(&task_id);
        }
        let command = self.command_for(&task_id, epoch, result, current);
        match self.command(command.on(task_id.clone())).await {
            Ok(()) => {}
            Err(RunnerError::Refused(Refusal::NoRun)) => return Ok(()),
            Err(RunnerError::Refused(refused @ Refusal::Graph(_))) => {
                let fail = TaskCommand::Fail {
                    epoch,
                    reason: refused.to_string(),
                    retry_at: None,
                };
                self.command(fail.on(task_id.clone())).await?;
            }
            Err(error) => return Err(error),
        }
        if current {
            let run = self.repo.state.run.as_ref();
            let task = run.and_then(|run| run.tasks.get(&task_id));
            match task.map(|task| &task.state) {
                Some(State::Merging { .. }) => self.scheduler.collected(&task_id),
                _ => self.scheduler.release(&task_id),
            }
        }
        self.drop_area(task_id, epoch).await;
        Ok(())
    }

    /// The command for a result. One that comes too late is refused by its epoch; it takes no claims, for nobody would
    /// release them.
    fn command_for(
        &mut self,
        task_id: &TaskId,
        epoch: Epoch,
        result: Result<Done, WorkError>,
        current: bool,
    ) -> TaskCommand {
        let done = match result {
            Ok(done) => done,
            Err(error) => {
                let permanent = matches!(error, WorkError::Permanent(_));
                return self.failure(task_id, epoch, error.to_string(), permanent);
            }
        };
        let (mut collected, mut extended) = (None, Vec::new());
        if let Some(collection) = done.collection {
            if !collection.violations.is_empty() {
                let reason = format!("change refused: {}", collection.violations.join("; "));
                return self.failure(task_id, epoch, reason, false);
            }
            if current {
                match self.claim_more(task_id, &collection.outside) {
                    Ok(claims) => extended = claims,
                    Err(reason) => return self.failure(task_id, epoch, reason, false),
                }
            }
            collected = Some(collection.collected);
        }
        TaskCommand::Succeed {
            epoch,
            outcome: done.report.outcome,
            collected,
            extended,
            grown: done.report.grown,
        }
    }

    /// A change outside the claims becomes a claim request: granted, it lands.
    fn claim_more(&mut self, task_id: &TaskId, outside: &[String]) -> Result<Vec<Claim>, String> {
        let mut more = Vec::new();
        for path in outside {
            let glob = Glob::literal(path).map_err(|error| format!("claim `{path}`: {error}"))?;
            more.push(Claim::new(Mode::Edit, glob));
        }
        match self.scheduler.extend(task_id, &more) {
            Answer::Granted => Ok(more),
            Answer::Busy(busy) => Err(format!(
                "it changed files outside its claims, and {} is held by task `{}`; tried again when that is done",
                busy.wanted, busy.by
            )),
        }
    }

    /// The failure of an attempt, to be tried again unless that cannot help.
    fn failure(
        &self,
        task_id: &TaskId,
        epoch: Epoch,
        reason: String,
        permanent: bool,
    ) -> TaskCommand {
        let retry_at = (!permanent).then(|| self.retry_at(task_id, epoch));
        tracing::warn!(task.id = %task_id, attempt = epoch.0, %reason, "attempt fails");
        TaskCommand::Fail {
            epoch,
            reason,
            retry_at,
        }
    }

    /// When a task that fails now is tried again.
    pub(super) fn retry_at(&self, task_id: &TaskId, epoch: Epoch) -> Timestamp {
        let failures = self.open_task(task_id).map_or(0, |(_, task)| task.failures);
        let delay = self.shared.retry.delay(failures, task_id, epoch);
        self.shared.clock.now().plus(delay)
    }

    /// Ends an attempt that took longer than its task allows.
    pub(super) async fn expire(
        &mut self,
        task_id: TaskId,
        epoch: Epoch,
    ) -> Result<(), RunnerError> {
        if let Some(attempt) = self.attempts.remove(&task_id) {
            attempt.abort();
        }
        let reason = "it took longer than its task allows; its lease has run out".to_owned();
        let fail = self.failure(&task_id, epoch, reason, false);
        self.command(fail.on(task_id.clone())).await?;
        self.scheduler.release(&task_id);
        self.drop_area(task_id, epoch).await;
        Ok(())
    }
}

fn transient(error: &WorkshopError) -> WorkError {
    WorkError::Transient(chain(error))
}

async fn perform(
    shared: &Shared,
    workshop: &Arc<Workshop>,
    mut assignment: Assignment,
    working: &Working,
) -> Result<Done, WorkError> {
    prepare(workshop, &mut assignment, working).await?;
    if let Some(folder) = assignment.log.parent() {
        let made = tokio::fs::create_dir_all(folder).await;
        made.map_err(|error| {
            WorkError::Transient(format!("create folder `{}`: {error}", folder.display()))
        })?;
    }
    let mut report = shared.worker.perform(&assignment).await?;
    let change = report.change.take();
    let mut collection = None;
    if assignment.task.lands {
        let collected = collect(workshop, assignment, change).await?;
        collection = Some(collected);
    }
    Ok(Done { report, collection })
}

/// Brings what the worker needs: a checkout of the base, or a way to read its files.
async fn prepare(
    workshop: &Arc<Workshop>,
    assignment: &mut Assignment,
    working: &Working,
) -> Result<(), WorkError> {
    let (workshop, base) = (Arc::clone(workshop), assignment.base.clone());
    if assignment.task.needs_area {
        let (task_id, epoch) = (assignment.task.id.clone(), assignment.epoch);
        let working = working.clone();
        let staged = blocking(move || {
            let staged = workshop.stage(&task_id, epoch, base.as_ref());
            drop(working);
            staged
        });
        let staged = staged.await;
        assignment.area = Some(staged.map_err(|error| transient(&error))?);
    } else if assignment.task.lands {
        let files = blocking(move || workshop.files(base.as_ref())).await;
        assignment.files = Some(Arc::new(files.map_err(|error| transient(&error))?));
    }
    Ok(())
}

/// The change of a finished attempt: handed in as data, or found in its area.
async fn collect(
    workshop: &Arc<Workshop>,
    assignment: Assignment,
    change: Option<TreeChange>,
) -> Result<Collection, WorkError> {
    let workshop = Arc::clone(workshop);
    let Assignment {
        task, epoch, base, ..
    } = assignment;
    let collected = match change {
        Some(change) => {
            blocking(move || workshop.write_change(&task, base.as_ref(), &change)).await
        }
        None if task.needs_area => blocking(move || workshop.collect(&task, epoch)).await,
        None => {
            let problem = "the task lands, but its worker handed in no change";
            return Err(WorkError::Permanent(problem.to_owned()));
        }
    };
    collected.map_err(|error| transient(&error))
}
