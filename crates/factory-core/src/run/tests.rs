//! Tables of decisions on a task graph, and properties of whole runs.

use super::*;
use crate::clock::Timestamp;
use crate::id::{BlobId, Epoch, Slug};

fn plan() -> Plan {
    Plan {
        brief: BlobId::of(b"brief"),
        playbook: "mvp@1".to_owned(),
        template: "mini".to_owned(),
        branch: "main".to_owned(),
        gates: GatePolicy::Person,
        attempts_max: 3,
        blueprint: None,
    }
}

/// A graph as text: `build -> test, docs` says that `test` and `docs` need `build`.
fn graph(text: &str) -> Vec<TaskSpec> {
    let mut tasks: Vec<TaskSpec> = Vec::new();
    let find = |tasks: &mut Vec<TaskSpec>, name: &str| -> usize {
        let id = TaskId::new(name);
        tasks
            .iter()
            .position(|task| task.id == id)
            .unwrap_or_else(|| {
                tasks.push(TaskSpec {
                    id,
                    title: name.to_owned(),
                    work: if name == "verify" {
                        Work::Verify
                    } else {
                        Work::Plan
                    },
                    needs: Vec::new(),
                    claims: Vec::new(),
                    gate: name.strip_suffix('!').map(str::to_owned),
                    story: Some((format!("S-{name}"), String::new()))
                        .filter(|_| name.starts_with('s')),
                    attempts_max: 2,
                    timeout_s: 60,
                });
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
            tasks[at].needs.push(TaskId::new(needed));
        }
    }
    tasks
}

fn start(text: &str) -> Command {
    Command::Start {
        run_id: Slug::new("a").run(1),
        plan: plan(),
        tasks: graph(text),
    }
}

fn begun(text: &str) -> Repo {
    let mut repo = Repo::default();
    act(&mut repo, start(text));
    repo
}

/// Decides and folds; the events.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a command is made where it is given"
)]
fn act(repo: &mut Repo, command: Command) -> Vec<Event> {
    let events =
        decide(repo, command.clone()).unwrap_or_else(|refused| panic!("{command:?}: {refused}"));
    for event in &events {
        apply(repo, event);
    }
    events
}

fn attempt(name: &str) -> Command {
    Command::StartAttempt {
        task_id: TaskId::new(name),
        base: None,
        lease_until: Timestamp(1000),
    }
}

fn succeed(name: &str, epoch: u64) -> Command {
    let (task_id, outcome) = (TaskId::new(name), Outcome::default());
    Command::Succeed {
        task_id,
        epoch: Epoch(epoch),
        outcome,
        collected: None,
        grown: Grown::default(),
    }
}

fn fail(name: &str, epoch: u64) -> Command {
    let (task_id, retry_at) = (TaskId::new(name), Some(Timestamp(5)));
    Command::Fail {
        task_id,
        epoch: Epoch(epoch),
        reason: "no".to_owned(),
        retry_at,
    }
}

fn states(repo: &Repo) -> String {
    let run = repo.run.as_ref().unwrap();
    let mut text: Vec<String> = run
        .tasks
        .values()
        .map(|task| format!("{} {}", task.spec.id, task.state.as_str()))
        .collect();
    if let Some(end) = run.end {
        text.push(format!("= {}", end.as_str()));
    }
    text.join(", ")
}

#[test]
fn a_graph_with_a_fault_is_refused_and_the_fault_is_named() {
    for (text, expected) in [
        (
            "a -> b\n b -> c\n c -> a",
            "the task graph cannot be run: tasks need each other in a circle: a → c → b → a",
        ),
        (
            "a -> a",
            "the task graph cannot be run: tasks need each other in a circle: a → a",
        ),
    ] {
        assert_eq!(
            decide(&Repo::default(), start(text))
                .unwrap_err()
                .to_string(),
            expected
        );
    }
    let mut tasks = graph("a -> b");
    tasks.push(tasks[0].clone());
    tasks[1].needs.push(TaskId::new("ghost"));
    let command = Command::Start {
        run_id: Slug::new("a").run(1),
        plan: plan(),
        tasks,
    };
    assert_eq!(
        decide(&Repo::default(), command).unwrap_err().to_string(),
        "the task graph cannot be run: task `a` stands there twice; task `b` needs `ghost`, which does not exist"
    );
}

#[test]
fn one_run_at_a_time() {
    let repo = begun("a");
    assert_eq!(
        decide(&repo, start("b")),
        Err(Refusal::RunOpen(Slug::new("a").run(1)))
    );
    assert_eq!(decide(&Repo::default(), attempt("a")), Err(Refusal::NoRun));
}

#[test]
fn a_task_waits_for_what_it_needs() {
    let mut repo = begun("a -> b");
    let unmet = Refusal::NeedsUnmet {
        task_id: TaskId::new("b"),
        needed: TaskId::new("a"),
    };
    assert_eq!(decide(&repo, attempt("b")), Err(unmet));
    act(&mut repo, attempt("a"));
    act(&mut repo, succeed("a", 1));
    act(&mut repo, attempt("b"));
    assert_eq!(states(&repo), "a done, b running");
}

