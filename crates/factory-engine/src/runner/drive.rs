//! The loop of a runner: ask the scheduler, append, act, wait for what comes back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use factory_core::clock::{Clock, Timestamp};
use factory_core::id::{Epoch, GateId, Slug, TaskId};
use factory_core::playbook;
use factory_core::portfolio::{self, Gate};
use factory_core::run::{self, Command, End, Event, Repo, State, Task};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::attempt::Ended;
use super::merging::Batch;
use super::people::{Handle, Request};
use super::retry::Retry;
use crate::journal::{Folded, Journal, JournalError};
use crate::scheduler::{Input, Proposal, Scheduler};
use crate::slots::{Slot, Slots, Weight};
use crate::worker::{Assignment, Worker};
use crate::workshop::{Workshop, WorkshopError};

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

/// A runner could not go on. Nothing that was appended is lost; opened again, it goes on from there.
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

enum Message {
    Ended(Box<Ended>),
    Merged(Batch),
    Request(Request),
    Woken,
}

/// Drives one repository.
#[derive(Debug)]
pub struct Runner {
    pub(super) shared: Arc<Shared>,
    pub(super) slug: Slug,
    pub(super) workshop: Arc<Workshop>,
    pub(super) repo: Folded<Repo>,
    pub(super) scheduler: Scheduler,
    pub(super) attempts: BTreeMap<TaskId, AbortHandle>,
    pub(super) merging: Option<AbortHandle>,
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
    /// Folds the stream and recovers what a dead driver left. With `stay`, the runner waits for people's
    /// decisions instead of coming to rest.
    pub async fn open(
        shared: Arc<Shared>,
        slug: Slug,
        workshop: Arc<Workshop>,
        stay: bool,
    ) -> Result<(Self, Handle), RunnerError> {
        let (sender, requests) = mpsc::channel(16);
        let repo = shared.journal.repo(&slug).await?;
        let mut runner = Self {
            shared,
            slug,
            workshop,
            repo,
            scheduler: Scheduler::default(),
            attempts: BTreeMap::new(),
            merging: None,
            ended: mpsc::unbounded_channel(),
            merged: mpsc::unbounded_channel(),
            requests,
            stay,
        };
        runner.recover().await?;
        runner.scheduler = Scheduler::restore(&runner.repo.state);
        Ok((runner, Handle { requests: sender }))
    }

    /// The folded state.
    pub fn repo(&self) -> &Repo {
        &self.repo.state
    }

    /// Begins a run; the portfolio notes it in the same append.
    pub async fn start(
        &mut self,
        plan: run::Plan,
        tasks: Vec<run::TaskSpec>,
        number: u64,
    ) -> Result<(), RunnerError> {
        let command = Command::Start {
            run_id: self.slug.run(number),
            plan,
            tasks,
        };
        let events = run::decide(&self.repo.state, command)?;
        self.append(
            events,
            vec![portfolio::Command::BeginRun {
                slug: self.slug.clone(),
            }],
        )
        .await
    }

    /// Drives the run until it ends, or until only people can move it.
    pub async fn drive(&mut self) -> Result<Rest, RunnerError> {
        loop {
            if let Some(end) = self.repo.state.run.as_ref().and_then(|run| run.end) {
                return Ok(Rest::Ended(end));
            }
            let freed = self.shared.slots.freed();
            let freed = freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            let step = self.scheduler.step(&self.repo.state, self.input());
            let (acted, beaten) = self.act(step.proposals).await?;
            if acted {
                continue;
            }
            let starved = step.starved || beaten;
            let idle = self.attempts.is_empty() && self.merging.is_none() && !starved;
            if idle && step.wake_at.is_none() && !self.stay {
                return Ok(Rest::Waiting);
            }
            let message = tokio::select! {
                Some(ended) = self.ended.1.recv() => Message::Ended(ended),
                Some(batch) = self.merged.1.recv() => Message::Merged(batch),
                Some(request) = self.requests.recv() => Message::Request(request),
                () = freed, if starved => Message::Woken,
                () = sleep(&self.shared.clock, step.wake_at), if step.wake_at.is_some() => Message::Woken,
            };
            self.take(message).await?;
        }
    }

    fn input(&self) -> Input {
        Input {
            now: self.shared.clock.now(),
            free_light: self.shared.slots.available(Weight::Light),
            free_heavy: self.shared.slots.available(Weight::Heavy),
            merging: self.merging.is_some(),
        }
    }

    async fn take(&mut self, message: Message) -> Result<(), RunnerError> {
        match message {
            Message::Ended(ended) => self.attempt_ended(*ended).await,
            Message::Merged(batch) => self.merged(batch).await,
            Message::Request(request) => self.follow(request).await,
            Message::Woken => Ok(()),
        }
    }

