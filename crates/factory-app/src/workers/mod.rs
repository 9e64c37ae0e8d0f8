//! Those who perform tasks: rule authors for the thinking phases, templates for scaffold and slices, processes
//! for verification. One [`FactoryWorker`] is the engine's port; each kind of work has its own file.

mod build;
mod think;
mod verify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use factory_core::id::BlobId;
use factory_core::port::{Blobs, BoxFuture};
use factory_core::process::ProcessRunner;
use factory_core::run::{Outcome, Plan, Work};
use factory_engine::worker::{Assignment, Report, WorkError, Worker};
use factory_spec::blueprint::Blueprint;
use factory_spec::brief::Brief;
use factory_templates::Template;

use crate::environment::Environment;
use crate::error::{AppError, Code, chain};

pub use self::build::answers;
pub use self::verify::process;

/// Performs every kind of task that the playbooks know.
#[derive(Debug)]
pub struct FactoryWorker {
    blobs: Arc<dyn Blobs>,
    processes: Arc<dyn ProcessRunner>,
    environment: Environment,
    templates: Templates,
}

/// Templates by name, opened once.
#[derive(Debug, Default)]
pub struct Templates {
    folder: Option<PathBuf>,
    opened: Mutex<BTreeMap<String, Arc<Template>>>,
}

/// The template that `auto` stands for.
const DEFAULT_TEMPLATE: &str = "neoforge";

impl Templates {
    /// Those of a folder go before the program's own.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            opened: Mutex::default(),
        }
    }

    /// The name that a brief's `template` stands for.
    pub fn name_of(asked: &str) -> &str {
        if asked == factory_spec::brief::AUTO {
            DEFAULT_TEMPLATE
        } else {
            asked
        }
    }

    /// Opens a template.
    pub fn open(&self, name: &str) -> Result<Arc<Template>, AppError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(template) = opened.get(name) {
            return Ok(Arc::clone(template));
        }
        let own = self.folder.as_ref().map(|folder| folder.join(name));
        let template = match own.filter(|folder| folder.is_dir()) {
            Some(folder) => Template::open(&folder),
            None => Template::embedded(name),
        };
        let template = template.map_err(|error| {
            AppError::new(
                Code::TemplateInvalid,
                format!("open template `{name}`: {}", chain(&error)),
            )
            .hint(format!(
                "templates of this program: {}",
                Template::names().join(", ")
            ))
        })?;
        let template = Arc::new(template);
        opened.insert(name.to_owned(), Arc::clone(&template));
        Ok(template)
    }
}

impl FactoryWorker {
    /// A worker on these ports.
    pub fn new(
        blobs: Arc<dyn Blobs>,
        processes: Arc<dyn ProcessRunner>,
        environment: Environment,
        templates: Templates,
    ) -> Self {
        Self {
            blobs,
            processes,
            environment,
            templates,
        }
    }

    async fn blob(&self, id: &BlobId, what: &str) -> Result<Vec<u8>, WorkError> {
        let found = self.blobs.get(id).await;
        let found =
            found.map_err(|error| WorkError::Failed(format!("read {what}: {}", chain(&error))))?;
        found.ok_or_else(|| WorkError::Hopeless(format!("{what} `{id}` is not in the store")))
    }

    async fn keep(&self, bytes: Vec<u8>, what: &str) -> Result<BlobId, WorkError> {
        let kept = self.blobs.put(bytes).await;
        kept.map_err(|error| WorkError::Failed(format!("keep {what}: {}", chain(&error))))
    }

    async fn brief(&self, plan: &Plan) -> Result<Brief, WorkError> {
        let bytes = self.blob(&plan.brief, "the brief").await?;
        serde_json::from_slice(&bytes)
            .map_err(|error| WorkError::Hopeless(format!("read the brief: {error}")))
    }

    async fn blueprint(&self, assignment: &Assignment) -> Result<Blueprint, WorkError> {
        let authored = artifact(&assignment.outcomes, think::BLUEPRINT);
        let id = authored.or(assignment.plan.blueprint.as_ref());
        let id =
            id.ok_or_else(|| WorkError::Hopeless("no phase has written a blueprint".to_owned()))?;
        let bytes = self.blob(id, "the blueprint").await?;
        let text =
            String::from_utf8(bytes).map_err(|error| WorkError::Hopeless(error.to_string()))?;
        Blueprint::parse(&text).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            WorkError::Hopeless(format!(
                "the blueprint breaks its rules: {}",
                faults.join("; ")
            ))
        })
    }

    fn template(&self, plan: &Plan) -> Result<Arc<Template>, WorkError> {
        self.templates
            .open(&plan.template)
            .map_err(|error| WorkError::Hopeless(error.to_string()))
    }
}

/// The newest artifact of that name.
fn artifact<'a>(
    outcomes: &'a BTreeMap<factory_core::id::TaskId, Outcome>,
    name: &str,
) -> Option<&'a BlobId> {
    let mut all = outcomes.values().flat_map(|outcome| &outcome.artifacts);
    all.find(|(file, _)| file == name).map(|(_, blob)| blob)
}

impl Worker for FactoryWorker {
    fn perform<'a>(
        &'a self,
        assignment: &'a Assignment,
    ) -> BoxFuture<'a, Result<Report, WorkError>> {
        Box::pin(async move {
            match &assignment.task.work {
                Work::Think { phase } => self.think(assignment, *phase).await,
                Work::Scaffold => self.scaffold(assignment).await,
                Work::Plan => self.plan(assignment).await,
                Work::Slice { slice, subject } => {
                    self.slice(assignment, slice, subject.as_deref()).await
                }
                Work::Record => self.record(assignment).await,
                Work::Verify => self.verify(assignment).await,
                Work::Deploy => Ok(done("deploy: not configured")),
                Work::Command { .. } => Err(WorkError::Hopeless(
                    "commands of plans are not part of this playbook".to_owned(),
                )),
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

fn done(note: &str) -> Report {
    let outcome = Outcome {
        note: Some(note.to_owned()),
        ..Outcome::default()
    };
    Report {
        outcome,
        grown: Vec::new(),
    }
}

/// The staging area of an assignment that must have one.
fn area(assignment: &Assignment) -> Result<&Path, WorkError> {
    assignment
        .area
        .as_deref()
        .ok_or_else(|| WorkError::Hopeless("the attempt has no staging area".to_owned()))
}
