//! The port behind every front end: what may be asked of a portfolio, wherever its driver runs.
//!
//! Two implementations, one suite of tests: [`crate::local::Local`] works on the store, the server's client
//! speaks to the driver that holds it.

use std::path::PathBuf;

use factory_core::event::Recorded;
use factory_core::id::{GateId, RunId, Seq, Slug, TaskId};
use factory_core::port::BoxFuture;
use factory_core::portfolio::{State, Verdict};
use factory_core::projection::{
    AllocationView, AttemptView, CheckView, GateState, GateView, ProductView, RunState, RunView,
    StartupState, StartupView, StoryView, TaskView,
};
use factory_core::run::{CheckState, GatePolicy, TaskState};
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// An answer of the port.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, AppError>>;

/// What may be asked of a portfolio.
pub trait Factory: Send + Sync + std::fmt::Debug {
    /// Submits startups, all of them or none.
    fn submit(&self, submissions: Vec<Submission>) -> Answer<'_, Vec<Submitted>>;

    /// All startups, by slug.
    fn startups(&self) -> Answer<'_, Vec<StartupView>>;

    /// One startup with everything about it.
    fn startup<'a>(&'a self, slug: &'a Slug) -> Answer<'a, StartupDetail>;

    /// The newest process of every product that was ever started, by slug.
    fn products(&self) -> Answer<'_, Vec<ProductView>>;

    /// Installs, starts and waits until the startup's product answers, which may take minutes; without a health check
    /// it is not waited for long. One that runs stays as it is; whoever asks at the same time is given the same answer.
    fn start_product<'a>(&'a self, slug: &'a Slug) -> Answer<'a, StartedProduct>;

    /// Stops the startup's product and gives back what it held; whether it was running.
    fn stop_product<'a>(&'a self, slug: &'a Slug) -> Answer<'a, bool>;

    /// All runs, newest first.
    fn runs(&self) -> Answer<'_, Vec<RunView>>;

    /// One run with its tasks, checks and stories.
    fn run<'a>(&'a self, run_id: &'a RunId) -> Answer<'a, RunDetail>;

    /// Ends a run.
    fn cancel_run<'a>(&'a self, run_id: &'a RunId, reason: String) -> Answer<'a, ()>;

    /// What a task's attempts printed, newest attempt last.
    fn task_logs<'a>(&'a self, run_id: &'a RunId, task_id: &'a TaskId) -> Answer<'a, Vec<TaskLog>>;

    /// Gates, the open ones only or all, oldest first.
    fn gates(&self, open_only: bool) -> Answer<'_, Vec<GateView>>;

    /// One gate with the artifacts to decide on.
    fn gate<'a>(&'a self, gate_id: &'a GateId) -> Answer<'a, GateDetail>;

    /// Answers a gate. Refused if it was decided, or opened again since `round` was seen.
    fn decide<'a>(&'a self, gate_id: &'a GateId, answer: GateAnswer) -> Answer<'a, ()>;

    /// The newest event's number; 0 when there is none.
    fn head(&self) -> Answer<'_, Seq>;

    /// Events after `after`, at most `limit`, oldest first.
    fn events(&self, after: Seq, limit: usize) -> Answer<'_, Vec<Recorded>>;

    /// Resolves when there are events after `seq`, or after a while without any.
    fn wait(&self, seq: Seq) -> Answer<'_, Seq>;
}

/// A startup as it is submitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Its short name.
    pub slug: Slug,
    /// The brief.
    pub brief: factory_spec::brief::Brief,
    /// The blueprint as JSON, when the author is to be skipped.
    pub blueprint: Option<String>,
    /// The template, when not the brief's.
    pub template: Option<String>,
    /// The playbook.
    pub playbook: String,
    /// Who decides gates.
    pub gates: GatePolicy,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The startup.
    pub slug: Slug,
    /// What was done.
    pub outcome: SubmitOutcome,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmitOutcome {
    /// It is new.
    Created,
    /// Its run was in progress and resumes.
    Resumed,
    /// Its run had ended without a verified product; another one starts.
    Restarted,
    /// Its product is verified; nothing to do.
    Verified,
}

/// Everything about a startup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartupDetail {
    /// The startup.
    pub startup: StartupView,
    /// Its product's folder.
    pub path: PathBuf,
    /// What it holds.
    pub allocation: Option<AllocationView>,
    /// The newest process of its product, if it was ever started.
    pub product: Option<ProductView>,
    /// Its newest run.
    pub run: Option<RunDetail>,
    /// Its gates, oldest first.
    pub gates: Vec<GateView>,
    /// What this machine does not enforce of its limits.
    pub unenforced: Vec<String>,
    /// Whether something that landed is missing from the files in its folder, because edits of a person's own or
    /// another git are in the way.
    pub checkout_behind: bool,
}

impl StartupDetail {
    /// The state as every list, table and document shows it: `waiting` for a startup that only a person's decision
    /// moves, because a gate is open and no task is at work.
    pub fn shown_state(&self) -> StartupState {
        let at_work = |state: TaskState| {
            use TaskState::{Merging, Parked, Running};
            matches!(state, Running | Parked | Merging)
        };
        let mut tasks = self.run.iter().flat_map(|run| &run.tasks);
        let is_waiting = self.startup.state == State::Building
            && self.gates.iter().any(|gate| gate.state == GateState::Open)
            && !tasks.any(|task| at_work(task.state));
        if is_waiting {
            StartupState::Waiting
        } else {
            self.startup.state.into()
        }
    }
}

