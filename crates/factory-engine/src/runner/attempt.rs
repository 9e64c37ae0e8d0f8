//! Attempts: started only after their event is durable, judged by epoch when they end.

use std::sync::Arc;

use factory_core::claim::{Answer, Claim, Glob, Mode};
use factory_core::id::{Epoch, TaskId};
use factory_core::portfolio;
use factory_core::run::{self, Command, Event, Grown, Refusal, State};

use super::drive::{Runner, RunnerError, Shared};
use crate::slots::Slot;
use crate::worker::{Assignment, Report, WorkError};
use crate::workshop::{Collection, Workshop, blocking};

/// An attempt that reported.
#[derive(Debug)]
pub(super) struct Ended {
    task_id: TaskId,
    epoch: Epoch,
    result: Result<Done, WorkError>,
}

#[derive(Debug)]
struct Done {
    report: Report,
    collection: Option<Collection>,
}

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
        let mut events: Vec<Event> = Vec::new();
        let mut started: Vec<(TaskId, Slot)> = Vec::new();
        for task_id in tasks {
            let Some(slot) = self.take_slot(&task_id) else {
                self.scheduler.release(&task_id);
                continue;
            };
            let Some(task) = self
                .repo
                .state
                .open_run()
                .and_then(|run| run.tasks.get(&task_id))
            else {
                continue;
            };
            let timeout = std::time::Duration::from_secs(task.spec.timeout_s);
            let lease_until = self.shared.clock.now().plus(timeout);
            let command = Command::StartAttempt {
                task_id: task_id.clone(),
                base: head.clone(),
                lease_until,
            };
            events.extend(run::decide(&self.repo.state, command)?);
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
        let work = tokio::spawn(async move {
            let result = perform(&shared, &workshop, assignment).await;
            drop(slot);
            result
        });
        let abort = work.abort_handle();
        let reported = (task_id.clone(), epoch);
        tokio::spawn(async move {
            let result = match work.await {
                Ok(result) => result,
                Err(error) if error.is_cancelled() => return,
                Err(error) => Err(WorkError::Failed(format!("the worker panicked: {error}"))),
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
        let current = self
            .repo
            .state
            .open_run()
            .and_then(|run| run.tasks.get(&task_id))
            .is_some_and(|task| task.epoch == epoch && matches!(task.state, State::Running { .. }));
        if current {
            self.attempts.remove(&task_id);
        }
        let command = self.command_for(&task_id, epoch, result);
        let events = match run::decide(&self.repo.state, command) {
            Ok(events) => events,
            Err(Refusal::NoRun) => return Ok(()),
            Err(Refusal::Graph(faults)) => {
                let reason = Refusal::Graph(faults).to_string();
                let command = Command::Fail {
                    task_id: task_id.clone(),
                    epoch,
                    reason,
                    retry_at: None,
                };
                run::decide(&self.repo.state, command)?
            }
            Err(refused) => return Err(refused.into()),
        };
        self.append(events, Vec::<portfolio::Command>::new())
            .await?;
        if current {
            let merges = self
                .repo
                .state
                .run
                .as_ref()
                .and_then(|run| run.tasks.get(&task_id));
            match merges.map(|task| &task.state) {
                Some(State::Merging { .. }) => self.scheduler.collected(&task_id),
                _ => self.scheduler.release(&task_id),
            }
        }
        let workshop = Arc::clone(&self.workshop);
        blocking(move || workshop.drop_area(&task_id, epoch)).await?;
        Ok(())
    }

    fn command_for(
        &mut self,
        task_id: &TaskId,
        epoch: Epoch,
        result: Result<Done, WorkError>,
    ) -> Command {
        let done = match result {
            Ok(done) => done,
            Err(error) => {
                let hopeless = matches!(error, WorkError::Hopeless(_));
                return self.failure(task_id, epoch, error.to_string(), hopeless);
            }
        };
        let mut collected = None;
        if let Some(collection) = done.collection {
            if !collection.violations.is_empty() {
                let reason = format!("change refused: {}", collection.violations.join("; "));
                return self.failure(task_id, epoch, reason, false);
            }
            if let Err(reason) = self.claim_more(task_id, &collection.outside) {
                return self.failure(task_id, epoch, reason, false);
            }
            collected = Some(collection.collected);
        }
        let grown = Grown {
            tasks: done.report.grown,
        };
        Command::Succeed {
            task_id: task_id.clone(),
            epoch,
            outcome: done.report.outcome,
            collected,
            grown,
        }
    }

    /// A change outside the claims becomes a claim request: granted, it lands.
    fn claim_more(&mut self, task_id: &TaskId, outside: &[String]) -> Result<(), String> {
        let mut more = Vec::new();
        for path in outside {
            let glob = Glob::literal(path).map_err(|error| format!("claim `{path}`: {error}"))?;
            more.push(Claim::new(Mode::Edit, glob));
        }
        match self.scheduler.extend(task_id, &more) {
            Answer::Granted => Ok(()),
            Answer::Busy(busy) => Err(format!(
                "it changed files outside its claims, and {} is held by task `{}`; tried again when that is done",
                busy.wanted, busy.by
            )),
        }
    }

    pub(super) fn failure(
        &self,
        task_id: &TaskId,
        epoch: Epoch,
        reason: String,
        hopeless: bool,
    ) -> Command {
        let failures = self
            .repo
            .state
            .open_run()
            .and_then(|run| run.tasks.get(task_id))
            .map_or(0, |task| task.failures);
        let delay = self.shared.retry.delay(failures, task_id, epoch);
        let retry_at = (!hopeless).then(|| self.shared.clock.now().plus(delay));
        tracing::warn!(task.id = %task_id, attempt = epoch.0, %reason, "attempt fails");
        Command::Fail {
            task_id: task_id.clone(),
            epoch,
            reason,
            retry_at,
        }
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
        let command = self.failure(&task_id, epoch, reason, false);
        let events = run::decide(&self.repo.state, command)?;
        self.append(events, Vec::new()).await?;
        self.scheduler.release(&task_id);
        let workshop = Arc::clone(&self.workshop);
        blocking(move || workshop.drop_area(&task_id, epoch)).await?;
        Ok(())
    }
}

async fn perform(
    shared: &Shared,
    workshop: &Arc<Workshop>,
    mut assignment: Assignment,
) -> Result<Done, WorkError> {
    let failed =
        |error: crate::workshop::WorkshopError| WorkError::Failed(crate::workshop::chain(&error));
    let changes = assignment.task.work.changes_repository();
    if changes || assignment.task.work == run::Work::Verify {
        let (room, task_id, epoch, base) = (
            Arc::clone(workshop),
            assignment.task.id.clone(),
            assignment.epoch,
            assignment.base.clone(),
        );
        let area = blocking(move || room.stage(&task_id, epoch, base.as_ref()))
            .await
            .map_err(failed)?;
        assignment.area = Some(area);
    }
    if let Some(folder) = assignment.log.parent() {
        let made = tokio::fs::create_dir_all(folder).await;
        made.map_err(|error| {
            WorkError::Failed(format!("create folder `{}`: {error}", folder.display()))
        })?;
    }
    let report = shared.worker.perform(&assignment).await?;
    let mut collection = None;
    if changes {
        let room = Arc::clone(workshop);
        let (task, epoch) = (assignment.task.clone(), assignment.epoch);
        collection = Some(
            blocking(move || room.collect(&task, epoch))
                .await
                .map_err(failed)?,
        );
    }
    Ok(Done { report, collection })
}
