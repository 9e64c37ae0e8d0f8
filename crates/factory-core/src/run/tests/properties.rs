//! What holds after every command of random runs: counts, ends, stories and tables agree with the state asked from
//! scratch.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::fixture::{
    Tables, begin, begun, collected, edit, folded, id, landing, run_id, spec, story,
};
use crate::clock::Timestamp;
use crate::id::{Epoch, TaskId};

/// The first thing in a run that must never be, if there is one.
fn fault(run: &Run) -> Option<String> {
    let open = |task: &&Task| !task.state.is_final();
    let open_count = run.tasks.values().filter(open).count();
    if run.open_count != open_count {
        return Some(format!("{} open of {open_count}", run.open_count));
    }
    if run.end.is_some() != (open_count == 0) {
        return Some(format!("{:?} with {open_count} open", run.end));
    }
    for task in run.tasks.values().filter(open) {
        for needed in &task.spec.needs {
            let needed = &run.tasks[needed];
            if needed.state.is_final() && !needed.is_met() {
                let (task, needed) = (&task.spec.id, &needed.spec.id);
                return Some(format!("`{task}` waits for `{needed}` in vain"));
            }
        }
    }
    for task in run.tasks.values() {
        let working = matches!(task.state, State::Running { .. } | State::Merging { .. });
        if !working && !task.granted.is_empty() {
            return Some(format!("`{}` still holds its claims", task.spec.id));
        }
    }
    let queued: BTreeSet<&TaskId> = run.merge_queue.iter().collect();
    let merging = |task: &&Task| matches!(task.state, State::Merging { .. });
    let merging: BTreeSet<&TaskId> = run
        .tasks
        .values()
        .filter(merging)
        .map(|task| &task.spec.id)
        .collect();
    if queued != merging || queued.len() != run.merge_queue.len() {
        return Some(format!("queued {queued:?}, merging {merging:?}"));
    }
    story_fault(run)
}

fn story_fault(run: &Run) -> Option<String> {
    let mut stories: BTreeMap<&str, Vec<&Task>> = BTreeMap::new();
    for task in run.tasks.values() {
        if let Some(story) = &task.spec.story {
            stories.entry(&story.story_id).or_default().push(task);
        }
    }
    for (story_id, tasks) in stories {
        let ended = tasks.iter().all(|task| task.state.is_final());
        let landed = tasks.iter().all(|task| task.state == State::Done);
        match run.stories.get(story_id) {
            None if ended => return Some(format!("{story_id} has ended and is not settled")),
            Some(_) if !ended => return Some(format!("{story_id} is settled too early")),
            Some(result) if result.state != StoryState::NotBuilt && !landed => {
                return Some(format!("{story_id} is built without all of its tasks"));
            }
            _ => {}
        }
    }
    None
}

/// Spoils a run.
type Break = fn(&mut Run);

#[test]
fn a_run_that_was_not_settled_is_noticed() {
    let broken: [(&str, &str, Break); 7] = [
        ("a", "2 open of 1", |run| run.open_count = 2),
        ("a", "None with 0 open", |run| {
            set(run, "a", State::Done);
            run.open_count = 0;
        }),
        ("a", "Some(Verified) with 1 open", |run| {
            run.end = Some(End::Verified);
        }),
        ("a -> b", "`b` waits for `a` in vain", |run| {
            let reason = "no".to_owned();
            set(run, "a", State::Failed { reason });
            run.open_count = 1;
        }),
        ("verify -> b", "`b` waits for `verify` in vain", |run| {
            let task = run.tasks.get_mut(&id("verify")).unwrap();
            task.outcome = Some(Outcome::default());
            set(run, "verify", State::Done);
            run.open_count = 1;
        }),
        ("s1\n b", "S1 has ended and is not settled", |run| {
            set(run, "s1", State::Done);
            run.open_count = 1;
        }),
        ("a", "`a` still holds its claims", |run| {
            let task = run.tasks.get_mut(&id("a")).unwrap();
            task.granted = vec![edit("**")];
        }),
    ];
    for (graph, expected, break_it) in broken {
        let mut run = begun(graph).run.unwrap();
        assert_eq!(fault(&run), None);
        break_it(&mut run);
        assert_eq!(fault(&run).as_deref(), Some(expected));
    }
}

