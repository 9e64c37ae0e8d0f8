//! Tasks that ask for checks: what a red one holds up, and how the run ends.

use super::super::*;
use super::fixture::{
    CHECKS, History, Tables, act, attempt, begun, check, checked, end_reason, graph, hand_in, id,
    intend, land, states, succeed, succeed_with, task,
};
use CheckState::{Failed, NotRun, Passed};

/// `verify`, or `verify!` with a gate, after these results.
fn verified(verify: &str, results: &[(&str, CheckState)]) -> (Repo, Vec<Event>) {
    let mut repo = begun(&format!("{verify} -> deploy"));
    act(&mut repo, attempt(verify));
    let events = act(&mut repo, succeed_with(verify, 1, checked(results)));
    (repo, events)
}

#[test]
fn a_product_is_verified_only_if_every_check_was_run_and_passed() {
    let (mut green, _) = verified("verify", &CHECKS.map(|name| (name, Passed)));
    assert_eq!(states(&green), "deploy pending, verify done");
    act(&mut green, attempt("deploy"));
    let events = act(&mut green, succeed("deploy", 1));
    assert_eq!(states(&green), "deploy done, verify done, = verified");
    assert_eq!(end_reason(&events), None);
    for wrong in [Failed, NotRun] {
        for place in 0..CHECKS.len() {
            let mut results = CHECKS.map(|name| (name, Passed));
            results[place].1 = wrong;
            let (repo, events) = verified("verify", &results);
            assert_eq!(
                states(&repo),
                "deploy skipped, verify done, = unverified",
                "{place} {wrong:?}"
            );
            let reason = format!("{} {wrong}: the detail", CHECKS[place]);
            assert_eq!(end_reason(&events), Some(reason.as_str()));
        }
    }
}

#[test]
fn a_check_without_a_result_is_red() {
    let (repo, events) = verified("verify", &[("install", Passed), ("tests", Passed)]);
    assert_eq!(states(&repo), "deploy skipped, verify done, = unverified");
    let reason = "lint not_run: its worker reported no result";
    assert_eq!(end_reason(&events), Some(reason));
    let State::Skipped { reason } = &task(&repo, "deploy").state else {
        panic!("deploy is skipped");
    };
    assert_eq!(reason, "needs `verify`, which left a check red");
}

#[test]
fn a_gate_opens_only_when_every_check_is_green() {
    let (repo, events) = verified("verify!", &CHECKS.map(|name| (name, Passed)));
    assert_eq!(states(&repo), "deploy pending, verify! waiting");
    assert!(events.iter().any(is_gate));
    for results in [
        vec![("install", Passed), ("lint", Failed), ("tests", Passed)],
        vec![("install", Passed)],
        vec![],
    ] {
        let (repo, events) = verified("verify!", &results);
        assert_eq!(states(&repo), "deploy skipped, verify! done, = unverified");
        assert!(!events.iter().any(is_gate), "{events:?}");
    }
}

fn is_gate(event: &Event) -> bool {
    let Event::Task { event, .. } = event else {
        return false;
    };
    matches!(event, TaskEvent::GateReached { .. })
}

#[test]
fn a_change_that_landed_with_a_red_check_opens_no_gate_and_holds_up_nobody() {
    for (result, after) in [
        (Failed, "deploy skipped, verify! done, = unverified"),
        (Passed, "deploy pending, verify! waiting"),
    ] {
        let mut repo = begun("verify! -> deploy");
        act(&mut repo, attempt("verify!"));
        let outcome = checked(&CHECKS.map(|name| (name, result)));
        act(&mut repo, hand_in("verify!", 1, outcome));
        assert_eq!(states(&repo), "deploy pending, verify! merging");
        act(&mut repo, intend("verify!", 1));
        act(&mut repo, land("verify!", 1));
        assert_eq!(states(&repo), after);
    }
}

#[test]
fn a_run_in_which_no_check_was_asked_for_ends_unverified() {
    let mut repo = begun("a");
    act(&mut repo, attempt("a"));
    // Nobody asked for it, so it proves nothing.
    let events = act(
        &mut repo,
        succeed_with("a", 1, checked(&[("tests", Passed)])),
    );
    assert_eq!(states(&repo), "a done, = unverified");
    assert_eq!(end_reason(&events), Some("not verified: no check was run"));
}

#[test]
fn of_two_tasks_with_checks_both_must_be_green() {
    for (first, second, expected) in [
        (Passed, Passed, "= verified"),
        (Failed, Passed, "= unverified"),
        (Passed, Failed, "= unverified"),
        (NotRun, Failed, "= unverified"),
    ] {
        let mut tasks = graph("unit\n browser");
        for (task, name) in tasks.iter_mut().zip(["tests", "journeys"]) {
            task.checks = vec![CheckName::new(name)];
        }
        let mut history = History::of(tasks);
        for (task, name, result) in [("unit", "tests", first), ("browser", "journeys", second)] {
            history.act(attempt(task));
            history.act(succeed_with(task, 1, checked(&[(name, result)])));
        }
        let History { repo, events } = history;
        let states = states(&repo);
        assert!(states.ends_with(expected), "{first} {second}: {states}");
        let red = [("tests", first), ("journeys", second)];
        let red = red.iter().find(|(_, result)| *result != Passed);
        let of_run: Vec<Event> = events.iter().map(|event| event.event.clone()).collect();
        assert_eq!(
            end_reason(&of_run).map(str::to_owned),
            red.map(|(name, result)| format!("{name} {result}: the detail")),
            "the oldest red task is the reason"
        );
        let tables = Tables::of(&events);
        for (name, result) in [("tests", first), ("journeys", second)] {
            let key = format!("a.1/{name}");
            assert_eq!(tables.cell("checks", &key, "result"), result.as_str());
        }
    }
}

#[test]
fn a_task_that_asks_for_checks_says_which_commit_was_checked() {
    let mut repo = begun("verify");
    let command = TaskCommand::StartAttempt {
        base: Some(super::fixture::object("b")),
        lease_until: crate::clock::Timestamp(9),
        claims: Vec::new(),
    };
    act(&mut repo, command.on(id("verify")));
    let outcome = checked(&[("lint", Failed)]);
    let events = act(&mut repo, succeed_with("verify", 1, outcome));
    let verified = Event::Verified {
        commit: Some(super::fixture::object("b")),
        checks: vec![check("lint", Failed)],
    };
    assert!(events.contains(&verified), "{events:?}");
    assert_eq!(repo.run.unwrap().checks, [check("lint", Failed)]);
}
