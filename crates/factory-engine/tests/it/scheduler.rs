//! The scheduler: what it proposes, and what it never does, whatever the graph and the order of events.

use std::collections::{BTreeMap, BTreeSet};

use factory_core::claim::{Claim, Glob, Mode, Overlap, overlap};
use factory_core::clock::Timestamp;
use factory_core::id::{Epoch, ObjectId, Slug, TaskId};
use factory_core::run::{
    Collected, Command, GatePolicy, Landing, OnConflict, Outcome, Payload, Plan, Repo, StartPoint,
    State, Subject, Target, TaskCommand, TaskSpec, apply, decide, start,
};
use factory_engine::scheduler::{Input, Proposal, Scheduler, Step};

/// Any object: nothing here reads it.
const OBJECT: &str = "0123456789012345678901234567890123456789";

fn task(id: &str, needs: &[&str], claims: &[(Mode, &str)]) -> TaskSpec {
    let claims = claims
        .iter()
        .map(|(mode, glob)| Claim::new(*mode, Glob::parse(glob).unwrap()));
    TaskSpec {
        needs: needs
            .iter()
            .map(|needed| TaskId::parse(*needed).unwrap())
            .collect(),
        claims: claims.collect(),
        lands: true,
        on_conflict: OnConflict::Redo,
        attempts_max: 3,
        ..TaskSpec::new(TaskId::parse(id).unwrap(), id, "build", Payload::none())
    }
}

fn begun(tasks: Vec<TaskSpec>) -> Repo {
    let name = Slug::from_static("a");
    let plan = Plan {
        playbook: "mvp@1".to_owned(),
        target: Target {
            branch: "main".to_owned(),
            start: StartPoint::Empty,
        },
        gates: GatePolicy::Person,
        input: Payload::none(),
    };
    let mut repo = Repo::default();
    let run_id = name.run(1);
    for event in start(&repo, &run_id, Subject::Repository { name }, plan, tasks).unwrap() {
        apply(&mut repo, &event);
    }
    repo
}

fn act(repo: &mut Repo, command: Command) {
    for event in decide(repo, command).unwrap() {
        apply(repo, &event);
    }
}

fn input(free: usize) -> Input {
    Input {
        now: Timestamp(1000),
        free_light: free,
        free_heavy: free,
        merging: false,
    }
}

fn starts(step: &Step) -> Vec<&str> {
    fn start(proposal: &Proposal) -> Option<&str> {
        match proposal {
            Proposal::Start { task_id } => Some(task_id.as_str()),
            _ => None,
        }
    }
    step.proposals.iter().filter_map(start).collect()
}

fn begin(repo: &mut Repo, name: &str) {
    let task_id = TaskId::parse(name).unwrap();
    let claims = repo.open_run().unwrap().tasks[&task_id]
        .spec
        .claims_or_all();
    let start = TaskCommand::StartAttempt {
        base: None,
        lease_until: Timestamp(61_000),
        claims,
    };
    act(repo, start.on(task_id));
}

#[test]
fn the_critical_path_goes_first_then_age() {
    let repo = begun(vec![
        task("short", &[], &[(Mode::Write, "a")]),
        task("old", &[], &[(Mode::Write, "b")]),
        task("long", &[], &[(Mode::Write, "c")]),
        task("then", &["long"], &[(Mode::Write, "c")]),
        task("last", &["then"], &[(Mode::Write, "c")]),
    ]);
    let step = Scheduler::restore(&repo).step(&repo, input(9));
    assert_eq!(starts(&step), ["long", "short", "old"]);
    let step = Scheduler::restore(&repo).step(&repo, input(1));
    assert_eq!(starts(&step), ["long"]);
    assert!(step.starved);
}

#[test]
fn a_busy_claim_skips_the_task_and_blocks_nobody_else() {
    let mut repo = begun(vec![
        task("one", &[], &[(Mode::Write, "src/**")]),
        task("two", &[], &[(Mode::Edit, "src/a.py")]),
        task("three", &[], &[(Mode::Edit, "docs/a.md")]),
    ]);
    let mut scheduler = Scheduler::restore(&repo);
    let step = scheduler.step(&repo, input(9));
    assert_eq!(starts(&step), ["one", "three"]);
    assert_eq!(
        step.busy
            .get(&TaskId::from_static("two"))
            .map(String::as_str),
        Some("one")
    );
    begin(&mut repo, "one");
    begin(&mut repo, "three");
    assert_eq!(starts(&scheduler.step(&repo, input(9))), Vec::<&str>::new());
    // After a crash the locks of running tasks are there again.
    assert_eq!(
        starts(&Scheduler::restore(&repo).step(&repo, input(9))),
        Vec::<&str>::new()
    );
    scheduler.release(&TaskId::from_static("one"));
    assert_eq!(starts(&scheduler.step(&repo, input(9))), ["two"]);
}

