//! The engine's port, and the way from a kind of work to the file that does it.

use std::path::Path;
use std::sync::Arc;

use factory_core::id::BlobId;
use factory_core::port::{Blobs, BoxFuture};
use factory_core::process::ProcessRunner;
use factory_core::run::{Outcome, Plan};
use factory_engine::worker::{Assignment, Report, WorkError, Worker};

use super::product::Job;
use super::templates::Templates;
use super::work::Work;
use crate::environment::Environment;
use crate::error::chain;

/// Performs every kind of task that the playbooks know.
#[derive(Debug)]
pub struct FactoryWorker {
    blobs: Arc<dyn Blobs>,
    pub(super) processes: Arc<dyn ProcessRunner>,
    pub(super) environment: Environment,
    pub(super) templates: Arc<Templates>,
}

impl FactoryWorker {
    /// A worker on these ports.
    pub fn new(
        blobs: Arc<dyn Blobs>,
        processes: Arc<dyn ProcessRunner>,
        environment: Environment,
        templates: Arc<Templates>,
    ) -> Self {
        Self {
            blobs,
            processes,
            environment,
            templates,
        }
    }

    pub(super) async fn blob(&self, id: &BlobId, what: &str) -> Result<Vec<u8>, WorkError> {
        let found = self.blobs.get(id).await;
        let found = found
            .map_err(|error| WorkError::Transient(format!("read {what}: {}", chain(&error))))?;
        found.ok_or_else(|| WorkError::Permanent(format!("{what} `{id}` is not in the store")))
    }

    pub(super) async fn keep(&self, bytes: Vec<u8>, what: &str) -> Result<BlobId, WorkError> {
        let kept = self.blobs.put(bytes).await;
        kept.map_err(|error| WorkError::Transient(format!("keep {what}: {}", chain(&error))))
    }
}

impl Worker for FactoryWorker {
    fn perform<'a>(
        &'a self,
        assignment: &'a Assignment,
    ) -> BoxFuture<'a, Result<Report, WorkError>> {
        Box::pin(async move {
            let work: Work = assignment.task.work.read().map_err(|error| {
                let task = &assignment.task.id;
                WorkError::Permanent(format!("read what task `{task}` is to do: {error}"))
            })?;
            let job = Job::of(assignment)?;
            match work {
                Work::Think { phase } => self.think(&job, &phase).await,
                Work::Scaffold => self.scaffold(&job).await,
                Work::Plan => self.plan(&job).await,
                Work::Slice { slice, subject } => self.slice(&job, slice, subject).await,
                Work::Record => self.record(&job).await,
                Work::Verify => self.verify(&job).await,
                Work::Deploy => Ok(noted("deploy: not configured")),
            }
        })
    }

    fn check_merged<'a>(
        &'a self,
        plan: &'a Plan,
        area: &'a Path,
        log: &'a Path,
    ) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(self.check_fast(plan, area, log))
    }
}

fn noted(note: &str) -> Report {
    let outcome = Outcome {
        note: Some(note.to_owned()),
        ..Outcome::default()
    };
    Report {
        outcome,
        ..Report::default()
    }
}
