//! The merge queue: changes are merged together, checked on the merged tree, and published by one
//! compare-and-swap whose intent was recorded first.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use factory_core::id::{Epoch, ObjectId, TaskId};
use factory_core::run::{self, Plan, RunEvent, State, TaskCommand};
use tracing::Instrument as _;

use super::message::Batch;
use super::spans;
use super::state::{Runner, RunnerError, Shared, Working, log_path};
use crate::workshop::{Change, Workshop, WorkshopError, blocking, publish_patiently};

impl Runner {
    /// Merges and checks beside the loop.
    pub(super) fn merge(&mut self, tasks: &[TaskId]) {
        let Some(run) = self.repo.state.open_run() else {
            return;
        };
        let mut changes = Vec::new();
        for task in tasks.iter().filter_map(|task_id| run.tasks.get(task_id)) {
            if let State::Merging { collected, .. } = &task.state {
                changes.push(Change {
                    task_id: task.spec.id.clone(),
                    epoch: task.epoch,
                    title: task.spec.title.clone(),
                    collected: collected.clone(),
                    again: task.conflicts > 0,
                });
            }
        }
        let (shared, workshop) = (Arc::clone(&self.shared), Arc::clone(&self.workshop));
        let (plan, sender, run_id) = (run.plan.clone(), self.merged.0.clone(), run.run_id.clone());
        let span = spans::merge(&run_id, changes.len());
        let working = self.working.clone();
        let job = async move {
            let log = |task_id: &TaskId, epoch| {
                let attempt = log_path(&shared.logs, &run_id, task_id, epoch);
                prefixed("merge_", &attempt)
            };
            merge_and_check(&shared, &workshop, &working, &plan, changes, log).await
        };
        let job = tokio::spawn(job.instrument(span));
        self.merging = Some(job.abort_handle());
        tokio::spawn(async move {
            let batch = match job.await {
                Ok(batch) => batch,
                Err(error) if error.is_cancelled() => return,
                Err(_) => Batch {
                    error: Some(WorkshopError::Panicked),
                    ..Batch::default()
                },
            };
            drop(sender.send(batch));
        });
    }

    /// Publishes what was merged and sends back what was not.
    pub(super) async fn merged(&mut self, batch: Batch) -> Result<(), RunnerError> {
        self.merging = None;
        if let Some(error) = batch.error {
            return Err(error.into());
        }
        if self.repo.state.open_run().is_none() {
            return Ok(());
        }
        self.send_back(batch.conflicts, batch.red).await?;
        if batch.landings.is_empty() || self.repo.state.open_run().is_none() {
            return Ok(());
        }
        self.head().await?;
        let intend = batch.landings.iter().map(|(task_id, epoch, landing)| {
            let intend = TaskCommand::Intend {
                epoch: *epoch,
                landing: landing.clone(),
            };
            intend.on(task_id.clone())
        });
        self.append_all(intend.collect()).await?;
        let tip = batch
            .landings
            .last()
            .and_then(|(_, _, landing)| landing.commit.clone());
        // A person may have committed since the last landing: the checkout is brought to the head that is about to move,
        // else their commit looks like local edits that are in the way.
        self.sync_checkout().await?;
        let (workshop, head) = (Arc::clone(&self.workshop), batch.head.clone());
        let published = publish_patiently(&workshop, &*self.shared.clock, head, tip).await?;
        let settle = batch.landings.iter().map(|(task_id, epoch, _)| {
            let epoch = *epoch;
            let settled = if published {
                TaskCommand::Land { epoch }
            } else {
                TaskCommand::DropIntent { epoch }
            };
            settled.on(task_id.clone())
        });
        self.append_all(settle.collect()).await?;
        if published {
            for (task_id, ..) in &batch.landings {
                self.scheduler.release(task_id);
            }
            self.sync_checkout().await?;
        }
        Ok(())
    }

    async fn sync_checkout(&self) -> Result<(), WorkshopError> {
        let workshop = Arc::clone(&self.workshop);
        blocking(move || {
            workshop.sync();
            Ok(())
        })
        .await
    }