/// Everything about a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunDetail {
    /// The run.
    pub run: RunView,
    /// Its tasks, oldest first.
    pub tasks: Vec<TaskView>,
    /// Its newest verification.
    pub checks: Vec<CheckView>,
    /// Its stories.
    pub stories: Vec<StoryView>,
}

impl RunDetail {
    /// The state as every list, table and document shows it: `waiting` for a run that only a person's decision moves.
    pub fn shown_state(&self) -> &'static str {
        let some =
            |states: &[TaskState]| self.tasks.iter().any(|task| states.contains(&task.state));
        let is_waiting = self.run.state == RunState::Running
            && some(&[TaskState::Waiting])
            && !some(&[TaskState::Running, TaskState::Merging]);
        if is_waiting {
            StartupState::Waiting.as_str()
        } else {
            self.run.state.as_str()
        }
    }
}

/// What one attempt printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskLog {
    /// The attempt.
    pub attempt: AttemptView,
    /// Its files: name and text.
    pub files: Vec<(String, String)>,
}

/// A product that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedProduct {
    /// Its process.
    #[serde(flatten)]
    pub product: ProductView,
    /// Whether it has answered at its address.
    pub answers: bool,
}

/// A gate and what to decide on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateDetail {
    /// The gate.
    pub gate: GateView,
    /// Artifacts for people: file name and text.
    pub artifacts: Vec<(String, String)>,
    /// Whether somebody acts on a question: `ask` is refused where nobody does.
    pub takes_questions: bool,
}

/// The answer to a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateAnswer {
    /// What is decided.
    pub verdict: Verdict,
    /// The round that was seen.
    pub round: Option<u32>,
    /// Who decides.
    pub by: String,
    /// What they say.
    pub comment: Option<String>,
}

/// What was done to a gate that was answered like this.
pub fn decided(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approved",
        Verdict::Reject => "rejected",
        Verdict::Ask => "sent back",
    }
}

/// The last line of `demo|run --json`, and what their table shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Always `summary`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One per startup, by slug.
    pub startups: Vec<StartupSummary>,
}

/// One startup of a summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartupSummary {
    /// Its short name.
    pub slug: Slug,
    /// Where its product lies.
    pub path: PathBuf,
    /// As [`StartupDetail::shown_state`] has it.
    pub state: StartupState,
    /// Why it did not end well.
    pub reason: Option<String>,
    /// As [`StartupDetail::checkout_behind`].
    pub checkout_behind: bool,
    /// Tasks in its graph.
    pub tasks: u64,
    /// Changes on the target branch.
    pub landed: u64,
    /// Landings whose base was behind and where both sides changed a common path.
    pub merges: u64,
    /// Those of them that needed no agent and no person.
    pub merges_automatic: u64,
    /// Stories built and in all.
    pub stories: StoryCount,
    /// Its checks.
    pub verified: Vec<CheckSummary>,
    /// Gates that wait for a decision.
    pub gates: Vec<GateId>,
    /// Money spent on models, in dollars.
    pub cost_usd: f64,
    /// Wall time from the start of its newest run to its end, or until now.
    pub seconds: f64,
}

/// Stories of a startup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryCount {
    /// Built by rule or by an agent.
    pub built: u64,
    /// Of the blueprint.
    pub total: u64,
}

/// One check of a startup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSummary {
    /// Which one.
    pub check: String,
    /// How it went.
    pub result: CheckState,
    /// One line.
    pub detail: String,
}

/// The table of these startups.
pub async fn summary(
    factory: &dyn Factory,
    slugs: &[Slug],
    now: factory_core::clock::Timestamp,
) -> Result<Summary, AppError> {
    let mut startups = Vec::new();
    for view in factory.startups().await? {
        if slugs.contains(&view.slug) {
            startups.push(one(&factory.startup(&view.slug).await?, now));
        }
    }
    Ok(Summary {
        kind: "summary".to_owned(),
        startups,
    })
}

fn one(detail: &StartupDetail, now: factory_core::clock::Timestamp) -> StartupSummary {
    let run = detail.run.as_ref().map(|run| &run.run);
    let count = |of: fn(&RunView) -> u64| run.map_or(0, of);
    let open = detail
        .gates
        .iter()
        .filter(|gate| gate.state == GateState::Open);
    let checks = detail.run.iter().flat_map(|run| &run.checks);
    StartupSummary {
        slug: detail.startup.slug.clone(),
        path: detail.path.clone(),
        state: detail.shown_state(),
        reason: run.and_then(|run| run.reason.clone()),
        checkout_behind: detail.checkout_behind,
        tasks: count(|run| run.tasks),
        landed: count(|run| run.landed),
        merges: count(|run| run.merges),
        merges_automatic: count(|run| run.merges_automatic),
        stories: StoryCount {
            built: count(|run| run.stories_built),
            total: count(|run| run.stories_total),
        },
        verified: checks
            .map(|check| CheckSummary {
                check: check.check_name.clone(),
                result: check.result,
                detail: check.detail.clone(),
            })
            .collect(),
        gates: open.map(|gate| gate.gate_id.clone()).collect(),
        // No event of this version spends money: no model is called.
        cost_usd: 0.0,
        seconds: run.map_or(0.0, |run| seconds(run, now)),
    }
}

fn seconds(run: &RunView, now: factory_core::clock::Timestamp) -> f64 {
    let ended = run.finished_at.unwrap_or(now);
    ended.since(run.started_at).as_secs_f64()
}
