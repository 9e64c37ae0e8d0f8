//! The port on the store itself: in the driver's process, or where no driver is alive.

use std::sync::Arc;

use factory_core::event::Recorded;
use factory_core::id::{BlobId, GateId, RunId, Seq, Slug, TaskId};
use factory_core::port::StoreError;
use factory_core::portfolio::{self, Decision, Portfolio};
use factory_core::projection::{
    self, AllocationView, GateView, Row, RunView, Select, StartupView, Table,
};
use factory_core::run::Plan;
use factory_spec::blueprint::Blueprint;

use crate::driver::Driver;
use crate::error::{AppError, Code};
use crate::factory::{
    Answer, Factory, GateAnswer, GateDetail, RunDetail, StartupDetail, Submission, SubmitOutcome,
    Submitted, TaskLog,
};
use crate::playbooks;
use crate::workers::Templates;

/// The branch that changes land on.
pub const BRANCH: &str = "main";

/// The use cases on a driver of this process, whether or not it drives.
#[derive(Debug, Clone)]
pub struct Local {
    driver: Arc<Driver>,
    templates: Arc<Templates>,
    unenforced: Vec<String>,
    /// Held from the look at the portfolio to the record of what was made of it: the same startup may be handed
    /// in by several people at once.
    submitting: Arc<tokio::sync::Mutex<()>>,
}

impl Local {
    /// On this driver; `unenforced` names the limits that this machine cannot enforce.
    pub fn new(driver: Arc<Driver>, templates: Arc<Templates>, unenforced: Vec<String>) -> Self {
        Self {
            driver,
            templates,
            unenforced,
            submitting: Arc::default(),
        }
    }

    /// The driver.
    pub fn driver(&self) -> &Arc<Driver> {
        &self.driver
    }

    async fn rows<V>(&self, select: Select) -> Result<Vec<V>, AppError>
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

