//! A runner's state, and the few steps that all of its rooms take: append, assign, name a log.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use factory_core::clock::Clock;
use factory_core::id::{Epoch, GateId, ObjectId, RunId, TaskId};
use factory_core::portfolio::{self, Gate};
use factory_core::run::{
    self, Command, End, Event, Repo, Run, RunEvent, State, Subject, Task, TaskEvent,
};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::message::{Batch, Ended, Request};
use super::retry::Retry;
use crate::journal::{Folded, Journal, JournalError};
use crate::scheduler::Scheduler;
use crate::slots::{Slot, Slots};
use crate::worker::{Assignment, Worker};
use crate::workshop::{Workshop, WorkshopError, blocking, chain};

/// How long work that was given up may take to stop.
const GIVE_UP_MAX: Duration = Duration::from_mins(1);

/// What all runners of a driver share.
#[derive(Debug)]
pub struct Shared {
    /// Appends.
    pub journal: Journal,
    /// Performs tasks.
    pub worker: Arc<dyn Worker>,
    /// Places for attempts.
    pub slots: Slots,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Folder for logs of attempts.
    pub logs: PathBuf,
    /// How failed attempts are tried again.
    pub retry: Retry,
}

/// A runner had to stop. Nothing that was appended is lost; opened again, it resumes from there.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The event log.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The repository or its staging areas.
    #[error(transparent)]
    Workshop(#[from] WorkshopError),
    /// Somebody else writes this repository's stream.
    #[error("decide on the newest state")]
    Refused(#[from] run::Refusal),
}

/// How a runner came to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The run ended.
    Ended(End),
    /// Nothing can be done until a person decides.
    Waiting,
}

/// Held by work beside the loop, also by a blocking call that outlives its aborted task. Nothing is ever sent.
pub(super) type Working = mpsc::Sender<Infallible>;

/// Drives one repository.
#[derive(Debug)]
pub struct Runner {
    pub(super) shared: Arc<Shared>,
    pub(super) subject: Subject,
    pub(super) workshop: Arc<Workshop>,
    pub(super) repo: Folded<Repo>,
    pub(super) scheduler: Scheduler,
    pub(super) attempts: BTreeMap<TaskId, AbortHandle>,
    pub(super) merging: Option<AbortHandle>,
    /// Cloned into everything that works beside the loop.
    pub(super) working: Working,
    pub(super) idle: mpsc::Receiver<Infallible>,
    pub(super) ended: (
        mpsc::UnboundedSender<Box<Ended>>,
        mpsc::UnboundedReceiver<Box<Ended>>,
    ),
    pub(super) merged: (mpsc::UnboundedSender<Batch>, mpsc::UnboundedReceiver<Batch>),
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) stay: bool,
}

impl Drop for Runner {
    fn drop(&mut self) {
        for attempt in self.attempts.values().chain(&self.merging) {
            attempt.abort();
        }
    }
}

impl Runner {
    /// The folded state.
    pub fn repo(&self) -> &Repo {
        &self.repo.state
    }

    /// Gives up what works beside the loop, and waits until nothing does.
    pub(super) async fn give_up_work(&mut self) {
        let attempts = std::mem::take(&mut self.attempts).into_values();
        for work in attempts.chain(self.merging.take()) {
            work.abort();
        }
        let (working, idle) = mpsc::channel(1);
        drop(std::mem::replace(&mut self.working, working));
        let mut until_idle = std::mem::replace(&mut self.idle, idle);
        let clock = &self.shared.clock;
        tokio::select! {
            // When the last clone is dropped.
            None = until_idle.recv() => {}
            () = clock.sleep_until(clock.now().plus(GIVE_UP_MAX)) => {
                tracing::warn!("work that was given up is still going on; nobody waits for it any longer");
            }
        }
    }

    /// The head of the target branch, which must contain everything that has landed.
    pub(super) async fn head(&self) -> Result<Option<ObjectId>, WorkshopError> {
        let (workshop, landed) = (Arc::clone(&self.workshop), self.repo.state.head.clone());
        blocking(move || workshop.head_with(landed.as_ref())).await
    }

    pub(super) fn open_task(&self, task_id: &TaskId) -> Option<(&Run, &Task)> {
        let run = self.repo.state.open_run()?;
        Some((run, run.tasks.get(task_id)?))
    }

