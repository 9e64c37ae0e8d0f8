//! The loop: grants allocations, opens the runners of startups that hold one, and waits for what moves them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use factory_core::event::Event;
use factory_core::id::{Seq, Slug};
use factory_core::portfolio::{self, BuildPlan};
use factory_core::run::{Payload, Plan, StartPoint, Target};
use factory_engine::journal::JournalError;
use factory_engine::runner::{Rest, RunnerError};
use tokio::task::JoinSet;

use super::state::{BRANCH, Driven, Driver, Following, handle_of};
use crate::error::AppError;
use crate::machine;
use crate::playbook;
use crate::refusal::broken;
use crate::workers::ProductInput;

/// Time between two looks at the processes of started products.
const LOOK_PERIOD: Duration = Duration::from_secs(5);
/// Events that are read in one go.
const EVENTS_PAGE: usize = 1000;

impl Driver {
    /// Drives every startup that has not ended. Comes back when all have ended or wait for people; with
    /// `stay`, only when all have ended.
    pub async fn drive(self: &Arc<Self>, stay: bool) -> Result<(), AppError> {
        let mut running: JoinSet<(Slug, Result<Rest, AppError>)> = JoinSet::new();
        let mut resting: BTreeSet<Slug> = BTreeSet::new();
        let mut first_error = None;
        let mut seen = self.ports.log.head().await.map_err(broken)?;
        let mut look_at = self.ports.clock.now().plus(LOOK_PERIOD);
        loop {
            self.allocate().await?;
            let startups = self.portfolio().await.startups;
            let products = startups.values().any(|startup| startup.product.is_some());
            let queued = startups
                .values()
                .any(|startup| startup.state == portfolio::State::Queued);
            for (slug, startup) in startups {
                let nothing = startup.state.is_final() || startup.allocation.is_none();
                if nothing || resting.contains(&slug) {
                    continue;
                }
                match self.begin(&slug, stay).await {
                    Ok(Some(runner)) => {
                        resting.insert(slug.clone());
                        running.spawn(Arc::clone(self).follow(slug, runner));
                    }
                    Ok(None) => {}
                    Err(error) => {
                        tracing::error!(startup.id = %slug, error = %error.chain(), "startup cannot be driven");
                        first_error.get_or_insert(error);
                        resting.insert(slug);
                    }
                }
            }
            if running.is_empty() {
                // A decision that came in while the last one came to rest.
                let woken = tokio::select! {
                    biased;
                    () = self.wake.notified() => true,
                    () = std::future::ready(()) => false,
                };
                if woken {
                    resting.clear();
                    continue;
                }
                return first_error.map_or(Ok(()), Err);
            }
            tokio::select! {
                Some(done) = running.join_next() => match done {
                    Ok((slug, Ok(rest))) => tracing::debug!(startup.id = %slug, ?rest, "runner rests"),
                    Ok((slug, Err(error))) => {
                        tracing::error!(startup.id = %slug, error = %error.chain(), "runner stops");
                        first_error.get_or_insert(error);
                    }
                    Err(error) => {
                        first_error.get_or_insert_with(|| AppError::internal("drive a startup", error));
                    }
                },
                () = self.wake.notified() => resting.clear(),
                opened = self.gate_opens(&mut seen), if queued => opened?,
                () = self.ports.clock.sleep_until(look_at), if products => {
                    if let Err(error) = self.record_ended_products().await {
                        tracing::warn!(error = %error.chain(), "products that ended cannot be recorded");
                    }
                    look_at = self.ports.clock.now().plus(LOOK_PERIOD);
                }
            }
        }
    }

    /// Resolves when a gate has been opened after `seen`: whoever waits at it leaves a build slot to the queue.
    async fn gate_opens(&self, seen: &mut Seq) -> Result<(), AppError> {
        let log = &self.ports.log;
        loop {
            log.wait_beyond(*seen).await.map_err(broken)?;
            let page = log.read_all(*seen, EVENTS_PAGE).await.map_err(broken)?;
            *seen = page.last().map_or(*seen, |recorded| recorded.seq);
            let opened = page.iter().any(|recorded| {
                matches!(
                    recorded.event,
                    Event::Portfolio(portfolio::Event::GateOpened { .. })
                )
            });
            if opened {
                return Ok(());
            }
        }
    }

    /// Opens the runner of a startup, and begins its run if none is open. Nothing to drive: it is driven already, it
    /// has ended, or it holds no allocation.
    ///
    /// The portfolio is read here and not by the caller: while another startup is opened, this one may end, give its
    /// allocation back and be driven no more.
    async fn begin(&self, slug: &Slug, stay: bool) -> Result<Option<Following>, AppError> {
        let mut driven = self.driven.lock().await;
        if handle_of(&driven, slug).is_some() {
            return Ok(None);
        }
        let Some(startup) = self.portfolio().await.startups.remove(slug) else {
            return Ok(None);
        };
        if startup.state.is_final() || startup.allocation.is_none() {
            return Ok(None);
        }
        let (mut runner, handle) = self.runner(slug, stay).await?;
        if runner.repo().open_run().is_none() {
            let plan = &startup.plan;
            let tasks = playbook::named(&plan.playbook)
                .first_tasks(plan.blueprint.is_some(), plan.attempts_max)
                .map_err(|error| AppError::internal("begin a run", error))?;
            let run_id = startup.next_run(slug);
            match runner.start(run_id, run_plan(plan), tasks).await {
                Ok(()) => {}
                Err(RunnerError::Journal(JournalError::Refused(
                    refused @ (portfolio::Refusal::NoAllocation(_)
                    | portfolio::Refusal::NotQueued { .. }),
                ))) => {
                    tracing::debug!(startup.id = %slug, %refused, "startup waits");
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
        let alive = Arc::new(());
        let entry = Driven {
            handle,
            alive: Arc::downgrade(&alive),
        };
        driven.insert(slug.clone(), entry);
        Ok(Some(Following {
            runner,
            _alive: alive,
        }))
    }

    async fn follow(
        self: Arc<Self>,
        slug: Slug,
        mut following: Following,
    ) -> (Slug, Result<Rest, AppError>) {
        let rest = following.runner.drive().await.map_err(AppError::from);
        let mut driven = self.driven.lock().await;
        drop(following);
        driven.remove(&slug);
        (slug, rest)
    }

    /// Grants the queue what this machine has left.
    async fn allocate(&self) -> Result<(), AppError> {
        if self.portfolio().await.queue.is_empty() {
            return Ok(());
        }
        let (machine, free_ports) = self.measure().await?;
        let command = portfolio::Command::Allocate {
            machine,
            free_ports,
        };
        self.shared.journal.decide(vec![command]).await?;
        Ok(())
    }

    pub(crate) async fn measure(&self) -> Result<(portfolio::Machine, Vec<u16>), AppError> {
        let folder = self.portfolio_dir.root().to_owned();
        let (startups, ports) = (self.limits.startups, self.limits.ports.clone());
        let port_count = self.port_count();
        let measure = move || {
            (
                machine::measure(&folder, startups, port_count),
                machine::free_ports(ports),
            )
        };
        tokio::task::spawn_blocking(measure)
            .await
            .map_err(|error| AppError::internal("measure the machine", error))
    }
}

/// The run of a startup, as the engine needs it.
fn run_plan(plan: &BuildPlan) -> Plan {
    Plan {
        playbook: plan.playbook.clone(),
        target: Target {
            branch: BRANCH.to_owned(),
            start: StartPoint::Empty,
        },
        gates: plan.gates.clone(),
        input: Payload::from(&ProductInput::from(plan)),
    }
}
