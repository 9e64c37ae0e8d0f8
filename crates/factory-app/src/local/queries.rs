//! What is read: rows of the projections as views, put together for people.

use std::path::PathBuf;

use factory_core::id::{BlobId, GateId, RunId, Slug, TaskId};
use factory_core::projection::{self, GateView, Row, RunView, Select, StartupView, Table};
use factory_engine::workshop::is_checkout_behind;

use super::context::Local;
use crate::driver::BRANCH;
use crate::error::{AppError, Code};
use crate::factory::{GateDetail, RunDetail, StartupDetail, TaskLog};
use crate::playbook;
use crate::refusal::{broken, no_gate, no_startup};

impl Local {
    pub(super) async fn rows<V>(&self, select: Select) -> Result<Vec<V>, AppError>
    where
        V: for<'a> TryFrom<&'a Row, Error = projection::ViewError>,
    {
        let rows = self
            .driver
            .ports()
            .query
            .list(select)
            .await
            .map_err(broken)?;
        rows.iter()
            .map(|row| {
                V::try_from(row).map_err(|error| AppError::internal("read the store", error))
            })
            .collect()
    }

    pub(super) async fn row<V>(
        &self,
        table: &'static Table,
        key: &str,
    ) -> Result<Option<V>, AppError>
    where
        V: for<'a> TryFrom<&'a Row, Error = projection::ViewError>,
    {
        let row = self
            .driver
            .ports()
            .query
            .get(table, key)
            .await
            .map_err(broken)?;
        row.map(|row| {
            V::try_from(&row).map_err(|error| AppError::internal("read the store", error))
        })
        .transpose()
    }

    pub(super) async fn blob(&self, id: &BlobId) -> Result<Vec<u8>, AppError> {
        let found = self.driver.ports().blobs.get(id).await.map_err(broken)?;
        found.ok_or_else(|| AppError::new(Code::StoreBroken, format!("blob `{id}` is missing")))
    }

    pub(super) async fn run_detail(&self, run_id: &RunId) -> Result<Option<RunDetail>, AppError> {
        let Some(run) = self
            .row::<RunView>(&projection::RUNS, run_id.as_str())
            .await?
        else {
            return Ok(None);
        };
        let of = |table| Select::all(table).with("run_id", run_id.as_str());
        let mut stories: Vec<projection::StoryView> = self.rows(of(&projection::STORIES)).await?;
        stories.sort_by_key(|story| (story.story_id.len(), story.story_id.clone()));
        Ok(Some(RunDetail {
            run,
            tasks: self.rows(of(&projection::TASKS).by("place")).await?,
            checks: self.rows(of(&projection::CHECKS).by("place")).await?,
            stories,
        }))
    }

    pub(super) async fn startup_detail(&self, slug: &Slug) -> Result<StartupDetail, AppError> {
        let startup: Option<StartupView> = self.row(&projection::STARTUPS, slug.as_str()).await?;
        let startup = startup.ok_or_else(|| no_startup(slug))?;
        let run = match &startup.run_id {
            Some(run_id) => self.run_detail(run_id).await?,
            None => None,
        };
        let gates = match &startup.run_id {
            Some(run_id) => {
                self.rows(
                    Select::all(&projection::GATES)
                        .with("run_id", run_id.as_str())
                        .by("opened_at"),
                )
                .await?
            }
            None => Vec::new(),
        };
        let path = self.driver.portfolio_dir().startup(slug);
        Ok(StartupDetail {
            checkout_behind: is_behind(path.clone()).await?,
            path,
            allocation: self.row(&projection::ALLOCATIONS, slug.as_str()).await?,
            product: self.row(&projection::PRODUCTS, slug.as_str()).await?,
            startup,
            run,
            gates,
            unenforced: self.unenforced.clone(),
        })
    }

    pub(super) async fn gate_detail(&self, gate_id: &GateId) -> Result<GateDetail, AppError> {
        let gate: Option<GateView> = self.row(&projection::GATES, gate_id.as_str()).await?;
        let gate = gate.ok_or_else(|| no_gate(gate_id))?;
        let mut artifacts = Vec::new();
        for artifact in &gate.artifacts {
            if has_extension(&artifact.file, "md") {
                let text = self.blob(&artifact.blob).await?;
                let text = String::from_utf8_lossy(&text).into_owned();
                artifacts.push((artifact.file.clone(), text));
            }
        }
        let takes_questions = self.takes_questions(gate_id).await?;
        Ok(GateDetail {
            gate,
            artifacts,
            takes_questions,
        })
    }

    /// Whether somebody acts on a question at this gate.
    pub(super) async fn takes_questions(&self, gate_id: &GateId) -> Result<bool, AppError> {
        let gate: Option<GateView> = self.row(&projection::GATES, gate_id.as_str()).await?;
        let gate = gate.ok_or_else(|| no_gate(gate_id))?;
        let run: Option<RunView> = self.row(&projection::RUNS, gate.run_id.as_str()).await?;
        Ok(run.is_some_and(|run| playbook::named(&run.playbook).takes_questions(&gate.name)))
    }

    pub(super) async fn logs(
        &self,
        run_id: &RunId,
        task_id: &TaskId,
    ) -> Result<Vec<TaskLog>, AppError> {
        let of_task = Select::all(&projection::ATTEMPTS)
            .with("run_id", run_id.as_str())
            .with("task_id", task_id.as_str())
            .by("epoch");
        let attempts: Vec<projection::AttemptView> = self.rows(of_task).await?;
        if attempts.is_empty() {
            let key = format!("{run_id}/{task_id}");
            let task: Option<projection::TaskView> = self.row(&projection::TASKS, &key).await?;
            return match task {
                Some(_) => Ok(Vec::new()),
                None => Err(
                    AppError::new(Code::NoTask, format!("there is no task `{key}`")).hint(format!(
                        "`factory task ls {run_id}` lists the tasks of the run"
                    )),
                ),
            };
        }
        let folder = self.driver.portfolio_dir().logs();
        let read = move || {
            attempts
                .into_iter()
                .map(|attempt| log_of(&folder, attempt))
                .collect()
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|error| AppError::internal("read logs", error))
    }
}

fn has_extension(file: &str, extension: &str) -> bool {
    std::path::Path::new(file)
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// The files of an attempt: its own, and one per check of a verification.
fn log_of(folder: &std::path::Path, attempt: projection::AttemptView) -> TaskLog {
    let epoch = factory_core::id::Epoch(attempt.epoch);
    let path = factory_engine::runner::log_path(folder, &attempt.run_id, &attempt.task_id, epoch);
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut files = Vec::new();
    for entry in path
        .parent()
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let belongs = name
            .strip_prefix(&stem)
            .is_some_and(|rest| rest.starts_with('.'));
        if belongs && has_extension(&name, "log") {
            let text = std::fs::read(entry.path()).unwrap_or_default();
            files.push((name, String::from_utf8_lossy(&text).into_owned()));
        }
    }
    files.sort();
    TaskLog { attempt, files }
}

/// Whether a product's checkout is behind its branch; a folder without a repository, or with one that cannot be read, is
/// not said to be.
async fn is_behind(folder: PathBuf) -> Result<bool, AppError> {
    tokio::task::spawn_blocking(move || is_checkout_behind(&folder, BRANCH).unwrap_or(false))
        .await
        .map_err(|error| AppError::internal("look at the checkout", error))
}
