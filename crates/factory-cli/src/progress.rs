//! Progress as it happens: one live line per startup on a terminal, plain lines elsewhere, NDJSON with `--json`.
//! Derived from events alone, so that it is the same whichever process drives.

use std::collections::{BTreeMap, BTreeSet};

use factory_app::factory::{StartupDetail, decided};
use factory_core::event::{Event, Recorded};
use factory_core::id::{RunId, Slug, TaskId};
use factory_core::portfolio;
use factory_core::run::{self, CheckState, End, RunEvent, TaskEvent};

use crate::output::{self, Format};
use crate::screen;

/// Shows events of some startups.
#[derive(Debug)]
pub(crate) struct Progress {
    mode: Mode,
    slugs: BTreeSet<Slug>,
    runs: BTreeMap<RunId, Run>,
}

#[derive(Debug)]
enum Mode {
    Json,
    Plain,
    Live,
}

#[derive(Debug, Default)]
struct Run {
    titles: BTreeMap<TaskId, (String, String)>,
    over: BTreeSet<TaskId>,
}

impl Progress {
    /// Shows nothing until it follows something.
    pub(crate) fn new(format: Format) -> Self {
        let mode = match format {
            Format::Json => Mode::Json,
            Format::Text if output::is_terminal() => Mode::Live,
            Format::Text => Mode::Plain,
        };
        Self {
            mode,
            slugs: BTreeSet::new(),
            runs: BTreeMap::new(),
        }
    }

    /// Shows this startup's events from now on; earlier ones are counted, but not shown.
    pub(crate) fn follow(&mut self, detail: &StartupDetail) {
        self.slugs.insert(detail.startup.slug.clone());
        let Some(detail) = &detail.run else { return };
        let run = self.runs.entry(detail.run.run_id.clone()).or_default();
        for task in &detail.tasks {
            let task_id = task.task_id.clone();
            let title = (task.title.clone(), task.phase.clone());
            run.titles.insert(task_id.clone(), title);
            if task.state.is_final() {
                run.over.insert(task_id);
            }
        }
    }

    /// Shows one event.
    pub(crate) fn show(&mut self, recorded: &Recorded) {
        let slug = slug_of(&recorded.event);
        if !self.slugs.contains(&slug) {
            return;
        }
        if let Mode::Json = self.mode {
            output::data(&output::json(recorded));
            return;
        }
        let line = match &recorded.event {
            Event::Run(event) => self.of_run(event),
            Event::Portfolio(event) => of_portfolio(event),
        };
        let Some(line) = line else { return };
        match self.mode {
            Mode::Live => screen::show(slug.as_str(), &line.text, line.ends),
            Mode::Plain if line.lasting => {
                output::words(&format!("{:<16} {}", slug.as_str(), line.text));
            }
            Mode::Plain | Mode::Json => {}
        }
    }

    fn of_run(&mut self, event: &RunEvent) -> Option<Line> {
        use run::Event as E;
        let run = self.runs.entry(event.run_id.clone()).or_default();
        match &event.event {
            E::Started { plan, .. } => Some(Line::lasting(format!(
                "run {} started: {}, onto branch {}",
                event.run_id, plan.playbook, plan.target.branch
            ))),
            E::TasksAdded { tasks, .. } => {
                let added = tasks
                    .iter()
                    .map(|task| (task.id.clone(), (task.title.clone(), task.phase.clone())));
                run.titles.extend(added);
                None
            }
            E::Task { task_id, event } => run.of_task(task_id, event),
            E::TasksSkipped { tasks } => {
                run.over
                    .extend(tasks.iter().map(|skipped| skipped.task_id.clone()));
                None
            }
            E::Verified { checks, .. } => {
                let red: Vec<String> = checks
                    .iter()
                    .filter(|check| check.result != CheckState::Passed)
                    .map(|check| format!("{} {} ({})", check.check, check.result, check.detail))
                    .collect();
                let text = if red.is_empty() {
                    "every check passed".to_owned()
                } else {
                    red.join(", ")
                };
                Some(Line::lasting(format!("verification: {text}")))
            }
            E::StoriesSettled { .. } => None,
            E::Finished { end, reason } => {
                let mark = if *end == End::Verified {
                    "✓ "
                } else {
                    "✗ "
                };
                let why = reason
                    .as_deref()
                    .map_or_else(String::new, |reason| format!(": {reason}"));
                Some(Line {
                    text: format!("{mark}{end}{why}"),
                    lasting: true,
                    ends: true,
                })
            }
        }
    }
}

