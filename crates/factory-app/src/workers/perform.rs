//! The engine's port, and the way from a kind of work to the file that does it.

use std::path::Path;

use factory_core::port::BoxFuture;
use factory_core::run::{Outcome, Plan};
use factory_engine::worker::{Assignment, Report, WorkError, Worker};

use super::product::Job;
use super::work::Work;
use super::worker::FactoryWorker;

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