    async fn send_back(
        &mut self,
        conflicts: Vec<(TaskId, Epoch, String)>,
        red: Option<(TaskId, Epoch, String)>,
    ) -> Result<(), RunnerError> {
        let mut commands = Vec::new();
        let mut freed = Vec::new();
        for (task_id, epoch, reason) in conflicts {
            freed.push(task_id.clone());
            commands.push(TaskCommand::Conflict { epoch, reason }.on(task_id));
        }
        if let Some((task_id, epoch, reason)) = red {
            freed.push(task_id.clone());
            let retry_at = self.retry_at(&task_id, epoch);
            let reject = TaskCommand::RejectChange {
                epoch,
                reason,
                retry_at: Some(retry_at),
            };
            commands.push(reject.on(task_id));
        }
        self.append_all(commands).await?;
        for task_id in &freed {
            self.scheduler.release(task_id);
        }
        Ok(())
    }

    /// Decides each command on what the ones before it make of the state, and appends all at once.
    pub(super) async fn append_all(
        &mut self,
        commands: Vec<run::Command>,
    ) -> Result<(), RunnerError> {
        if commands.is_empty() {
            return Ok(());
        }
        let mut scratch = self.repo.state.clone();
        let mut events: Vec<RunEvent> = Vec::new();
        for command in commands {
            for event in run::decide(&scratch, command)? {
                run::apply(&mut scratch, &event);
                events.push(event);
            }
        }
        self.append(events, Vec::new()).await
    }
}

/// The same path with a prefix before its last part.
fn prefixed(prefix: &str, path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{prefix}{name}"))
}

/// Merges the changes onto the head, checks the result, and halves the batch while it is red.
async fn merge_and_check(
    shared: &Shared,
    workshop: &Arc<Workshop>,
    working: &Working,
    plan: &Plan,
    mut changes: Vec<Change>,
    log: impl Fn(&TaskId, Epoch) -> PathBuf,
) -> Batch {
    let mut batch = Batch::default();
    loop {
        let (for_merge, asked, at) = (Arc::clone(workshop), changes.clone(), shared.clock.now());
        let prepared = match blocking(move || for_merge.prepare(&asked, at)).await {
            Ok(prepared) => prepared,
            Err(error) => {
                return Batch {
                    error: Some(error),
                    ..batch
                };
            }
        };
        batch.head = prepared.head;
        batch.landings = prepared.landings;
        batch.conflicts = prepared.conflicts;
        let Some((task_id, epoch, landing)) = batch.landings.last() else {
            return batch;
        };
        if landing.commit == batch.head {
            return batch;
        }
        let checked = check(
            shared,
            workshop,
            working,
            plan,
            landing.commit.as_ref(),
            &log(task_id, *epoch),
        )
        .await;
        match checked {
            Ok(Ok(())) => return batch,
            Err(error) => {
                return Batch {
                    error: Some(error),
                    ..batch
                };
            }
            Ok(Err(reason)) if batch.landings.len() == 1 => {
                let red = batch.landings.pop();
                batch.red = red.map(|(task_id, epoch, _)| (task_id, epoch, reason));
                return batch;
            }
            Ok(Err(reason)) => {
                tracing::info!(%reason, changes = batch.landings.len(), "batch is red, halving it");
                let keep: Vec<_> = batch
                    .landings
                    .iter()
                    .map(|(task_id, ..)| task_id.clone())
                    .collect();
                let half = keep.len().div_ceil(2);
                let kept = keep.get(..half).unwrap_or(&keep);
                changes.retain(|change| kept.contains(&change.task_id));
            }
        }
    }
}

/// Checks out the merged tree and lets the worker look at it; the inner error says what is wrong with the tree.
async fn check(
    shared: &Shared,
    workshop: &Arc<Workshop>,
    working: &Working,
    plan: &Plan,
    commit: Option<&ObjectId>,
    log: &Path,
) -> Result<Result<(), String>, WorkshopError> {
    let Some(commit) = commit.cloned() else {
        return Ok(Ok(()));
    };
    let for_check = Arc::clone(workshop);
    let working = working.clone();
    // Nobody may be left to take the answer: then it is dropped before the runner counts as idle.
    let checkout = blocking(move || Ok((for_check.check_out_for_check(&commit)?, working)));
    let (checkout, _working) = checkout.await?;
    if let Some(folder) = log.parent() {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(|source| WorkshopError::Folder {
                path: folder.to_owned(),
                source,
            })?;
    }
    let checked = shared.worker.check_merged(plan, checkout.path(), log).await;
    // Only a check that came to its end gives the folder back: one that was given up may still be writing into it.
    checkout.release();
    Ok(checked.map_err(|error| error.to_string()))
}
