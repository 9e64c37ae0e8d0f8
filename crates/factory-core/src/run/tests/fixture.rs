//! Runs from text, commands in one word, and the tables that a run leaves.

use std::collections::BTreeMap;

use super::super::*;
use crate::claim::{Claim, Glob, Mode};
use crate::clock::Timestamp;
use crate::event::Recorded;
use crate::id::{Epoch, ObjectId, RunId, Seq, Slug, StreamId, TaskId, Version};
use crate::projection::{self, Assign, Cell, Change};

/// What `verify` asks for.
pub(super) const CHECKS: [&str; 3] = ["install", "lint", "tests"];

pub(super) fn run_id() -> RunId {
    Slug::from_static("a").run(1)
}

pub(super) fn subject() -> Subject {
    Subject::Startup {
        slug: Slug::from_static("a"),
    }
}

pub(super) fn plan() -> Plan {
    Plan {
        playbook: "mvp@1".to_owned(),
        target: Target {
            branch: "main".to_owned(),
            start: StartPoint::Empty,
        },
        gates: GatePolicy::Person,
        input: Payload::none(),
    }
}

pub(super) fn id(name: &str) -> TaskId {
    TaskId::parse(name).unwrap()
}

/// A task by its name: `think!` has a gate, `verify` asks for checks, `s1`, `s1.page` build the story `S1`. Each may be
/// tried twice.
pub(super) fn spec(name: &str) -> TaskSpec {
    let story = name.strip_prefix('s').map(|rest| {
        let number = rest.split('.').next().unwrap_or_default();
        story(&format!("S{number}"))
    });
    let gate = name.strip_suffix('!').map(|gate| GateSpec {
        name: gate.to_owned(),
        question: "Continue?".to_owned(),
    });
    let checks: &[&str] = if name.trim_end_matches('!') == "verify" {
        &CHECKS
    } else {
        &[]
    };
    TaskSpec {
        gate,
        story,
        checks: checks.iter().copied().map(CheckName::new).collect(),
        attempts_max: 2,
        ..TaskSpec::new(id(name), name, "build", Payload::none())
    }
}

pub(super) fn story(story_id: &str) -> StoryRef {
    StoryRef {
        story_id: story_id.to_owned(),
        text: format!("the text of {story_id}"),
    }
}

/// A graph as text: `build -> test, docs` says that `test` and `docs` need `build`.
pub(super) fn graph(text: &str) -> Vec<TaskSpec> {
    let mut tasks: Vec<TaskSpec> = Vec::new();
    let find = |tasks: &mut Vec<TaskSpec>, name: &str| -> usize {
        let known = tasks.iter().position(|task| task.id.as_str() == name);
        known.unwrap_or_else(|| {
            tasks.push(spec(name));
            tasks.len() - 1
        })
    };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (needed, after) = line.split_once("->").unwrap_or((line, ""));
        let needed = needed.trim();
        find(&mut tasks, needed);
        for name in after
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let at = find(&mut tasks, name);
            tasks[at].needs.push(id(needed));
        }
    }
    tasks
}

pub(super) fn begin(tasks: Vec<TaskSpec>) -> Result<Vec<RunEvent>, Refusal> {
    start(&Repo::default(), &run_id(), subject(), plan(), tasks)
}

/// A repository with a run of these tasks.
pub(super) fn begun_with(tasks: Vec<TaskSpec>) -> Repo {
    History::of(tasks).repo
}

pub(super) fn folded(events: &[RunEvent]) -> Repo {
    let mut repo = Repo::default();
    for event in events {
        apply(&mut repo, event);
    }
    repo
}

/// A repository with every event of its run.
#[derive(Debug)]
pub(super) struct History {
    pub(super) repo: Repo,
    pub(super) events: Vec<RunEvent>,
}

impl History {
    pub(super) fn of(tasks: Vec<TaskSpec>) -> Self {
        let events = begin(tasks).unwrap();
        let repo = folded(&events);
        Self { repo, events }
    }

    pub(super) fn act(&mut self, command: Command) {
        let events = decide(&self.repo, command).unwrap();
        for event in &events {
            apply(&mut self.repo, event);
        }
        self.events.extend(events);
    }
}

pub(super) fn begun(text: &str) -> Repo {
    begun_with(graph(text))
}

/// Decides and folds; the events.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a command is made where it is given"
)]
pub(super) fn act(repo: &mut Repo, command: Command) -> Vec<Event> {
    let events =
        decide(repo, command.clone()).unwrap_or_else(|refused| panic!("{command:?}: {refused}"));
    for event in &events {
        apply(repo, event);
    }
    events.into_iter().map(|event| event.event).collect()
}

pub(super) fn attempt(name: &str) -> Command {
    attempt_with(name, Vec::new())
}

pub(super) fn attempt_with(name: &str, claims: Vec<Claim>) -> Command {
    TaskCommand::StartAttempt {
        base: None,
        lease_until: Timestamp(1000),
        claims,
    }
    .on(id(name))
}

pub(super) fn succeed(name: &str, epoch: u64) -> Command {
    succeed_with(name, epoch, Outcome::default())
}

pub(super) fn succeed_with(name: &str, epoch: u64, outcome: Outcome) -> Command {
    TaskCommand::Succeed {
        epoch: Epoch(epoch),
        outcome,
        collected: None,
        extended: Vec::new(),
        grown: Vec::new(),
    }
    .on(id(name))
}