#[test]
fn a_late_result_is_rejected_and_harms_nobody() {
    let mut repo = begun("a");
    act(&mut repo, attempt("a"));
    let lose = Command::Lose {
        task_id: TaskId::new("a"),
        epoch: Epoch(1),
        reason: "slow".to_owned(),
    };
    act(&mut repo, lose);
    // The next attempt stands in the very same state: only the epoch tells them apart.
    act(&mut repo, attempt("a"));
    for late in [succeed("a", 1), fail("a", 1)] {
        let before = repo.clone();
        let events = act(&mut repo, late);
        assert!(
            matches!(
                events.as_slice(),
                [Event::ResultRejected {
                    epoch: Epoch(1),
                    ..
                }]
            ),
            "{events:?}"
        );
        assert_eq!(repo, before);
    }
    act(&mut repo, succeed("a", 2));
    assert_eq!(states(&repo), "a done, = unverified");
}

#[test]
fn a_failed_task_fails_its_dependants_closed() {
    let mut repo = begun("a -> b, c\n b -> d\n e");
    act(&mut repo, attempt("a"));
    act(&mut repo, fail("a", 1));
    assert_eq!(
        states(&repo),
        "a pending, b pending, c pending, d pending, e pending"
    );
    act(&mut repo, attempt("a"));
    act(&mut repo, fail("a", 2));
    assert_eq!(
        states(&repo),
        "a failed, b skipped, c skipped, d skipped, e pending"
    );
    act(&mut repo, attempt("e"));
    act(&mut repo, succeed("e", 1));
    assert_eq!(
        states(&repo),
        "a failed, b skipped, c skipped, d skipped, e done, = failed"
    );
}

#[test]
fn every_story_ends_however_its_task_does() {
    let settled = |repo: &Repo| -> Vec<String> {
        let stories = &repo.run.as_ref().unwrap().stories;
        stories.keys().cloned().collect()
    };
    let mut repo = begun("a -> s1\n s1 -> s2\n s3");
    act(&mut repo, attempt("a"));
    act(&mut repo, fail("a", 1));
    assert_eq!(settled(&repo), Vec::<String>::new(), "it is tried again");
    act(&mut repo, attempt("a"));
    act(&mut repo, fail("a", 2));
    assert_eq!(settled(&repo), ["S-s1", "S-s2"]);
    let reason = "enough".to_owned();
    act(&mut repo, Command::Cancel { reason });
    assert_eq!(settled(&repo), ["S-s1", "S-s2", "S-s3"]);
}

#[test]
fn a_lost_attempt_does_not_count_as_a_failure() {
    let mut repo = begun("a");
    for epoch in 1..=5 {
        act(&mut repo, attempt("a"));
        let lose = Command::Lose {
            task_id: TaskId::new("a"),
            epoch: Epoch(epoch),
            reason: "killed".to_owned(),
        };
        act(&mut repo, lose);
    }
    assert_eq!(states(&repo), "a pending");
}

#[test]
fn a_gate_holds_the_next_task_and_a_question_repeats_the_phase() {
    let mut repo = begun("think! -> build");
    act(&mut repo, attempt("think!"));
    act(&mut repo, succeed("think!", 1));
    assert_eq!(states(&repo), "build pending, think! waiting");
    act(
        &mut repo,
        Command::AskGate {
            task_id: TaskId::new("think!"),
            comment: "why?".to_owned(),
        },
    );
    act(&mut repo, attempt("think!"));
    let again = &repo.open_run().unwrap().tasks[&TaskId::new("think!")];
    assert_eq!(
        (again.round, again.comment.as_deref(), again.epoch),
        (2, Some("why?"), Epoch(2))
    );
    act(&mut repo, succeed("think!", 2));
    act(
        &mut repo,
        Command::PassGate {
            task_id: TaskId::new("think!"),
        },
    );
    act(&mut repo, attempt("build"));
    assert_eq!(states(&repo), "build running, think! done");
    let twice = decide(
        &repo,
        Command::PassGate {
            task_id: TaskId::new("think!"),
        },
    );
    assert!(matches!(twice, Err(Refusal::WrongState { .. })));
}

#[test]
fn a_rejection_ends_everything() {
    let mut repo = begun("think! -> build\n other");
    act(&mut repo, attempt("think!"));
    act(&mut repo, succeed("think!", 1));
    act(
        &mut repo,
        Command::RejectGate {
            task_id: TaskId::new("think!"),
            reason: "no".to_owned(),
        },
    );
    assert_eq!(
        states(&repo),
        "build skipped, other skipped, think! skipped, = rejected"
    );
}

