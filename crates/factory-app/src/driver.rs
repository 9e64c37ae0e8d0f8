//! The one process that drives a portfolio: grants allocations, runs every startup's repository, and takes
//! people's decisions to the runner that owns them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use factory_core::clock::Clock;
use factory_core::event::Event;
use factory_core::id::{GateId, RunId, Seq, Slug, Term};
use factory_core::port::{Blobs, EventLog, Query, Terms};
use factory_core::portfolio::{self, BuildPlan, Decision, Portfolio};
use factory_core::process::{Daemons, ProcessRunner};
use factory_core::run::{Payload, Plan, StartPoint, Subject, Target};
use factory_engine::journal::{Journal, JournalError};
use factory_engine::runner::{Handle, RequestError, Rest, Retry, Runner, RunnerError, Shared};
use factory_engine::slots::Slots;
use factory_engine::worker::Worker;
use factory_engine::workshop::{Workshop, WorkshopSpec};
use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::task::JoinSet;

use crate::error::{AppError, Code};
use crate::machine;
use crate::playbook;
use crate::portfolio_dir::PortfolioDir;
use crate::refusal::{broken, no_gate, request_error, run_is_over};
use crate::workers::ProductInput;

/// The branch that changes land on.
pub const BRANCH: &str = "main";
/// Time between two looks at the processes of started products.
const LOOK_PERIOD: Duration = Duration::from_secs(5);
/// Events that are read in one go.
const EVENTS_PAGE: usize = 1000;

/// The ports that a driver works on.
#[derive(Debug, Clone)]
pub struct Ports {
    /// The event log.
    pub log: Arc<dyn EventLog>,
    /// Tables derived from it.
    pub query: Arc<dyn Query>,
    /// Large content.
    pub blobs: Arc<dyn Blobs>,
    /// The driver's growing number.
    pub terms: Arc<dyn Terms>,
    /// Processes under limits.
    pub processes: Arc<dyn ProcessRunner>,
    /// Processes that outlive the driver.
    pub daemons: Arc<dyn Daemons>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What a driver may use of the machine.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Startups that build at once.
    pub startups: usize,
    /// Light attempts at once.
    pub tasks: usize,
    /// Verifications at once.
    pub verifications: usize,
    /// Ports that may be granted.
    pub ports: std::ops::RangeInclusive<u16>,
    /// Times that a task may be tried before it has failed.
    pub attempts_max: u32,
    /// How failed attempts are tried again.
    pub retry: Retry,
    /// Largest file of a change, in bytes.
    pub file_bytes_max: u64,
}

/// Drives a portfolio.
#[derive(Debug)]
pub struct Driver {
    portfolio_dir: PortfolioDir,
    ports: Ports,
    limits: Limits,
    shared: Arc<Shared>,
    term: Term,
    /// Runners that are being driven. Held while one is opened, so that none is opened twice.
    driven: Mutex<BTreeMap<Slug, Driven>>,
    wake: Notify,
}

/// How a runner that is being driven is reached.
#[derive(Debug)]
struct Driven {
    handle: Handle,
    /// Dead as soon as the runner is dropped, also by a panic or an abort, which cannot clean up the table.
    alive: Weak<()>,
}

/// A runner and the token that says that it lives. The runner is dropped first.
struct Following {
    runner: Runner,
    _alive: Arc<()>,
}

impl Driver {
    /// Begins a new term and reads the portfolio.
    pub async fn open(
        portfolio_dir: PortfolioDir,
        ports: Ports,
        limits: Limits,
        worker: Arc<dyn Worker>,
        holder: &str,
    ) -> Result<Arc<Self>, AppError> {
        let term = ports
            .terms
            .begin(holder)
            .await
            .map_err(|error| AppError::internal("begin a term", error))?;
        let journal =
            Journal::open(Arc::clone(&ports.log), Arc::clone(&ports.clock), Some(term)).await?;
        let shared = Shared {
            journal,
            worker,
            slots: Slots::new(limits.tasks, limits.verifications),
            clock: Arc::clone(&ports.clock),
            logs: portfolio_dir.logs(),
            retry: limits.retry,
        };
        let driven = Mutex::new(BTreeMap::new());
        let driver = Arc::new(Self {
            portfolio_dir,
            ports,
            limits,
            shared: Arc::new(shared),
            term,
            driven,
            wake: Notify::new(),
        });
        driver.look_at_products().await?;
        driver.release_leftovers().await?;
        driver.delete_left_areas();
        Ok(driver)
    }