/// Success with a change of the file `x`.
pub(super) fn hand_in(name: &str, epoch: u64, outcome: Outcome) -> Command {
    TaskCommand::Succeed {
        epoch: Epoch(epoch),
        outcome,
        collected: Some(collected()),
        extended: Vec::new(),
        grown: Vec::new(),
    }
    .on(id(name))
}

pub(super) fn collected() -> Collected {
    Collected {
        base: None,
        tree: object("7"),
        paths: vec!["x".to_owned()],
    }
}

pub(super) fn fail(name: &str, epoch: u64) -> Command {
    TaskCommand::Fail {
        epoch: Epoch(epoch),
        reason: "no".to_owned(),
        retry_at: Some(Timestamp(5)),
    }
    .on(id(name))
}

pub(super) fn lose(name: &str, epoch: u64) -> Command {
    TaskCommand::Lose {
        epoch: Epoch(epoch),
        reason: "slow".to_owned(),
    }
    .on(id(name))
}

pub(super) fn intend(name: &str, epoch: u64) -> Command {
    let landing = landing();
    let epoch = Epoch(epoch);
    TaskCommand::Intend { epoch, landing }.on(id(name))
}

pub(super) fn land(name: &str, epoch: u64) -> Command {
    let epoch = Epoch(epoch);
    TaskCommand::Land { epoch }.on(id(name))
}

pub(super) fn cancel() -> Command {
    Command::Cancel {
        reason: "enough".to_owned(),
    }
}

pub(super) fn landing() -> Landing {
    Landing {
        old_head: None,
        commit: Some(object("c")),
        merge: false,
        rungs: Vec::new(),
    }
}

pub(super) fn object(digit: &str) -> ObjectId {
    ObjectId::parse(digit.repeat(40)).unwrap()
}

pub(super) fn edit(glob: &str) -> Claim {
    Claim::new(Mode::Edit, Glob::parse(glob).unwrap())
}

pub(super) fn check(name: &str, result: CheckState) -> CheckResult {
    CheckResult {
        check: CheckName::new(name),
        result,
        detail: "the detail".to_owned(),
        log: None,
        took_ms: 0,
    }
}

/// An outcome with these results.
pub(super) fn checked(checks: &[(&str, CheckState)]) -> Outcome {
    let checks = checks.iter().map(|(name, result)| check(name, *result));
    Outcome {
        checks: checks.collect(),
        ..Outcome::default()
    }
}

/// An outcome that says how a story ended.
pub(super) fn reporting(story_id: &str, state: StoryState) -> Outcome {
    let result = StoryResult {
        story: story(story_id),
        state,
        why: None,
    };
    Outcome {
        stories: vec![result],
        ..Outcome::default()
    }
}

pub(super) fn task<'a>(repo: &'a Repo, name: &str) -> &'a Task {
    &repo.run.as_ref().unwrap().tasks[&id(name)]
}

/// `a done, b pending = verified`.
pub(super) fn states(repo: &Repo) -> String {
    let run = repo.run.as_ref().unwrap();
    let mut text: Vec<String> = run
        .tasks
        .values()
        .map(|task| format!("{} {}", task.spec.id, task.state.word()))
        .collect();
    if let Some(end) = run.end {
        text.push(format!("= {end}"));
    }
    text.join(", ")
}

/// Why the run ended as it did, out of the event that says so.
pub(super) fn end_reason(events: &[Event]) -> Option<&str> {
    events.iter().find_map(|event| match event {
        Event::Finished { reason, .. } => reason.as_deref(),
        _ => None,
    })
}

/// The tables that events leave, as a store derives them.
#[derive(Debug, Default)]
pub(super) struct Tables(BTreeMap<(&'static str, String), BTreeMap<&'static str, Cell>>);

impl Tables {
    pub(super) fn of(events: &[RunEvent]) -> Self {
        let mut tables = Self::default();
        for event in events {
            tables.record(event);
        }
        tables
    }

    pub(super) fn record(&mut self, event: &RunEvent) {
        let recorded = Recorded {
            seq: Seq(1),
            stream: StreamId::repo(&Slug::from_static("a")),
            version: Version(1),
            at: Timestamp(0),
            event: crate::event::Event::Run(event.clone()),
        };
        for change in projection::changes(&recorded) {
            let Change::Upsert { table, key, assign } = change else {
                panic!("a run deletes no row");
            };
            let row = self.0.entry((table.name, key)).or_default();
            for (column, assign) in assign {
                let cell = match (assign, row.get(column)) {
                    (Assign::Set(cell), _) => cell,
                    (Assign::Add(more), Some(Cell::Integer(number))) => {
                        Cell::Integer(number + more)
                    }
                    (Assign::Add(more), _) => Cell::Integer(more),
                };
                row.insert(column, cell);
            }
        }
    }

    /// One cell as text.
    pub(super) fn cell(&self, table: &'static str, key: &str, column: &str) -> String {
        let row = self.0.get(&(table, key.to_owned()));
        match row.and_then(|row| row.get(column)) {
            Some(Cell::Text(text)) => text.clone(),
            Some(Cell::Integer(number)) => number.to_string(),
            Some(Cell::Null) | None => "null".to_owned(),
        }
    }

    /// Keys of the rows whose `column` holds this word.
    pub(super) fn keys(&self, table: &'static str, column: &str, word: &str) -> Vec<&str> {
        let word = Cell::from(word);
        let rows = self.0.iter().filter(|((name, _), _)| *name == table);
        rows.filter(|(_, row)| row.get(column) == Some(&word))
            .map(|((_, key), _)| key.as_str())
            .collect()
    }
}
