//! Which commands are legal, and what they make of a run.

use super::super::*;
use super::fixture::{
    History, Tables, act, attempt, begin, begun, cancel, fail, folded, graph, id, lose, plan,
    run_id, states, succeed, succeed_with, task,
};
use crate::id::{Epoch, Slug};

#[test]
fn a_graph_with_a_fault_is_refused_and_the_fault_is_named() {
    for (text, expected) in [
        (
            "a -> b\n b -> c\n c -> a",
            "the task graph cannot be run: tasks depend on each other in a cycle: a → c → b → a",
        ),
        (
            "a -> a",
            "the task graph cannot be run: tasks depend on each other in a cycle: a → a",
        ),
    ] {
        assert_eq!(begin(graph(text)).unwrap_err().to_string(), expected);
    }
    let mut tasks = graph("a -> b");
    tasks.push(tasks[0].clone());
    tasks[1].needs.push(id("ghost"));
    assert_eq!(
        begin(tasks).unwrap_err().to_string(),
        "the task graph cannot be run: task `a` is defined twice; task `b` needs `ghost`, which does not exist"
    );
}

#[test]
fn one_run_at_a_time() {
    let mut repo = begun("a");
    let next = |repo: &Repo| {
        let subject = super::fixture::subject();
        let run_id = Slug::from_static("a").run(2);
        start(repo, &run_id, subject, plan(), graph("b"))
    };
    assert_eq!(next(&repo), Err(Refusal::RunOpen(run_id())));
    assert_eq!(decide(&Repo::default(), attempt("a")), Err(Refusal::NoRun));
    act(&mut repo, cancel());
    assert_eq!(decide(&repo, attempt("a")), Err(Refusal::NoRun));
    for event in next(&repo).unwrap() {
        apply(&mut repo, &event);
    }
    assert_eq!(states(&repo), "b pending");
}

#[test]
fn a_run_without_tasks_ends_as_it_begins() {
    let repo = super::fixture::begun_with(Vec::new());
    assert_eq!(states(&repo), "= unverified");
}

#[test]
fn a_run_may_be_about_a_repository_alone() {
    let name = Slug::from_static("engine");
    let subject = Subject::Repository { name: name.clone() };
    let events = start(
        &Repo::default(),
        &name.run(3),
        subject.clone(),
        plan(),
        graph("a"),
    )
    .unwrap();
    let mut repo = folded(&events);
    act(&mut repo, attempt("a"));
    act(&mut repo, succeed("a", 1));
    assert_eq!(states(&repo), "a done, = unverified");
    let run = repo.run.unwrap();
    assert_eq!((run.run_id, run.subject), (name.run(3), subject));
    let tables = Tables::of(&events);
    assert_eq!(tables.cell("runs", "engine.3", "slug"), "engine");
    assert_eq!(tables.cell("runs", "engine.3", "state"), "running");
}

#[test]
fn a_task_waits_for_what_it_needs() {
    let mut repo = begun("a -> b");
    let unmet = Refusal::NeedsUnmet {
        task_id: id("b"),
        needed: id("a"),
    };
    assert_eq!(decide(&repo, attempt("b")), Err(unmet));
    act(&mut repo, attempt("a"));
    act(&mut repo, succeed("a", 1));
    act(&mut repo, attempt("b"));
    assert_eq!(states(&repo), "a done, b running");
    assert_eq!(
        decide(&repo, attempt("ghost")),
        Err(Refusal::NoTask(id("ghost")))
    );
}