fn check(check: CheckName, result: CheckState) -> CheckResult {
    CheckResult {
        check,
        result,
        detail: "d".to_owned(),
        log: None,
        took: std::time::Duration::ZERO,
    }
}

fn verify(results: [CheckState; 6]) -> Repo {
    let mut repo = begun("verify -> deploy");
    act(&mut repo, attempt("verify"));
    let checks = CheckName::ALL
        .into_iter()
        .zip(results)
        .map(|(name, result)| check(name, result))
        .collect();
    let outcome = Outcome {
        checks,
        ..Outcome::default()
    };
    let (task_id, grown) = (TaskId::new("verify"), Grown::default());
    act(
        &mut repo,
        Command::Succeed {
            task_id,
            epoch: Epoch(1),
            outcome,
            collected: None,
            grown,
        },
    );
    repo
}

#[test]
fn a_product_is_verified_only_if_every_check_was_run_and_passed() {
    let mut green = verify([CheckState::Passed; 6]);
    assert_eq!(states(&green), "deploy pending, verify done");
    act(&mut green, attempt("deploy"));
    act(&mut green, succeed("deploy", 1));
    assert_eq!(states(&green), "deploy done, verify done, = verified");
    for wrong in [CheckState::Failed, CheckState::NotRun] {
        for place in 0..6 {
            let mut results = [CheckState::Passed; 6];
            results[place] = wrong;
            assert_eq!(
                states(&verify(results)),
                "deploy skipped, verify done, = unverified",
                "{place} {wrong:?}"
            );
        }
    }
}

/// A task whose change waits to be merged; it settles one story.
fn merging() -> Repo {
    let mut repo = begun("a");
    act(&mut repo, attempt("a"));
    let story = StoryResult {
        story: "S1".to_owned(),
        text: "t".to_owned(),
        state: StoryState::ByRule,
    };
    let outcome = Outcome {
        stories: vec![story],
        ..Outcome::default()
    };
    let collected = Collected {
        base: None,
        tree: ObjectId::new("t"),
        paths: vec!["x".to_owned()],
    };
    let succeed = Command::Succeed {
        task_id: TaskId::new("a"),
        epoch: Epoch(1),
        outcome,
        collected: Some(collected),
        grown: Grown::default(),
    };
    act(&mut repo, succeed);
    repo
}

#[test]
fn a_change_lands_once_and_its_stories_are_settled_then() {
    let mut repo = merging();
    let task_id = TaskId::new("a");
    let land = || Command::Land {
        task_id: TaskId::new("a"),
    };
    let intend = || Command::Intend {
        task_id: TaskId::new("a"),
        epoch: Epoch(1),
        landing: Landing {
            old_head: None,
            commit: Some(ObjectId::new("c")),
            merge: false,
            rungs: Vec::new(),
        },
    };
    assert!(repo.run.as_ref().unwrap().stories.is_empty());
    let early = decide(&repo, land());
    assert!(matches!(early, Err(Refusal::WrongState { .. })));
    act(&mut repo, intend());
    act(&mut repo, Command::DropIntent { task_id });
    act(&mut repo, intend());
    act(&mut repo, land());
    assert_eq!(repo.head, Some(ObjectId::new("c")));
    assert_eq!(repo.run.as_ref().unwrap().stories.len(), 1);
    assert_eq!(decide(&repo, land()), Err(Refusal::NoRun), "it is over");
}

#[test]
fn the_graph_grows_but_never_into_a_fault() {
    let mut repo = begun("a");
    act(&mut repo, attempt("a"));
    let grow = |text: &str| {
        let (task_id, outcome, grown) = (
            TaskId::new("a"),
            Outcome::default(),
            Grown { tasks: graph(text) },
        );
        Command::Succeed {
            task_id,
            epoch: Epoch(1),
            outcome,
            collected: None,
            grown,
        }
    };
    assert!(matches!(
        decide(&repo, grow("b -> c\n c -> b")),
        Err(Refusal::Graph(_))
    ));
    assert!(
        matches!(decide(&repo, grow("a -> b")), Err(Refusal::Graph(_))),
        "a name is given once"
    );
    act(&mut repo, grow("b -> c"));
    assert_eq!(states(&repo), "a done, b pending, c pending");
}

#[test]
fn events_survive_storage() {
    let mut repo = begun("think! -> build");
    let mut events = act(&mut repo, attempt("think!"));
    events.extend(act(&mut repo, succeed("think!", 1)));
    for event in events.into_iter().map(crate::event::Event::Run) {
        assert_eq!(crate::event::Event::decode(event.encode()).unwrap(), event);
    }
    let mut newer = crate::event::Event::Run(Event::GatePassed {
        run_id: Slug::new("a").run(1),
        task_id: TaskId::new("x"),
    })
    .encode();
    newer.schema_version = 99;
    let refused = crate::event::Event::decode(newer).unwrap_err().to_string();
    assert_eq!(
        refused,
        "event `run.gate_passed` has schema version 99, this program reads up to 1"
    );
}