/// A line about one startup.
struct Line {
    text: String,
    /// Whether it is also shown where lines stay.
    lasting: bool,
    /// Whether it is the last one of its run.
    ends: bool,
}

impl Line {
    fn lasting(text: String) -> Self {
        Self {
            text,
            lasting: true,
            ends: false,
        }
    }

    fn passing(text: String) -> Self {
        Self {
            text,
            lasting: false,
            ends: false,
        }
    }
}

impl Run {
    fn of_task(&mut self, task_id: &TaskId, event: &TaskEvent) -> Option<Line> {
        match event {
            TaskEvent::AttemptStarted { .. } => Some(Line::passing(self.at(task_id, ""))),
            TaskEvent::AttemptSucceeded {
                collected: None,
                outcome,
                ..
            } => {
                self.over.insert(task_id.clone());
                let note = outcome
                    .note
                    .as_deref()
                    .map_or_else(String::new, |note| format!(": {note}"));
                Some(Line::lasting(self.at(task_id, &note)))
            }
            TaskEvent::Landed { landing, .. } => {
                self.over.insert(task_id.clone());
                let how = if landing.merge {
                    ": merged"
                } else {
                    ": landed"
                };
                Some(Line::lasting(self.at(task_id, how)))
            }
            TaskEvent::AttemptFailed {
                reason, retry_at, ..
            } => {
                let then = if retry_at.is_some() {
                    "failed, retrying"
                } else {
                    "failed"
                };
                let text = self.at(task_id, &format!(" {then}: {reason}"));
                Some(Line::lasting(text))
            }
            TaskEvent::AttemptLost { reason, .. } => {
                let text = self.at(task_id, &format!(" interrupted, restarting: {reason}"));
                Some(Line::lasting(text))
            }
            TaskEvent::AttemptSucceeded { .. }
            | TaskEvent::ClaimsExtended { .. }
            | TaskEvent::ChangeParked { .. }
            | TaskEvent::ChangeAdmitted { .. }
            | TaskEvent::ResultRejected { .. }
            | TaskEvent::MergeConflicted { .. }
            | TaskEvent::MergeIntended { .. }
            | TaskEvent::MergeDropped { .. }
            | TaskEvent::GateReached { .. }
            | TaskEvent::GatePassed
            | TaskEvent::GateAsked { .. } => None,
        }
    }

    fn at(&self, task_id: &TaskId, what: &str) -> String {
        let (title, phase) = match self.titles.get(task_id) {
            Some((title, phase)) => (title.as_str(), phase.as_str()),
            None => (task_id.as_str(), "task"),
        };
        format!(
            "{:>2}/{:<2} {phase:<19} {title}{what}",
            self.over.len(),
            self.titles.len()
        )
    }
}

fn slug_of(event: &Event) -> Slug {
    use portfolio::Event as P;
    match event {
        Event::Run(event) => event.run_id.slug(),
        Event::Portfolio(event) => match event {
            P::StartupCreated { slug, .. }
            | P::StartupRequeued { slug, .. }
            | P::AllocationGranted { slug, .. }
            | P::AllocationQueued { slug, .. }
            | P::AllocationReleased { slug }
            | P::ProductStarted { slug, .. }
            | P::ProductStopped { slug, .. }
            | P::RunBegun { slug, .. }
            | P::RunEnded { slug, .. } => slug.clone(),
            P::GateOpened { gate_id, .. }
            | P::GateClosed { gate_id }
            | P::GateDecided { gate_id, .. } => gate_id.run().slug(),
        },
    }
}

fn of_portfolio(event: &portfolio::Event) -> Option<Line> {
    use portfolio::Event as P;
    match event {
        P::AllocationQueued { why, .. } => Some(Line::lasting(format!("queued: {why}"))),
        P::AllocationGranted { allocation, .. } => {
            let ports: Vec<String> = allocation.ports.iter().map(ToString::to_string).collect();
            let memory = allocation.resources.memory_mib;
            Some(Line::lasting(format!(
                "allocated ports {}, {memory} MiB",
                ports.join(", ")
            )))
        }
        P::GateOpened { gate, .. } => Some(Line::lasting(format!(
            "gate {}: {}",
            gate.name, gate.question
        ))),
        P::GateDecided {
            gate_id, decision, ..
        } => Some(Line::lasting(format!(
            "gate {gate_id}: {} by {}",
            decided(decision.verdict),
            decision.by
        ))),
        _ => None,
    }
}
