//! The loop of a runner: ask the scheduler, append, act, wait for what comes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use factory_core::clock::{Clock, Timestamp};
use factory_core::id::RunId;
use factory_core::portfolio;
use factory_core::run::{self, End, Plan, Subject, TaskCommand, TaskSpec, Weight};
use tokio::sync::mpsc;
use tracing::{Instrument as _, Span};

use super::message::Message;
use super::people::Handle;
use super::spans;
use super::state::{Rest, Runner, RunnerError, Shared};
use crate::scheduler::{Input, Proposal, Scheduler};
use crate::workshop::{Workshop, blocking, chain};

impl Runner {
    /// Folds the stream and recovers what a dead driver left. With `stay`, the runner waits for people's
    /// decisions instead of coming to rest.
    pub async fn open(
        shared: Arc<Shared>,
        subject: Subject,
        workshop: Arc<Workshop>,
        stay: bool,
    ) -> Result<(Self, Handle), RunnerError> {
        let (sender, requests) = mpsc::channel(16);
        let (working, idle) = mpsc::channel(1);
        let span = spans::runner(&subject);
        let repo = shared.journal.repo(subject.name()).await?;
        let mut runner = Self {
            shared,
            subject,
            workshop,
            repo,
            scheduler: Scheduler::default(),
            attempts: BTreeMap::new(),
            merging: None,
            working,
            idle,
            ended: mpsc::unbounded_channel(),
            merged: mpsc::unbounded_channel(),
            requests,
            stay,
        };
        runner.recover().instrument(span).await?;
        runner.scheduler = Scheduler::restore(&runner.repo.state);
        Ok((runner, Handle::new(sender)))
    }

    /// Begins a run; if its subject is a startup, the portfolio notes it in the same append.
    pub async fn start(
        &mut self,
        run_id: RunId,
        plan: Plan,
        tasks: Vec<TaskSpec>,
    ) -> Result<(), RunnerError> {
        let events = run::start(&self.repo.state, &run_id, self.subject.clone(), plan, tasks)?;
        let commands = match &self.subject {
            Subject::Startup { slug } => vec![portfolio::Command::BeginRun { slug: slug.clone() }],
            Subject::Repository { .. } => Vec::new(),
        };
        self.append(events, commands).await
    }

    /// Drives the run until it ends, or until only people can move it.
    pub async fn drive(&mut self) -> Result<Rest, RunnerError> {
        let span = spans::runner(&self.subject);
        let run = self.repo.state.open_run();
        let run = run.map_or_else(Span::none, |run| span.in_scope(|| spans::run(&run.run_id)));
        let rest = self
            .turn_until_rest()
            .instrument(run)
            .instrument(span)
            .await;
        self.give_up_work().await;
        let workshop = Arc::clone(&self.workshop);
        let rested = blocking(move || {
            workshop.rest();
            Ok(())
        });
        if let Err(error) = rested.await {
            tracing::warn!(
                error = chain(&error),
                "what a run leaves could not be put in order"
            );
        }
        rest
    }

    async fn turn_until_rest(&mut self) -> Result<Rest, RunnerError> {
        loop {
            if let Some(end) = self.ended() {
                return Ok(Rest::Ended(end));
            }
            if let Some(message) = self.done_already() {
                self.take(message).await?;
                continue;
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

    /// What has come to its end already. It is taken before the scheduler is asked, so that nothing that is done counts
    /// as late.
    fn done_already(&mut self) -> Option<Message> {
        if let Ok(ended) = self.ended.1.try_recv() {
            return Some(Message::Ended(ended));
        }
        self.merged.1.try_recv().ok().map(Message::Merged)
    }

    fn ended(&self) -> Option<End> {
        self.repo.state.run.as_ref().and_then(|run| run.end)
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
                Proposal::Admit { task_id, epoch } => {
                    let admit = TaskCommand::Admit { epoch };
                    self.command(admit.on(task_id)).await?;
                    acted = true;
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
}

async fn sleep(clock: &Arc<dyn Clock>, until: Option<Timestamp>) {
    match until {
        Some(until) => clock.sleep_until(until).await,
        None => std::future::pending().await,
    }
}