    /// Whether anything was done, so that the scheduler should be asked again, and whether another repository was
    /// quicker to take a place.
    async fn act(&mut self, proposals: Vec<Proposal>) -> Result<(bool, bool), RunnerError> {
        let mut acted = false;
        let mut starts = Vec::new();
        for proposal in proposals {
            match proposal {
                Proposal::Start { task_id } => starts.push(task_id),
                Proposal::Merge { tasks } => {
                    self.merge(&tasks);
                }
                Proposal::Expire { task_id, epoch } => {
                    self.expire(task_id, epoch).await?;
                    acted = true;
                }
                Proposal::Approve { task_id, policy } => {
                    self.approve(&task_id, &policy).await?;
                    acted = true;
                }
            }
        }
        let wanted = starts.len();
        let started = self.start_attempts(starts).await?;
        Ok((acted || started > 0, started < wanted))
    }

    pub(super) async fn append(
        &mut self,
        events: Vec<Event>,
        mut commands: Vec<portfolio::Command>,
    ) -> Result<(), RunnerError> {
        for event in &events {
            match event {
                Event::GateReached { task_id, round, .. } => {
                    commands.extend(self.gate_to_open(task_id, *round, &events));
                }
                Event::RunFinished { end, .. } => {
                    let state = portfolio_state(*end);
                    commands.push(portfolio::Command::EndRun {
                        slug: self.slug.clone(),
                        state,
                    });
                }
                _ => {}
            }
        }
        self.shared
            .journal
            .append(&self.slug, &mut self.repo, events, commands)
            .await?;
        Ok(())
    }

    fn gate_to_open(
        &self,
        task_id: &TaskId,
        round: u32,
        events: &[Event],
    ) -> Option<portfolio::Command> {
        let run = self.repo.state.open_run()?;
        let task = run.tasks.get(task_id)?;
        let name = task.spec.gate.clone()?;
        let fresh = events.iter().find_map(|event| match event {
            Event::AttemptSucceeded {
                task_id: done,
                outcome,
                ..
            } if done == task_id => Some(outcome),
            _ => None,
        });
        let artifacts = fresh
            .or(task.outcome.as_ref())
            .map(|outcome| outcome.artifacts.clone());
        let gate = Gate {
            question: playbook::question(&name).to_owned(),
            phase: task.spec.work.phase().as_str().to_owned(),
            round,
            artifacts: artifacts.unwrap_or_default(),
            decision: None,
            name: name.clone(),
        };
        Some(portfolio::Command::OpenGate {
            gate_id: GateId::of(&run.run_id, &name),
            gate,
        })
    }
}

fn portfolio_state(end: End) -> portfolio::State {
    match end {
        End::Verified => portfolio::State::Verified,
        End::Unverified => portfolio::State::Unverified,
        End::Failed => portfolio::State::Failed,
        End::Rejected => portfolio::State::Rejected,
        End::Cancelled => portfolio::State::Cancelled,
    }
}

async fn sleep(clock: &Arc<dyn Clock>, until: Option<Timestamp>) {
    match until {
        Some(until) => clock.sleep_until(until).await,
        None => std::future::pending().await,
    }
}

impl Runner {
    pub(super) fn assignment(&self, task_id: &TaskId) -> Option<Assignment> {
        let run = self.repo.state.open_run()?;
        let task = run.tasks.get(task_id)?;
        let done = |task: &Task| Some((task.spec.id.clone(), task.outcome.clone()?));
        Some(Assignment {
            run_id: run.run_id.clone(),
            plan: run.plan.clone(),
            task: task.spec.clone(),
            epoch: task.epoch,
            round: task.round,
            comment: task.comment.clone(),
            base: task.base.clone(),
            area: None,
            log: self.log_of(task_id, task.epoch),
            outcomes: run
                .tasks
                .values()
                .filter(|task| task.state == State::Done)
                .filter_map(done)
                .collect(),
            stories: run.stories.clone(),
        })
    }

    pub(super) fn log_of(&self, task_id: &TaskId, epoch: Epoch) -> PathBuf {
        let run = self
            .repo
            .state
            .run
            .as_ref()
            .map_or("none", |run| run.run_id.as_str());
        log_path(&self.shared.logs, run, task_id, epoch)
    }

    pub(super) fn take_slot(&self, task_id: &TaskId) -> Option<Slot> {
        let task = self.repo.state.open_run()?.tasks.get(task_id)?;
        self.shared.slots.take(Weight::of(&task.spec.work))
    }
}

/// Where the log of an attempt stands below the folder of logs.
pub fn log_path(logs: &std::path::Path, run: &str, task_id: &TaskId, epoch: Epoch) -> PathBuf {
    let name: String = task_id
        .as_str()
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() {
                char
            } else {
                '_'
            }
        })
        .collect();
    logs.join(run).join(format!("{name}.{epoch}.log"))
}
