//! What happens, as it happens: one live line per startup on a terminal, plain lines elsewhere, NDJSON with
//! `--json`. Derived from events alone, so that it is the same whoever drives.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use factory_app::factory::StartupDetail;
use factory_core::event::{Event, Recorded};
use factory_core::id::{RunId, Slug, TaskId};
use factory_core::portfolio;
use factory_core::run::{self, CheckState, End};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::{self, Format};

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
    Live(MultiProgress, BTreeMap<Slug, ProgressBar>),
}

#[derive(Debug, Default)]
struct Run {
    titles: BTreeMap<TaskId, (String, String)>,
    over: BTreeSet<TaskId>,
}

impl Progress {
    /// Shows nothing before it is told what to follow.
    pub(crate) fn new(format: Format) -> Self {
        let mode = match format {
            Format::Json => Mode::Json,
            Format::Text if output::is_terminal() => {
                let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
                Mode::Live(bars, BTreeMap::new())
            }
            Format::Text => Mode::Plain,
        };
        Self {
            mode,
            slugs: BTreeSet::new(),
            runs: BTreeMap::new(),
        }
    }

    /// Shows what happens to this startup; what has happened already is known, but not shown.
    pub(crate) fn follow(&mut self, detail: &StartupDetail) {
        self.slugs.insert(Slug::new(detail.startup.slug.as_str()));
        let Some(detail) = &detail.run else { return };
        let run = self
            .runs
            .entry(RunId::new(detail.run.run_id.as_str()))
            .or_default();
        for task in &detail.tasks {
            let task_id = TaskId::new(task.task_id.as_str());
            let title = (task.title.clone(), task.phase.clone());
            run.titles.insert(task_id.clone(), title);
            if matches!(task.state.as_str(), "done" | "failed" | "skipped") {
                run.over.insert(task_id);
            }
        }
    }

    /// Writes words for a person without tearing the live lines.
    pub(crate) fn say(&self, text: &str) {
        match &self.mode {
            Mode::Live(bars, _) => bars.suspend(|| output::words(text)),
            Mode::Json | Mode::Plain => output::words(text),
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
        match &mut self.mode {
            Mode::Json => {}
            Mode::Plain => {
                if line.lasting {
                    output::words(&format!("{:<16} {}", slug.as_str(), line.text));
                }
            }
            Mode::Live(bars, by_slug) => {
                let bar = by_slug
                    .entry(slug.clone())
                    .or_insert_with(|| new_bar(bars, &slug));
                bar.set_message(line.text);
                if line.ends {
                    bar.finish();
                }
            }
        }
    }

    /// Leaves the live lines as they are.
    pub(crate) fn finish(&self) {
        if let Mode::Live(_, by_slug) = &self.mode {
            for bar in by_slug.values() {
                bar.abandon();
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one flat match over all events")]
    fn of_run(&mut self, event: &run::Event) -> Option<Line> {
        use run::Event as E;
        let run = self.runs.entry(event.run_id().clone()).or_default();
        match event {
            E::RunStarted { run_id, plan } => Some(Line::lasting(format!(
                "run {run_id} begins: {}, template {}",
                plan.playbook, plan.template
            ))),
            E::TasksAdded { tasks, .. } => {
                let added = tasks.iter().map(|task| {
                    let phase = task.work.phase().as_str().to_owned();
                    (task.id.clone(), (task.title.clone(), phase))
                });
                run.titles.extend(added);
                None
            }
            E::AttemptStarted { task_id, .. } => Some(Line::passing(run.at(task_id, ""))),
            E::AttemptSucceeded {
                task_id,
                collected,
                outcome,
                ..
            } if collected.is_none() => {
                run.over.insert(task_id.clone());
                let note = outcome
                    .note
                    .as_deref()
                    .map_or_else(String::new, |note| format!(": {note}"));
                Some(Line::lasting(run.at(task_id, &note)))
            }
            E::Landed {
                task_id, landing, ..
            } => {
                run.over.insert(task_id.clone());
                let how = if landing.merge {
                    ": merged"
                } else {
                    ": landed"
                };
                Some(Line::lasting(run.at(task_id, how)))
            }
            E::AttemptFailed {
                task_id,
                reason,
                retry_at,
                ..
            } => {
                let then = if retry_at.is_some() {
                    "is tried again"
                } else {
                    "has failed"
                };
                Some(Line::lasting(
                    run.at(task_id, &format!(" {then}: {reason}")),
                ))
            }
            E::AttemptLost {
                task_id, reason, ..
            } => Some(Line::lasting(
                run.at(task_id, &format!(" is done again: {reason}")),
            )),
            E::TasksSkipped { tasks, .. } => {
                run.over
                    .extend(tasks.iter().map(|(task_id, _)| task_id.clone()));
                None
            }
            E::Verified { checks, .. } => {
                let red: Vec<String> = checks
                    .iter()
                    .filter(|check| check.result != CheckState::Passed)
                    .map(|check| {
                        format!(
                            "{} {} ({})",
                            check.check.as_str(),
                            check.result.as_str(),
                            check.detail
                        )
                    })
                    .collect();
                let text = if red.is_empty() {
                    "every check passed".to_owned()
                } else {
                    red.join(", ")
                };
                Some(Line::lasting(format!("verification: {text}")))
            }
            E::RunFinished { end, reason, .. } => {
                let mark = if *end == End::Verified {
                    "✓ "
                } else {
                    "✗ "
                };
                let why = reason
                    .as_deref()
                    .map_or_else(String::new, |reason| format!(": {reason}"));
                Some(Line {
                    text: format!("{mark}{}{why}", end.as_str()),
                    lasting: true,
                    ends: true,
                })
            }
            _ => None,
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

fn new_bar(bars: &MultiProgress, slug: &Slug) -> ProgressBar {
    let bar = bars.add(ProgressBar::new_spinner());
    let style = ProgressStyle::with_template("{spinner} {prefix:<16} {elapsed:>4} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_prefix(slug.as_str().to_owned());
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

fn slug_of(event: &Event) -> Slug {
    use portfolio::Event as P;
    match event {
        Event::Run(event) => event.run_id().slug(),
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
        P::AllocationQueued { why, .. } => {
            Some(Line::lasting(format!("waits for resources: {why}")))
        }
        P::AllocationGranted { allocation, .. } => {
            let ports: Vec<String> = allocation.ports.iter().map(ToString::to_string).collect();
            let memory = allocation.resources.memory_mib;
            Some(Line::lasting(format!(
                "is given ports {}, {memory} MB",
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
            decision.verdict.as_str(),
            decision.by
        ))),
        _ => None,
    }
}