fn set(run: &mut Run, name: &str, state: State) {
    run.tasks.get_mut(&id(name)).unwrap().state = state;
}

/// Where the tables and the folded run differ.
fn table_fault(run: &Run, tables: &Tables) -> Option<String> {
    let run_id = run.run_id.as_str();
    let state = run.end.map_or("running", End::as_str);
    let runs = [
        ("state", state.to_owned()),
        ("tasks", run.tasks.len().to_string()),
    ];
    for (column, expected) in runs {
        let found = tables.cell("runs", run_id, column);
        if found != expected {
            return Some(format!("runs.{column}: {found}, not {expected}"));
        }
    }
    let count = |column| tables.cell("runs", run_id, column).replace("null", "0");
    let counts = (count("stories_built"), count("stories_total"));
    let expected = (run.built_count().to_string(), run.stories.len().to_string());
    if counts != expected {
        return Some(format!("stories {counts:?}, not {expected:?}"));
    }
    let mut running: Vec<String> = Vec::new();
    for task in run.tasks.values() {
        let key = format!("{run_id}/{}", task.spec.id);
        let found = tables.cell("tasks", &key, "state");
        if found != task.state.word().as_str() {
            return Some(format!("{key} is {found}, not {}", task.state.word()));
        }
        let finished = tables.cell("tasks", &key, "finished_at") != "null";
        let may_have = task.state.is_final() || task.state == State::Waiting;
        if finished && !may_have {
            return Some(format!("{key} is {found} and has finished"));
        }
        if matches!(task.state, State::Running { .. }) {
            running.push(format!("{key}/{}", task.epoch));
        }
    }
    let found = tables.keys("attempts", "state", "running");
    (found != running).then(|| format!("attempts {found:?} running, not {running:?}"))
}

/// A seeded generator (`SplitMix64`), so that every failure can be repeated.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// Tasks that need some of those before them.
    fn tasks(&mut self, known: &mut Vec<TaskId>, count: usize) -> Vec<TaskSpec> {
        let mut tasks = Vec::new();
        // A story is settled once: tasks that are added later build stories of their own.
        let batch = known.len();
        for _ in 0..count {
            let mut task = spec(&format!("t{}", known.len()));
            task.needs = known.clone();
            task.needs.retain(|_| self.one_in(3));
            task.lands = self.one_in(2);
            task.attempts_max = 1 + u32::try_from(self.below(3)).unwrap();
            task.story = self
                .one_in(2)
                .then(|| story(&format!("S-{batch}-{}", self.below(3))));
            if self.one_in(3) {
                let (name, question) = ("gate".to_owned(), "?".to_owned());
                task.gate = Some(GateSpec { name, question });
            }
            if self.one_in(4) {
                task.checks = vec![CheckName::new("lint"), CheckName::new("tests")];
            }
            if self.one_in(2) {
                task.on_conflict = OnConflict::Redo;
            }
            known.push(task.id.clone());
            tasks.push(task);
        }
        tasks
    }

    fn outcome(&mut self, task: &Task) -> Outcome {
        let mut outcome = Outcome::default();
        for name in &task.spec.checks {
            let result = match self.below(12) {
                0 => CheckState::Failed,
                1 => CheckState::NotRun,
                2 => continue,
                _ => CheckState::Passed,
            };
            outcome
                .checks
                .push(super::fixture::check(name.as_str(), result));
        }
        if let Some(story) = &task.spec.story {
            let story = story.clone();
            outcome.stories.push(match self.below(5) {
                0 => StoryResult::not_built(story, "no"),
                _ => StoryResult {
                    story,
                    state: StoryState::ByRule,
                    why: None,
                },
            });
        }
        outcome
    }

    /// Something that may be asked of a task; often legal, not always.
    fn command(&mut self, task: &Task, known: &mut Vec<TaskId>) -> TaskCommand {
        // An older attempt speaks up now and then.
        let epoch = match task.epoch {
            Epoch(epoch) if epoch > 1 && self.one_in(8) => Epoch(epoch - 1),
            epoch => epoch,
        };
        let reason = "no".to_owned();
        let retry_at = self.one_in(2).then_some(Timestamp(5));
        match (self.below(8), &task.state) {
            (0, _) => TaskCommand::Lose { epoch, reason },
            (1, State::Merging { .. }) => TaskCommand::Conflict { epoch, reason },
            (2, State::Merging { .. }) => TaskCommand::RejectChange {
                epoch,
                reason,
                retry_at,
            },
            (3, State::Merging { .. }) => TaskCommand::DropIntent { epoch },
            (
                _,
                State::Merging {
                    intent: Some(_), ..
                },
            ) => TaskCommand::Land { epoch },
            (_, State::Merging { .. }) => TaskCommand::Intend {
                epoch,
                landing: landing(),
            },
            (1, State::Waiting) => TaskCommand::AskGate { comment: reason },
            (2, State::Waiting) if self.one_in(4) => TaskCommand::RejectGate { reason },
            (_, State::Waiting) => TaskCommand::PassGate,
            (1 | 2, State::Running { .. }) => TaskCommand::Fail {
                epoch,
                reason,
                retry_at,
            },
            (3, State::Running { .. }) if task.spec.lands => TaskCommand::Park {
                epoch,
                outcome: self.outcome(task),
                collected: collected(),
                beyond: vec![edit("more/**")],
                grown: Vec::new(),
                reason,
            },
            (_, State::Parked { .. }) => TaskCommand::Admit { epoch },
            (_, State::Running { .. }) => TaskCommand::Succeed {
                epoch,
                outcome: self.outcome(task),
                collected: task.spec.lands.then(collected),
                extended: if self.one_in(3) {
                    vec![edit("more/**")]
                } else {
                    Vec::new()
                },
                grown: if known.len() < 16 && self.one_in(6) {
                    self.tasks(known, 2)
                } else {
                    Vec::new()
                },
            },
            _ => TaskCommand::StartAttempt {
                base: None,
                lease_until: Timestamp(1000),
                claims: vec![edit("src/**")],
            },
        }
    }
}