    async fn row<V>(&self, table: &'static Table, key: &str) -> Result<Option<V>, AppError>
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

    async fn blob(&self, id: &BlobId) -> Result<Vec<u8>, AppError> {
        let found = self.driver.ports().blobs.get(id).await.map_err(broken)?;
        found.ok_or_else(|| AppError::new(Code::StoreBroken, format!("blob `{id}` is missing")))
    }

    async fn keep(&self, bytes: Vec<u8>) -> Result<BlobId, AppError> {
        self.driver.ports().blobs.put(bytes).await.map_err(broken)
    }

    async fn plan(&self, submission: &Submission) -> Result<Plan, AppError> {
        let asked = submission
            .template
            .as_deref()
            .unwrap_or(&submission.brief.template);
        let template = Templates::name_of(asked);
        self.templates.open(template)?;
        if let Some(text) = &submission.blueprint {
            Blueprint::parse(text).map_err(|faults| {
                let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
                AppError::new(Code::BlueprintInvalid, lines.join("\n"))
                    .hint("nothing was created; mend the blueprint and give the command again")
            })?;
        }
        let brief = serde_json::to_vec(&submission.brief)
            .map_err(|error| AppError::internal("write a brief", error))?;
        let blueprint = match &submission.blueprint {
            Some(text) => Some(self.keep(text.clone().into_bytes()).await?),
            None => None,
        };
        Ok(Plan {
            brief: self.keep(brief).await?,
            playbook: playbooks::open(&submission.playbook)?.reference(),
            template: template.to_owned(),
            branch: BRANCH.to_owned(),
            gates: submission.gates.clone(),
            attempts_max: self.driver.attempts_max(),
            blueprint,
        })
    }

    /// Refuses what no allocation on this machine could ever give, and names that are no names of startups.
    fn fits(&self, submission: &Submission) -> Result<(), AppError> {
        let slug = &submission.slug;
        let invalid = |message: String| AppError::new(Code::BriefInvalid, message);
        if !factory_spec::brief::is_slug(slug.as_str()) {
            let problem = format!("`{slug}` is no short name of a startup");
            return Err(invalid(problem).hint("lower-case letters, digits and `-`, at most 40"));
        }
        let (wanted, whole) = (
            submission.brief.resources,
            self.driver.whole_machine().capacity,
        );
        for (what, needs, has) in [
            ("MB of memory", wanted.memory_mib, whole.memory_mib),
            ("MB of disk", wanted.disk_mib, whole.disk_mib),
            (
                "thousandths of a core",
                wanted.cpu_millicores.into(),
                whole.cpu_millicores.into(),
            ),
            ("ports", wanted.port_count.into(), whole.port_count.into()),
        ] {
            if needs > has {
                let problem = format!(
                    "startup `{slug}` asks for {needs} {what}, this machine has {has} to give"
                );
                return Err(
                    invalid(problem).hint("lower `resources` in its brief; nothing was created")
                );
            }
        }
        Ok(())
    }

    async fn submit_all(&self, submissions: Vec<Submission>) -> Result<Vec<Submitted>, AppError> {
        let alone = self.submitting.lock().await;
        let portfolio = self.driver.portfolio().await;
        let (mut commands, mut submitted) = (Vec::new(), Vec::new());
        for submission in submissions {
            self.fits(&submission)?;
            let plan = self.plan(&submission).await?;
            let slug = submission.slug.clone();
            let (outcome, command) = place(&portfolio, submission, plan)?;
            commands.extend(command);
            submitted.push(Submitted { slug, outcome });
        }
        self.driver.change(commands).await?;
        drop(alone);
        Ok(submitted)
    }

    async fn run_detail(&self, run_id: &RunId) -> Result<Option<RunDetail>, AppError> {
        let Some(run) = self
            .row::<RunView>(&projection::RUNS, run_id.as_str())
            .await?
        else {
            return Ok(None);
        };
        let of = |table| Select::all(table).with("run_id", run_id.as_str());
        let mut stories: Vec<projection::StoryView> = self.rows(of(&projection::STORIES)).await?;
        stories.sort_by_key(|story| (story.story.len(), story.story.clone()));
        Ok(Some(RunDetail {
            run,
            tasks: self.rows(of(&projection::TASKS).by("age")).await?,
            checks: self.rows(of(&projection::CHECKS).by("place")).await?,
            stories,
        }))
    }

    async fn startup_detail(&self, slug: &Slug) -> Result<StartupDetail, AppError> {
        let startup: Option<StartupView> = self.row(&projection::STARTUPS, slug.as_str()).await?;
        let startup = startup.ok_or_else(|| no_startup(slug))?;
        let run = match &startup.run_id {
            Some(run_id) => self.run_detail(&RunId::new(run_id.as_str())).await?,
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
        Ok(StartupDetail {
            path: self.driver.place().startup(slug),
            allocation: self.row(&projection::ALLOCATIONS, slug.as_str()).await?,
            startup,
            run,
            gates,
            unenforced: self.unenforced.clone(),
        })
    }

    async fn gate_detail(&self, gate_id: &GateId) -> Result<GateDetail, AppError> {
        let gate: Option<GateView> = self.row(&projection::GATES, gate_id.as_str()).await?;
        let gate = gate.ok_or_else(|| {
            AppError::new(Code::NoGate, format!("there is no gate `{gate_id}`"))
                .hint("`factory gate ls` prints the gates that wait")
        })?;
        let listed: Vec<(String, BlobId)> = serde_json::from_str(&gate.artifacts)
            .map_err(|error| AppError::internal("read the gate's artifacts", error))?;
        let mut artifacts = Vec::new();
        for (file, blob) in listed
            .into_iter()
            .filter(|(file, _)| has_extension(file, "md"))
        {
            artifacts.push((
                file,
                String::from_utf8_lossy(&self.blob(&blob).await?).into_owned(),
            ));
        }
        Ok(GateDetail { gate, artifacts })
    }

    async fn logs(&self, run_id: &RunId, task_id: &TaskId) -> Result<Vec<TaskLog>, AppError> {
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
                        "`factory task ls {run_id}` prints the tasks of the run"
                    )),
                ),
            };
        }
        let folder = self.driver.place().logs();
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
    let task_id = TaskId::new(attempt.task_id.as_str());
    let epoch = factory_core::id::Epoch(attempt.epoch);
    let path = factory_engine::runner::log_path(folder, &attempt.run_id, &task_id, epoch);
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

/// What a submission means for the portfolio as it stands.
fn place(
    portfolio: &Portfolio,
    submission: Submission,
    plan: Plan,
) -> Result<(SubmitOutcome, Option<portfolio::Command>), AppError> {
    let slug = submission.slug;
    let Some(there) = portfolio.startups.get(&slug) else {
        let command = portfolio::Command::CreateStartup {
            slug,
            name: submission.brief.name,
            resources: submission.brief.resources,
            budget: submission.brief.budget,
            plan,
        };
        return Ok((SubmitOutcome::Created, Some(command)));
    };
    let same = there.plan.brief == plan.brief && there.plan.blueprint == plan.blueprint;
    if there.state == portfolio::State::Verified && same {
        return Ok((SubmitOutcome::Verified, None));
    }
    let never_begun =
        there.state == portfolio::State::Queued && there.allocation.is_none() && !same;
    if never_begun || (there.state.is_final() && there.state != portfolio::State::Verified) {
        let command = portfolio::Command::Requeue {
            slug,
            resources: submission.brief.resources,
            budget: submission.brief.budget,
            plan,
        };
        return Ok((SubmitOutcome::Again, Some(command)));
    }
    if same {
        return Ok((SubmitOutcome::GoesOn, None));
    }
    let state = there.state.as_str();
    Err(AppError::new(
        Code::StartupDiffers,
        format!("startup `{slug}` is {state}, and it was begun with another brief"),
    )
    .hint(if there.state == portfolio::State::Verified {
        "give the brief another `name`; changing a living product is not part of this version"
            .to_owned()
    } else {
        let run_id = slug.run(there.runs.max(1));
        format!(
            "give the brief another `name`, or cancel its run first: `factory runs cancel {run_id}`"
        )
    }))
}

