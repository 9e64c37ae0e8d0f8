//! The way of a change to the target branch.

use super::super::*;
use super::fixture::{
    act, attempt, attempt_with, begun, begun_with, collected, edit, hand_in, id, intend, land,
    lose, object, spec, states, task,
};
use crate::clock::Timestamp;
use crate::id::Epoch;

/// A task whose change waits to be merged.
fn merging(name: &str) -> Repo {
    let mut repo = begun(name);
    act(&mut repo, attempt(name));
    act(&mut repo, hand_in(name, 1, Outcome::default()));
    repo
}

fn conflict(epoch: u64) -> Command {
    TaskCommand::Conflict {
        epoch: Epoch(epoch),
        reason: "both changed x".to_owned(),
    }
    .on(id("a"))
}

fn reject(epoch: u64, retry_at: Option<Timestamp>) -> Command {
    TaskCommand::RejectChange {
        epoch: Epoch(epoch),
        reason: "tests fail".to_owned(),
        retry_at,
    }
    .on(id("a"))
}

fn drop_intent(epoch: u64) -> Command {
    let epoch = Epoch(epoch);
    TaskCommand::DropIntent { epoch }.on(id("a"))
}

#[test]
fn a_change_lands_once_and_only_with_an_intent() {
    let mut repo = merging("a");
    assert_eq!(repo.run.as_ref().unwrap().merge_queue, [id("a")]);
    let early = Refusal::WrongState {
        task_id: id("a"),
        state: TaskState::Merging,
        wanted: "merging with an intent",
    };
    assert_eq!(decide(&repo, land("a", 1)), Err(early.clone()));
    act(&mut repo, intend("a", 1));
    act(&mut repo, drop_intent(1));
    assert_eq!(decide(&repo, land("a", 1)), Err(early));
    act(&mut repo, intend("a", 1));
    act(&mut repo, land("a", 1));
    assert_eq!(repo.head, Some(object("c")));
    assert_eq!(repo.run.as_ref().unwrap().merge_queue, []);
    assert_eq!(states(&repo), "a done, = unverified");
    assert_eq!(
        decide(&repo, land("a", 1)),
        Err(Refusal::NoRun),
        "it is over"
    );
}

#[test]
fn changes_are_merged_in_the_order_in_which_they_were_handed_in() {
    let mut repo = begun("a\n b\n c");
    for name in ["c", "a", "b"] {
        act(&mut repo, attempt(name));
        act(&mut repo, hand_in(name, 1, Outcome::default()));
    }
    let queue = |repo: &Repo| repo.run.as_ref().unwrap().merge_queue.clone();
    assert_eq!(queue(&repo), [id("c"), id("a"), id("b")]);
    act(&mut repo, reject(1, None));
    assert_eq!(queue(&repo), [id("c"), id("b")]);
}

#[test]
fn a_command_of_an_older_attempt_is_stale() {
    let mut tasks = vec![spec("a"), spec("b")];
    tasks[0].on_conflict = OnConflict::Redo;
    let mut repo = begun_with(tasks);
    for epoch in 1..=2 {
        act(&mut repo, attempt("a"));
        act(&mut repo, hand_in("a", epoch, Outcome::default()));
        if epoch == 1 {
            act(&mut repo, conflict(1));
        }
    }
    act(&mut repo, intend("a", 2));
    for (epoch, current) in [(1, 2), (3, 2)] {
        for command in [
            intend("a", epoch),
            land("a", epoch),
            drop_intent(epoch),
            conflict(epoch),
            reject(epoch, None),
        ] {
            let stale = Refusal::Stale {
                task_id: id("a"),
                epoch: Epoch(epoch),
                current: Epoch(current),
            };
            assert_eq!(decide(&repo, command.clone()), Err(stale), "{command:?}");
        }
    }
    act(&mut repo, land("a", 2));
    assert_eq!(states(&repo), "a done, b pending");
    let late = decide(&repo, intend("a", 2));
    assert!(matches!(late, Err(Refusal::WrongState { .. })), "{late:?}");
}

#[test]
fn a_conflict_fails_a_task_that_is_not_to_be_redone() {
    let mut repo = merging("a");
    assert_eq!(task(&repo, "a").spec.on_conflict, OnConflict::Fail);
    act(&mut repo, conflict(1));
    assert_eq!(states(&repo), "a failed, = failed");
    let State::Failed { reason } = &task(&repo, "a").state else {
        panic!("a failed");
    };
    assert_eq!(reason, "its change does not fit: both changed x");
}