/// One random run to its end, looked at after every command.
fn random_run(seed: u64) -> End {
    let mut seeded = Seeded(seed);
    let mut known = Vec::new();
    let count = seeded.below(9);
    let mut events = begin(seeded.tasks(&mut known, count)).unwrap();
    let (mut repo, mut tables) = (Repo::default(), Tables::default());
    let mut seen = 0;
    for step in 0..2_000 {
        for event in &events[seen..] {
            apply(&mut repo, event);
            tables.record(event);
        }
        seen = events.len();
        let run = repo.run.as_ref().unwrap();
        assert_eq!(fault(run), None, "seed {seed}, step {step}");
        assert_eq!(table_fault(run, &tables), None, "seed {seed}, step {step}");
        if let Some(end) = run.end {
            assert_eq!(folded(&events), repo, "seed {seed}");
            return end;
        }
        let task = run.tasks.values().nth(seeded.below(run.tasks.len()));
        let (task, mut grown) = (task.unwrap(), known.clone());
        let command = if seeded.one_in(400) {
            super::fixture::cancel()
        } else {
            let command = seeded.command(task, &mut grown);
            command.on(task.spec.id.clone())
        };
        if let Ok(more) = decide(&repo, command) {
            if more
                .iter()
                .any(|event| matches!(event.event, Event::TasksAdded { .. }))
            {
                known = grown;
            }
            events.extend(more);
        }
    }
    panic!("seed {seed}: no end in sight: {repo:#?}");
}

#[test]
fn after_every_command_the_state_agrees_with_what_it_is_asked_from_scratch() {
    let mut ends: BTreeMap<End, usize> = BTreeMap::new();
    for seed in 0..1_000 {
        *ends.entry(random_run(seed)).or_default() += 1;
    }
    // A generator that never gets there proves nothing.
    for end in End::ALL {
        assert!(ends.get(end) > Some(&10), "{end}: {ends:?}");
    }
}

#[test]
fn a_run_is_called_what_its_events_say() {
    let events = begin(vec![spec("a")]).unwrap();
    assert!(events.iter().all(|event| event.run_id == run_id()));
}