#[test]
fn what_a_task_was_granted_while_it_worked_is_locked_again_after_a_restart() {
    let mut repo = begun(vec![
        task("one", &[], &[(Mode::Write, "x.py")]),
        task("two", &[], &[(Mode::Write, "y.py")]),
    ]);
    begin(&mut repo, "one");
    let collected = Collected {
        base: None,
        tree: ObjectId::from_static(OBJECT),
        paths: vec!["x.py".to_owned(), "y.py".to_owned()],
    };
    let extended = vec![Claim::new(Mode::Edit, Glob::literal("y.py").unwrap())];
    let succeed = TaskCommand::Succeed {
        epoch: Epoch(1),
        outcome: Outcome::default(),
        collected: Some(collected),
        extended,
        grown: Vec::new(),
    };
    act(&mut repo, succeed.on(TaskId::from_static("one")));
    let step = Scheduler::restore(&repo).step(&repo, input(9));
    let busy = step.busy.get(&TaskId::from_static("two"));
    assert_eq!(busy.map(String::as_str), Some("one"), "{step:?}");
}

#[test]
fn many_may_edit_one_file() {
    let names = ["a", "b", "c"];
    let repo = begun(
        names
            .iter()
            .map(|name| task(name, &[], &[(Mode::Edit, "routes.py")]))
            .collect(),
    );
    assert_eq!(
        starts(&Scheduler::restore(&repo).step(&repo, input(9))),
        names
    );
}

#[test]
fn no_claims_at_all_means_an_edit_of_everything() {
    let mut repo = begun(vec![
        task("free", &[], &[]),
        task("alone", &[], &[(Mode::Write, "x")]),
    ]);
    let mut scheduler = Scheduler::restore(&repo);
    assert_eq!(starts(&scheduler.step(&repo, input(9))), ["free"]);
    begin(&mut repo, "free");
    assert!(
        scheduler
            .step(&repo, input(9))
            .busy
            .contains_key(&TaskId::from_static("alone"))
    );
}

#[test]
fn a_lease_that_runs_out_is_given_up_and_the_next_moment_is_known() {
    let mut repo = begun(vec![task("slow", &[], &[(Mode::Write, "a")])]);
    begin(&mut repo, "slow");
    let mut scheduler = Scheduler::restore(&repo);
    assert_eq!(
        scheduler.step(&repo, input(9)).wake_at,
        Some(Timestamp(61_000))
    );
    let late = Input {
        now: Timestamp(61_000),
        ..input(9)
    };
    let expire = Proposal::Expire {
        task_id: TaskId::from_static("slow"),
        epoch: Epoch(1),
    };
    assert_eq!(scheduler.step(&repo, late).proposals, [expire]);
}

#[test]
fn leases_that_run_out_together_are_given_up_one_by_one_and_nothing_is_started_beside() {
    let mut repo = begun(vec![
        task("one", &[], &[(Mode::Write, "a")]),
        task("two", &[], &[(Mode::Write, "b")]),
        task("free", &[], &[(Mode::Write, "c")]),
    ]);
    begin(&mut repo, "one");
    begin(&mut repo, "two");
    let mut scheduler = Scheduler::restore(&repo);
    let late = Input {
        now: Timestamp(61_000),
        ..input(9)
    };
    let expire = Proposal::Expire {
        task_id: TaskId::from_static("one"),
        epoch: Epoch(1),
    };
    assert_eq!(scheduler.step(&repo, late).proposals, [expire]);
}

/// xorshift64*; the seed is in every message.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(mixed).unwrap() % limit
    }
}

fn random_tasks(chance: &mut Chance) -> Vec<TaskSpec> {
    const GLOBS: [&str; 7] = [
        "a/**", "a/x.py", "b/*.py", "b/y.py", "**/*.md", "c", "{a,c}/z",
    ];
    const MODES: [Mode; 3] = [Mode::Read, Mode::Edit, Mode::Write];
    let mut tasks: Vec<TaskSpec> = Vec::new();
    for number in 0..12 {
        let claims: Vec<_> = (0..=chance.below(2))
            .map(|_| (MODES[chance.below(3)], GLOBS[chance.below(GLOBS.len())]))
            .collect();
        let mut spec = task(&format!("t{number}"), &[], &claims);
        if number > 0 && chance.below(3) == 0 {
            spec.needs.push(tasks[chance.below(tasks.len())].id.clone());
        }
        tasks.push(spec);
    }
    tasks
}