#[test]
fn a_task_that_is_redone_may_miss_the_head_seven_times() {
    let mut task_spec = spec("a");
    task_spec.on_conflict = OnConflict::Redo;
    let mut repo = begun_with(vec![task_spec]);
    for epoch in 1..=8 {
        assert_eq!(states(&repo), "a pending", "{epoch}");
        act(&mut repo, attempt("a"));
        act(&mut repo, hand_in("a", epoch, Outcome::default()));
        act(&mut repo, conflict(epoch));
        let queue = &repo.run.as_ref().unwrap().merge_queue;
        assert_eq!(queue.as_slice(), [], "{epoch}");
    }
    assert_eq!(states(&repo), "a failed, = failed");
    let task = task(&repo, "a");
    assert_eq!((task.conflicts, task.failures), (7, 1));
}

#[test]
fn a_refused_change_is_tried_again_while_tries_are_left() {
    let mut repo = merging("a");
    act(&mut repo, reject(1, Some(Timestamp(7))));
    let again = State::Pending {
        not_before: Some(Timestamp(7)),
    };
    assert_eq!(task(&repo, "a").state, again);
    act(&mut repo, attempt("a"));
    act(&mut repo, hand_in("a", 2, Outcome::default()));
    act(&mut repo, reject(2, Some(Timestamp(9))));
    assert_eq!(states(&repo), "a failed, = failed");
}

#[test]
fn a_task_that_lands_stops_at_its_gate_afterwards() {
    let mut repo = merging("think!");
    act(&mut repo, intend("think!", 1));
    act(&mut repo, land("think!", 1));
    assert_eq!(states(&repo), "think! waiting");
    act(&mut repo, TaskCommand::PassGate.on(id("think!")));
    assert_eq!(states(&repo), "think! done, = unverified");
}

fn park(epoch: u64) -> Command {
    TaskCommand::Park {
        epoch: Epoch(epoch),
        outcome: Outcome::default(),
        collected: collected(),
        beyond: vec![edit("b")],
        grown: vec![spec("grown")],
        reason: "b is held by `other`".to_owned(),
    }
    .on(id("a"))
}

fn admit(epoch: u64) -> Command {
    let epoch = Epoch(epoch);
    TaskCommand::Admit { epoch }.on(id("a"))
}

#[test]
fn a_parked_change_holds_nothing_until_all_its_claims_are_granted_and_then_lands() {
    let mut repo = begun("a");
    act(&mut repo, attempt_with("a", vec![edit("a")]));
    act(&mut repo, park(1));
    assert_eq!(states(&repo), "a parked, grown pending");
    assert_eq!(task(&repo, "a").granted, []);
    assert_eq!(repo.run.as_ref().unwrap().merge_queue, []);
    let early = Refusal::WrongState {
        task_id: id("a"),
        state: TaskState::Parked,
        wanted: "pending",
    };
    assert_eq!(decide(&repo, attempt("a")), Err(early));
    let stale = Refusal::Stale {
        task_id: id("a"),
        epoch: Epoch(0),
        current: Epoch(1),
    };
    assert_eq!(decide(&repo, admit(0)), Err(stale));
    act(&mut repo, admit(1));
    assert_eq!(task(&repo, "a").granted, [edit("a"), edit("b")]);
    act(&mut repo, intend("a", 1));
    act(&mut repo, land("a", 1));
    assert_eq!(states(&repo), "a done, grown pending");
    assert!(decide(&repo, admit(1)).is_err(), "it lands once");
}

#[test]
fn an_older_attempt_cannot_park_its_change() {
    let mut repo = begun("a");
    act(&mut repo, attempt("a"));
    act(&mut repo, lose("a", 1));
    act(&mut repo, attempt("a"));
    act(&mut repo, park(1));
    assert_eq!(states(&repo), "a running");
}

#[test]
fn a_task_whose_attempts_are_lost_again_and_again_fails_for_good() {
    let mut repo = begun("a");
    let mut lost = 0;
    while !task(&repo, "a").state.is_final() {
        lost += 1;
        act(&mut repo, attempt("a"));
        act(&mut repo, lose("a", lost));
    }
    assert_eq!(lost, 5);
    let State::Failed { reason } = &task(&repo, "a").state else {
        panic!("{}", states(&repo))
    };
    assert_eq!(
        reason,
        "5 attempts in a row were lost, the last because slow"
    );
}
