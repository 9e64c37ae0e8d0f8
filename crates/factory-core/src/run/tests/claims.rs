//! What an attempt was granted: in the events, in the folded state, and gone when the attempt is.

use super::super::*;
use super::fixture::{
    History, act, attempt_with, cancel, collected, edit, fail, folded, graph, id, intend, land,
    lose, succeed, task,
};
use crate::claim::Claim;
use crate::id::Epoch;

/// Two tasks in a run, `a` at its first attempt.
fn holding() -> History {
    let mut history = History::of(graph("a\n b"));
    history.act(attempt_with("a", vec![edit("src/**")]));
    history
}

fn hand_in_more() -> Command {
    TaskCommand::Succeed {
        epoch: Epoch(1),
        outcome: Outcome::default(),
        collected: Some(collected()),
        extended: vec![edit("docs/**")],
        grown: Vec::new(),
    }
    .on(id("a"))
}

fn granted(repo: &Repo) -> &[Claim] {
    &task(repo, "a").granted
}

#[test]
fn a_grant_and_its_extension_are_in_the_events_and_survive_folding() {
    let mut history = holding();
    assert_eq!(granted(&history.repo), [edit("src/**")]);
    history.act(hand_in_more());
    let History { repo, events } = history;
    assert_eq!(granted(&repo), [edit("src/**"), edit("docs/**")]);

    let in_events: Vec<&Claim> =
        events
            .iter()
            .filter_map(|event| match &event.event {
                Event::Task {
                    event:
                        TaskEvent::AttemptStarted { claims, .. }
                        | TaskEvent::ClaimsExtended { claims, .. },
                    ..
                } => Some(claims),
                _ => None,
            })
            .flatten()
            .collect();
    assert_eq!(in_events, [&edit("src/**"), &edit("docs/**")]);

    let folded = folded(&events);
    assert_eq!(folded, repo);
    assert_eq!(granted(&folded), [edit("src/**"), edit("docs/**")]);
}

#[test]
fn claims_are_held_until_the_attempt_is_over() {
    let conflict = TaskCommand::Conflict {
        epoch: Epoch(1),
        reason: "x".to_owned(),
    };
    let reject = TaskCommand::RejectChange {
        epoch: Epoch(1),
        reason: "x".to_owned(),
        retry_at: None,
    };
    for (name, commands) in [
        ("done without a change", vec![succeed("a", 1)]),
        ("failure", vec![fail("a", 1)]),
        ("loss", vec![lose("a", 1)]),
        (
            "landing",
            vec![hand_in_more(), intend("a", 1), land("a", 1)],
        ),
        ("conflict", vec![hand_in_more(), conflict.on(id("a"))]),
        ("refused change", vec![hand_in_more(), reject.on(id("a"))]),
        ("skip while running", vec![cancel()]),
        ("skip while merging", vec![hand_in_more(), cancel()]),
    ] {
        let mut repo = holding().repo;
        for command in commands {
            assert_ne!(granted(&repo), [], "{name}: too early");
            act(&mut repo, command);
        }
        assert_eq!(granted(&repo), [], "{name}");
    }
}

#[test]
fn the_next_attempt_holds_its_own_grant_only() {
    let mut repo = holding().repo;
    act(&mut repo, lose("a", 1));
    act(&mut repo, attempt_with("a", vec![edit("other/**")]));
    assert_eq!(granted(&repo), [edit("other/**")]);
}