fn broken(error: StoreError) -> AppError {
    AppError::new(Code::StoreBroken, "read the store").because(error)
}

fn no_startup(slug: &Slug) -> AppError {
    AppError::new(Code::NoStartup, format!("there is no startup `{slug}`"))
        .hint("`factory startup ls` prints those that there are")
}

impl Factory for Local {
    fn submit(&self, submissions: Vec<Submission>) -> Answer<'_, Vec<Submitted>> {
        Box::pin(self.submit_all(submissions))
    }

    fn startups(&self) -> Answer<'_, Vec<StartupView>> {
        Box::pin(self.rows(Select::all(&projection::STARTUPS)))
    }

    fn startup<'a>(&'a self, slug: &'a Slug) -> Answer<'a, StartupDetail> {
        Box::pin(self.startup_detail(slug))
    }

    fn acquire<'a>(&'a self, slug: &'a Slug) -> Answer<'a, AllocationView> {
        Box::pin(async move {
            self.startup_detail(slug).await?;
            self.driver.bring_checkout(slug).await?;
            self.driver.acquire(slug).await?;
            let held = self.row(&projection::ALLOCATIONS, slug.as_str()).await?;
            held.ok_or_else(|| {
                let message = format!("startup `{slug}` has lost its allocation");
                AppError::new(Code::NotEnoughResources, message)
            })
        })
    }

    fn release<'a>(&'a self, slug: &'a Slug) -> Answer<'a, ()> {
        Box::pin(async move {
            self.startup_detail(slug).await?;
            self.driver.release(slug).await
        })
    }

    fn runs(&self) -> Answer<'_, Vec<RunView>> {
        let newest = Select {
            descending: true,
            ..Select::all(&projection::RUNS).by("started_at")
        };
        Box::pin(self.rows(newest))
    }

    fn run<'a>(&'a self, run_id: &'a RunId) -> Answer<'a, RunDetail> {
        Box::pin(async move {
            self.run_detail(run_id).await?.ok_or_else(|| {
                AppError::new(Code::NoRun, format!("there is no run `{run_id}`"))
                    .hint("`factory runs ls` prints those that there are")
            })
        })
    }

    fn cancel_run<'a>(&'a self, run_id: &'a RunId, reason: String) -> Answer<'a, ()> {
        Box::pin(async move {
            self.run(run_id).await?;
            self.driver.cancel(run_id, reason).await
        })
    }

    fn task_logs<'a>(&'a self, run_id: &'a RunId, task_id: &'a TaskId) -> Answer<'a, Vec<TaskLog>> {
        Box::pin(self.logs(run_id, task_id))
    }

    fn gates(&self, open_only: bool) -> Answer<'_, Vec<GateView>> {
        let all = Select::all(&projection::GATES).by("opened_at");
        Box::pin(self.rows(if open_only {
            all.with("state", "open")
        } else {
            all
        }))
    }

    fn gate<'a>(&'a self, gate_id: &'a GateId) -> Answer<'a, GateDetail> {
        Box::pin(self.gate_detail(gate_id))
    }

    fn decide<'a>(&'a self, gate_id: &'a GateId, answer: GateAnswer) -> Answer<'a, ()> {
        let decision = Decision {
            verdict: answer.verdict,
            by: answer.by,
            comment: answer.comment,
        };
        Box::pin(self.driver.decide(gate_id, answer.round, decision))
    }

    fn events(&self, after: Seq, limit: usize) -> Answer<'_, Vec<Recorded>> {
        Box::pin(async move {
            self.driver
                .ports()
                .log
                .read_all(after, limit)
                .await
                .map_err(broken)
        })
    }

    fn wait(&self, seq: Seq) -> Answer<'_, Seq> {
        Box::pin(async move {
            self.driver
                .ports()
                .log
                .wait_beyond(seq)
                .await
                .map_err(broken)
        })
    }
}