fn assert_no_conflict(repo: &Repo, scheduler: &Scheduler, seed: u64) {
    let run = repo.run.as_ref().unwrap();
    let held: BTreeMap<&TaskId, Vec<Claim>> = run
        .tasks
        .values()
        .filter(|task| matches!(task.state, State::Running { .. } | State::Merging { .. }))
        .map(|task| (&task.spec.id, scheduler.held(&task.spec.id)))
        .collect();
    for (one, claims) in &held {
        for (other, theirs) in held.iter().filter(|(other, _)| other > &one) {
            for (left, right) in claims
                .iter()
                .flat_map(|left| theirs.iter().map(move |right| (left, right)))
            {
                let apart = overlap(&left.glob, &right.glob) == Overlap::Disjoint;
                assert!(
                    apart || left.mode.is_compatible(right.mode),
                    "seed {seed}: {one} {left} and {other} {right}"
                );
            }
        }
    }
}

/// Runs one random graph in a random order of ends, failures and crashes.
fn run_randomly(seed: u64) {
    let mut chance = Chance(seed);
    let mut repo = begun(random_tasks(&mut chance));
    let mut scheduler = Scheduler::restore(&repo);
    let mut done: BTreeSet<TaskId> = BTreeSet::new();
    for round in 0.. {
        assert!(round < 2000, "seed {seed}: the run does not end");
        if repo.open_run().is_none() {
            return;
        }
        let now = Timestamp(1_000_000 * i64::from(round));
        let step = scheduler.step(
            &repo,
            Input {
                now,
                free_light: 3,
                free_heavy: 1,
                merging: false,
            },
        );
        for proposal in step.proposals {
            match proposal {
                Proposal::Start { task_id } => {
                    assert!(
                        !done.contains(&task_id),
                        "seed {seed}: {task_id} is started after it was done"
                    );
                    let start = TaskCommand::StartAttempt {
                        base: None,
                        lease_until: Timestamp(now.0 + 1_000_000_000_000),
                        claims: repo.open_run().unwrap().tasks[&task_id]
                            .spec
                            .claims_or_all(),
                    };
                    act(&mut repo, start.on(task_id));
                }
                Proposal::Merge { tasks } => {
                    for task_id in tasks {
                        let epoch = repo.open_run().unwrap().tasks[&task_id].epoch;
                        let commit = Some(ObjectId::from_static(OBJECT));
                        let landing = Landing {
                            old_head: None,
                            commit,
                            merge: false,
                            rungs: Vec::new(),
                        };
                        let intend = TaskCommand::Intend { epoch, landing };
                        act(&mut repo, intend.on(task_id.clone()));
                        let land = TaskCommand::Land { epoch };
                        act(&mut repo, land.on(task_id.clone()));
                        scheduler.release(&task_id);
                        done.insert(task_id);
                    }
                }
                other => panic!("seed {seed}: {other:?}"),
            }
            assert_no_conflict(&repo, &scheduler, seed);
            if repo.open_run().is_none() {
                return;
            }
        }
        end_one(&mut repo, &mut scheduler, &mut chance);
        if chance.below(10) == 0 {
            crash(&mut repo);
            scheduler = Scheduler::restore(&repo);
        }
    }
}

fn end_one(repo: &mut Repo, scheduler: &mut Scheduler, chance: &mut Chance) {
    let Some(run) = repo.open_run() else { return };
    let running: Vec<_> = run
        .tasks
        .values()
        .filter(|task| matches!(task.state, State::Running { .. }))
        .map(|task| (task.spec.id.clone(), task.epoch))
        .collect();
    if running.is_empty() {
        return;
    }
    let (task_id, epoch) = running[chance.below(running.len())].clone();
    if chance.below(4) == 0 {
        let retry_at = Some(Timestamp(0));
        let fail = TaskCommand::Fail {
            epoch,
            reason: "no".to_owned(),
            retry_at,
        };
        act(repo, fail.on(task_id.clone()));
        scheduler.release(&task_id);
    } else {
        let collected = Some(Collected {
            base: None,
            tree: ObjectId::from_static(OBJECT),
            paths: Vec::new(),
        });
        let succeed = TaskCommand::Succeed {
            epoch,
            outcome: Outcome::default(),
            collected,
            extended: Vec::new(),
            grown: Vec::new(),
        };
        act(repo, succeed.on(task_id.clone()));
        scheduler.collected(&task_id);
    }
}

fn crash(repo: &mut Repo) {
    let Some(run) = repo.open_run() else { return };
    let running: Vec<_> = run
        .tasks
        .values()
        .filter(|task| matches!(task.state, State::Running { .. }))
        .map(|task| (task.spec.id.clone(), task.epoch))
        .collect();
    for (task_id, epoch) in running {
        let reason = "crash".to_owned();
        act(repo, TaskCommand::Lose { epoch, reason }.on(task_id));
    }
}

#[test]
fn no_two_conflicting_holders_and_every_run_ends_in_300_random_orders() {
    for seed in 1..=300 {
        run_randomly(seed);
    }
}