    /// Has the staging areas of dead drivers deleted in the background, also those of startups that are not driven
    /// again.
    fn delete_left_areas(&self) {
        let left = self
            .portfolio_dir
            .set_staging_aside()
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "areas of a dead driver stay until the next start");
                Vec::new()
            });
        for folder in left {
            drop(tokio::task::spawn_blocking(move || {
                if let Err(error) = std::fs::remove_dir_all(&folder) {
                    let folder = folder.display();
                    tracing::debug!(%folder, %error, "left areas stay until the next start");
                }
            }));
        }
    }

    /// Times that a task of a new run may be tried.
    pub fn attempts_max(&self) -> u32 {
        self.limits.attempts_max
    }

    /// What this machine could give if nothing were granted.
    pub fn whole_machine(&self) -> portfolio::Machine {
        machine::measure(
            self.portfolio_dir.root(),
            self.limits.startups,
            self.port_count(),
        )
    }

    /// Ports that may be granted in all.
    fn port_count(&self) -> u16 {
        u16::try_from(self.limits.ports.len()).unwrap_or(u16::MAX)
    }

    /// The portfolio's folder.
    pub fn portfolio_dir(&self) -> &PortfolioDir {
        &self.portfolio_dir
    }

    /// The ports it works on.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Its number.
    pub fn term(&self) -> Term {
        self.term
    }

    /// The portfolio as it stands.
    pub async fn portfolio(&self) -> Portfolio {
        self.shared.journal.portfolio().await
    }

    /// Changes the portfolio, all commands or none, and looks for new work.
    pub async fn change(
        &self,
        commands: Vec<portfolio::Command>,
    ) -> Result<Vec<portfolio::Event>, AppError> {
        let _wakes = WakeLast(&self.wake);
        Ok(self.shared.journal.decide(commands).await?)
    }

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
                    if let Err(error) = self.look_at_products().await {
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
            let plan = startup.plan;
            let tasks = playbook::named(&plan.playbook)
                .first_tasks(plan.blueprint.is_some(), plan.attempts_max)
                .map_err(|error| AppError::internal("begin a run", error))?;
            let number = startup.runs + 1;
            match runner.start(run_plan(&plan), tasks, number).await {
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

    async fn runner(&self, slug: &Slug, stay: bool) -> Result<(Runner, Handle), AppError> {
        self.refuse_lost_product(slug).await?;
        let workshop = Arc::new(self.workshop(slug).await?);
        let shared = Arc::clone(&self.shared);
        let subject = Subject::Startup { slug: slug.clone() };
        let opened = Runner::open(shared, subject, workshop, stay).await;
        opened.map_err(AppError::from)
    }

    /// A product that has landed changes and whose folder is gone is never begun anew in an empty repository.
    async fn refuse_lost_product(&self, slug: &Slug) -> Result<(), AppError> {
        let folder = self.portfolio_dir.startup(slug);
        if folder.join(".git").exists()
            || self.shared.journal.repo(slug).await?.state.head.is_none()
        {
            return Ok(());
        }
        let message = format!(
            "the product of startup `{slug}` is not in its folder `{}` any more",
            folder.display()
        );
        Err(AppError::new(Code::NotBuilt, message).hint(
            "move the folder back; to build it again from nothing, give the brief another `name`",
        ))
    }

    async fn workshop(&self, slug: &Slug) -> Result<Workshop, AppError> {
        let spec = WorkshopSpec {
            repository: self.portfolio_dir.startup(slug),
            staging: self.portfolio_dir.staging().join(slug.as_str()),
            branch: BRANCH.to_owned(),
            start: StartPoint::Empty,
            file_bytes_max: self.limits.file_bytes_max,
        };
        tokio::task::spawn_blocking(move || Workshop::open(spec))
            .await
            .map_err(|error| AppError::internal("open the repository", error))?
            .map_err(|error| AppError::internal(format!("open the repository of `{slug}`"), error))
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

    /// Answers a gate, through the runner that owns it.
    pub async fn decide(
        &self,
        gate_id: &GateId,
        round: Option<u32>,
        decision: Decision,
    ) -> Result<(), AppError> {
        if !self.portfolio().await.gates.contains_key(gate_id) {
            return Err(no_gate(gate_id));
        }
        let _wakes = WakeLast(&self.wake);
        let answer = loop {
            let slug = gate_id.run().slug();
            let (gate_id, decision) = (gate_id.clone(), decision.clone());
            match self.owner(&slug).await? {
                Owner::Driven(handle) => match handle.decide(gate_id, round, decision).await {
                    // It came to rest meanwhile: whoever owns it now is asked again.
                    Err(RequestError::Ended) => tokio::task::yield_now().await,
                    answer => break answer,
                },
                Owner::Nobody(mut runner, _held) => {
                    break runner.decide_now(gate_id, round, decision).await;
                }
            }
        };
        answer.map_err(|error| request_error(gate_id, error))
    }

    /// Ends a run, through the runner that owns it.
    pub async fn cancel(&self, run_id: &RunId, reason: String) -> Result<(), AppError> {
        let _wakes = WakeLast(&self.wake);
        let answer = loop {
            match self.owner(&run_id.slug()).await? {
                Owner::Driven(handle) => {
                    match handle.cancel(run_id.clone(), reason.clone()).await {
                        // The runner came to rest meanwhile: whoever owns it now is asked again.
                        Err(RequestError::Ended) if self.is_open(run_id).await => {
                            tokio::task::yield_now().await;
                        }
                        answer => break answer,
                    }
                }
                Owner::Nobody(mut runner, _held) => {
                    break runner.cancel_now(run_id, reason).await;
                }
            }
        };
        answer.map_err(|error| run_is_over(run_id, error))
    }

    /// Whether a run is in progress.
    async fn is_open(&self, run_id: &RunId) -> bool {
        let slug = run_id.slug();
        let portfolio = self.portfolio().await;
        portfolio.startups.get(&slug).is_some_and(|startup| {
            startup.state == portfolio::State::Building && slug.run(startup.runs) == *run_id
        })
    }

    /// The runner of a startup. One that is not driven is opened, and nobody drives it while it is held.
    async fn owner(&self, slug: &Slug) -> Result<Owner<'_>, AppError> {
        let driven = self.driven.lock().await;
        if let Some(handle) = handle_of(&driven, slug) {
            return Ok(Owner::Driven(handle));
        }
        let (runner, _handle) = self.runner(slug, false).await?;
        Ok(Owner::Nobody(Box::new(runner), driven))
    }

    /// Updates the checkout of a startup to its head; refused while uncommitted edits or another git process are in the way.
    pub async fn update_checkout(&self, slug: &Slug) -> Result<(), AppError> {
        let workshop = self.workshop(slug).await?;
        let updated = tokio::task::spawn_blocking(move || workshop.update_checkout())
            .await
            .map_err(|error| AppError::internal("update the checkout", error))?;
        match updated {
            Ok(None) => Ok(()),
            Ok(Some(reason)) => {
                let message = format!("the checkout of `{slug}` is behind its branch: {reason}");
                Err(AppError::new(Code::CheckoutBehind, message)
                    .hint(
                        "do not commit there: the index is behind too, and a commit would undo what landed; \
                         copy your edits elsewhere, undo them with `git restore FILE`, and run the command again",
                    ))
            }
            Err(error) => Err(AppError::internal("update the checkout", error)),
        }
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

/// Who can answer for a startup.
enum Owner<'a> {
    /// A runner that is being driven.
    Driven(Handle),
    /// A runner opened for this once; the guard keeps the driver from opening another.
    Nobody(Box<Runner>, MutexGuard<'a, BTreeMap<Slug, Driven>>),
}

/// The handle of a runner that lives.
fn handle_of(driven: &BTreeMap<Slug, Driven>, slug: &Slug) -> Option<Handle> {
    let entry = driven.get(slug)?;
    (entry.alive.strong_count() > 0).then(|| entry.handle.clone())
}

/// Tells the driver to look again, whenever and however a request ends.
struct WakeLast<'a>(&'a Notify);

impl Drop for WakeLast<'_> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}