    /// Decides on the folded state and appends what follows.
    pub(super) async fn command(&mut self, command: Command) -> Result<(), RunnerError> {
        let events = run::decide(&self.repo.state, command)?;
        self.append(events, Vec::new()).await
    }

    /// Appends events of this repository, and what they mean for the portfolio in the same append: a gate opens, the
    /// run of a startup ends.
    pub(super) async fn append(
        &mut self,
        events: Vec<RunEvent>,
        mut commands: Vec<portfolio::Command>,
    ) -> Result<(), RunnerError> {
        for event in &events {
            match &event.event {
                Event::Task {
                    task_id,
                    event: TaskEvent::GateReached { round },
                } => commands.extend(self.gate_to_open(task_id, *round, &events)),
                Event::Finished { end, .. } => {
                    if let Subject::Startup { slug } = &self.subject {
                        commands.push(portfolio::Command::EndRun {
                            slug: slug.clone(),
                            state: (*end).into(),
                        });
                    }
                }
                _ => {}
            }
        }
        let name = self.subject.name();
        self.shared
            .journal
            .append(name, &mut self.repo, events, commands)
            .await?;
        Ok(())
    }

    fn gate_to_open(
        &self,
        task_id: &TaskId,
        round: u32,
        events: &[RunEvent],
    ) -> Option<portfolio::Command> {
        let (run, task) = self.open_task(task_id)?;
        let gate = task.spec.gate.as_ref()?;
        let fresh = events.iter().find_map(|event| match &event.event {
            Event::Task {
                task_id: done,
                event: TaskEvent::AttemptSucceeded { outcome, .. },
            } if done == task_id => Some(outcome),
            _ => None,
        });
        let artifacts = fresh
            .or(task.outcome.as_ref())
            .map(|outcome| outcome.artifacts.clone());
        Some(portfolio::Command::OpenGate {
            gate_id: GateId::of(&run.run_id, &gate.name),
            gate: Gate {
                name: gate.name.clone(),
                question: gate.question.clone(),
                phase: task.spec.phase.clone(),
                round,
                artifacts: artifacts.unwrap_or_default(),
                decision: None,
            },
        })
    }

    pub(super) fn assignment(&self, task_id: &TaskId) -> Option<Assignment> {
        let (run, task) = self.open_task(task_id)?;
        let done = |task: &Task| Some((task.spec.id.clone(), task.outcome.clone()?));
        Some(Assignment {
            run_id: run.run_id.clone(),
            subject: run.subject.clone(),
            plan: run.plan.clone(),
            task: task.spec.clone(),
            epoch: task.epoch,
            round: task.round,
            comment: task.comment.clone(),
            base: task.base.clone(),
            area: None,
            files: None,
            log: log_path(&self.shared.logs, &run.run_id, task_id, task.epoch),
            outcomes: run
                .tasks
                .values()
                .filter(|task| task.state == State::Done)
                .filter_map(done)
                .collect(),
            stories: run.stories.clone(),
        })
    }

    pub(super) fn take_slot(&self, task_id: &TaskId) -> Option<Slot> {
        let (_, task) = self.open_task(task_id)?;
        self.shared.slots.take(task.spec.weight)
    }

    /// Removes the area of an attempt. What is left of it costs room and delays nothing: the next start tries again.
    pub(super) async fn drop_area(&self, task_id: TaskId, epoch: Epoch) {
        let workshop = Arc::clone(&self.workshop);
        let task = task_id.clone();
        let dropped = blocking(move || workshop.drop_area(&task, epoch)).await;
        if let Err(error) = dropped {
            tracing::warn!(task.id = %task_id, attempt = epoch.0, error = chain(&error), "staging area stays");
        }
    }
}

/// The log of an attempt, below the folder of logs.
pub fn log_path(logs: &Path, run_id: &RunId, task_id: &TaskId, epoch: Epoch) -> PathBuf {
    let plain = |char: char| {
        if char.is_ascii_alphanumeric() {
            char
        } else {
            '_'
        }
    };
    let name: String = task_id.as_str().chars().map(plain).collect();
    logs.join(run_id.as_str())
        .join(format!("{name}.{epoch}.log"))
}