#[test]
fn a_late_result_is_rejected_and_harms_nobody() {
    let mut repo = begun("a");
    act(&mut repo, attempt("a"));
    act(&mut repo, lose("a", 1));
    // The next attempt is in the very same state: only the epoch tells them apart.
    act(&mut repo, attempt("a"));
    for late in [succeed("a", 1), fail("a", 1), lose("a", 1)] {
        let before = repo.clone();
        let events = act(&mut repo, late);
        assert!(
            matches!(
                events.as_slice(),
                [Event::Task {
                    event: TaskEvent::ResultRejected {
                        epoch: Epoch(1),
                        ..
                    },
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
    let State::Skipped { reason } = &task(&repo, "d").state else {
        panic!("d is skipped");
    };
    assert_eq!(reason, "needs `a`, which failed");
    act(&mut repo, attempt("e"));
    act(&mut repo, succeed("e", 1));
    assert_eq!(
        states(&repo),
        "a failed, b skipped, c skipped, d skipped, e done, = failed"
    );
}

#[test]
fn a_lost_attempt_does_not_count_as_a_failure() {
    let mut repo = begun("a");
    for epoch in 1..=5 {
        act(&mut repo, attempt("a"));
        act(&mut repo, lose("a", epoch));
    }
    assert_eq!(states(&repo), "a pending");
    assert_eq!(task(&repo, "a").failures, 0);
}

#[test]
fn a_gate_holds_the_next_task_and_a_question_repeats_the_phase() {
    let mut repo = begun("think! -> build");
    let pass = || TaskCommand::PassGate.on(id("think!"));
    act(&mut repo, attempt("think!"));
    act(&mut repo, succeed("think!", 1));
    assert_eq!(states(&repo), "build pending, think! waiting");
    let comment = "why?".to_owned();
    act(&mut repo, TaskCommand::AskGate { comment }.on(id("think!")));
    act(&mut repo, attempt("think!"));
    let again = task(&repo, "think!");
    assert_eq!(
        (again.round, again.comment.as_deref(), again.epoch),
        (2, Some("why?"), Epoch(2))
    );
    act(&mut repo, succeed("think!", 2));
    act(&mut repo, pass());
    act(&mut repo, attempt("build"));
    assert_eq!(states(&repo), "build running, think! done");
    let twice = decide(&repo, pass());
    assert!(matches!(twice, Err(Refusal::WrongState { .. })));
}

#[test]
fn a_rejection_ends_everything() {
    let mut repo = begun("think! -> build\n other");
    act(&mut repo, attempt("think!"));
    let reject = || {
        let reason = "no".to_owned();
        TaskCommand::RejectGate { reason }.on(id("think!"))
    };
    let early = decide(&repo, reject());
    assert!(
        matches!(early, Err(Refusal::WrongState { .. })),
        "{early:?}"
    );
    act(&mut repo, succeed("think!", 1));
    act(&mut repo, reject());
    assert_eq!(
        states(&repo),
        "build skipped, other skipped, think! skipped, = rejected"
    );
}

#[test]
fn a_cancelled_run_leaves_nothing_running() {
    let mut history = History::of(graph("a -> b\n c\n d"));
    for command in [
        attempt("a"),
        lose("a", 1),
        attempt("a"),
        attempt("c"),
        succeed("c", 1),
        cancel(),
    ] {
        history.act(command);
    }
    let History { repo, events } = history;
    assert_eq!(
        states(&repo),
        "a skipped, b skipped, c done, d skipped, = cancelled"
    );
    let skipped = events.iter().find_map(|event| match &event.event {
        Event::TasksSkipped { tasks } => Some(tasks.as_slice()),
        _ => None,
    });
    let cancelled: Vec<(&str, Option<Epoch>)> = skipped
        .unwrap()
        .iter()
        .map(|skipped| (skipped.task_id.as_str(), skipped.cancelled))
        .collect();
    assert_eq!(
        cancelled,
        [("a", Some(Epoch(2))), ("b", None), ("d", None)],
        "only the attempt in progress is ended"
    );
    let tables = Tables::of(&events);
    assert_eq!(tables.cell("attempts", "a.1/a/1", "state"), "lost");
    assert_eq!(tables.cell("attempts", "a.1/a/2", "state"), "cancelled");
    assert_eq!(tables.cell("attempts", "a.1/a/2", "reason"), "enough");
    assert_eq!(tables.cell("attempts", "a.1/c/1", "state"), "succeeded");
    for table in ["runs", "tasks", "attempts"] {
        assert_eq!(tables.keys(table, "state", "running"), [""; 0], "{table}");
    }
}

#[test]
fn the_graph_grows_but_never_into_a_fault() {
    let mut repo = begun("a\n x");
    for (name, epoch) in [("x", 1), ("x", 2)] {
        act(&mut repo, attempt(name));
        act(&mut repo, fail(name, epoch));
    }
    act(&mut repo, attempt("a"));
    let grow = |tasks: Vec<TaskSpec>| {
        TaskCommand::Succeed {
            epoch: Epoch(1),
            outcome: Outcome::default(),
            collected: None,
            extended: Vec::new(),
            grown: tasks,
        }
        .on(id("a"))
    };
    assert!(matches!(
        decide(&repo, grow(graph("b -> c\n c -> b"))),
        Err(Refusal::Graph(_))
    ));
    assert!(
        matches!(decide(&repo, grow(graph("a -> b"))), Err(Refusal::Graph(_))),
        "a name is given once"
    );
    let mut tasks = graph("b -> c\n d");
    tasks[2].needs.push(id("x"));
    act(&mut repo, grow(tasks));
    assert_eq!(
        states(&repo),
        "a done, b pending, c pending, d skipped, x failed",
        "what is added after its need has failed can never start"
    );
}

#[test]
fn a_result_may_be_handed_in_once() {
    let mut repo = begun("a\n b");
    act(&mut repo, attempt("a"));
    act(&mut repo, succeed("a", 1));
    let before = repo.clone();
    act(&mut repo, succeed_with("a", 1, Outcome::default()));
    assert_eq!(repo, before);
}

#[test]
fn events_survive_storage() {
    let mut repo = begun("think! -> build");
    let mut events = act(&mut repo, attempt("think!"));
    events.extend(act(&mut repo, succeed("think!", 1)));
    let run_id = run_id();
    let wrap = |event| {
        let run_id = run_id.clone();
        crate::event::Event::Run(RunEvent { run_id, event })
    };
    for event in events.into_iter().map(wrap) {
        assert_eq!(crate::event::Event::decode(event.encode()).unwrap(), event);
    }
    let mut newer = wrap(Event::task(id("x"), TaskEvent::GatePassed)).encode();
    newer.schema_version = 99;
    let refused = crate::event::Event::decode(newer).unwrap_err().to_string();
    assert_eq!(
        refused,
        "event `run.gate_passed` has schema version 99, this program reads up to 2"
    );
}
