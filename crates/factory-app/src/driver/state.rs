//! What a driver knows: its portfolio, its limits, and the runners that it drives.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use factory_core::cause::chain;
use factory_core::clock::Clock;
use factory_core::id::{Slug, Term};
use factory_core::port::{Blobs, EventLog, Query, Terms};
use factory_core::portfolio::{self, Portfolio};
use factory_core::process::{Daemons, ProcessRunner};
use factory_engine::journal::Journal;
use factory_engine::runner::{Handle, Retry, Runner, Shared};
use factory_engine::slots::Slots;
use factory_engine::staging::remove_tree;
use factory_engine::worker::Worker;
use tokio::sync::{Mutex, Notify};
use tracing::Instrument as _;

use crate::error::AppError;
use crate::machine;
use crate::portfolio_dir::PortfolioDir;

/// The branch that changes land on.
pub const BRANCH: &str = "main";

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
    pub(super) portfolio_dir: PortfolioDir,
    pub(super) ports: Ports,
    pub(super) limits: Limits,
    pub(super) shared: Arc<Shared>,
    term: Term,
    /// Runners that are being driven. Held while one is opened, so that none is opened twice.
    pub(super) driven: Mutex<BTreeMap<Slug, Driven>>,
    pub(super) wake: Notify,
}

/// How a runner that is being driven is reached.
#[derive(Debug)]
pub(super) struct Driven {
    pub(super) handle: Handle,
    /// Dead as soon as the runner is dropped, also by a panic or an abort, which cannot clean up the table.
    pub(super) alive: Weak<()>,
}

/// A runner and the token that says that it lives. The runner is dropped first.
pub(super) struct Following {
    pub(super) runner: Runner,
    pub(super) _alive: Arc<()>,
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
        driver.record_ended_products().await?;
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
                if let Err(error) = remove_tree(&folder) {
                    tracing::debug!(
                        error = chain(&error),
                        "left areas stay until the next start"
                    );
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
    pub(super) fn port_count(&self) -> u16 {
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

    /// The current portfolio.
    pub async fn portfolio(&self) -> Portfolio {
        self.shared.journal.portfolio().await
    }

    /// Changes the portfolio, all commands or none, and looks for new work.
    pub async fn change(
        self: &Arc<Self>,
        commands: Vec<portfolio::Command>,
    ) -> Result<Vec<portfolio::Event>, AppError> {
        let driver = Arc::clone(self);
        uninterrupted(async move {
            let _wakes = WakeLast(&driver.wake);
            Ok(driver.shared.journal.decide(commands).await?)
        })
        .await
    }
}

/// The handle of a runner that lives.
pub(super) fn handle_of(driven: &BTreeMap<Slug, Driven>, slug: &Slug) -> Option<Handle> {
    let entry = driven.get(slug)?;
    (entry.alive.strong_count() > 0).then(|| entry.handle.clone())
}

/// Tells the driver to look again, whenever and however a request ends.
pub(super) struct WakeLast<'a>(pub(super) &'a Notify);

impl Drop for WakeLast<'_> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Finishes what a request has begun even if whoever asked is gone: an append without its fold would leave this
/// process with a stale portfolio.
pub(super) async fn uninterrupted<T: Send + 'static>(
    request: impl Future<Output = Result<T, AppError>> + Send + 'static,
) -> Result<T, AppError> {
    tokio::spawn(request.in_current_span())
        .await
        .map_err(|error| AppError::internal("finish a request", error))?
}
