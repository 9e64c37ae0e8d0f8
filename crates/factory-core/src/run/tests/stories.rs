//! Stories: settled once, when all of their tasks have ended, and counted once.

use super::super::*;
use super::fixture::{
    History, Tables, act, attempt, begun, cancel, fail, graph, hand_in, intend, land, reporting,
    run_id, states, story, succeed_with,
};

/// Every event of a run in which these commands are given in turn.
fn history(text: &str, commands: impl IntoIterator<Item = Command>) -> (Repo, Vec<RunEvent>) {
    let mut history = History::of(graph(text));
    for command in commands {
        history.act(command);
    }
    (history.repo, history.events)
}

/// `S1 by_rule, S2 not_built`.
fn settled(repo: &Repo) -> String {
    let stories = repo.run.as_ref().unwrap().stories.values();
    let texts: Vec<String> = stories
        .map(|story| format!("{} {}", story.story.story_id, story.state))
        .collect();
    texts.join(", ")
}

/// An attempt of a story's task that lands.
fn built(name: &str, story_id: &str) -> Vec<Command> {
    let outcome = reporting(story_id, StoryState::ByRule);
    vec![
        attempt(name),
        hand_in(name, 1, outcome),
        intend(name, 1),
        land(name, 1),
    ]
}

fn failed(name: &str) -> Vec<Command> {
    vec![attempt(name), fail(name, 1), attempt(name), fail(name, 2)]
}

fn settlements(events: &[RunEvent]) -> Vec<(usize, u64, u64)> {
    let counts = events.iter().filter_map(|event| match &event.event {
        Event::StoriesSettled {
            stories,
            built_count,
            settled_count,
        } => Some((stories.len(), *built_count, *settled_count)),
        _ => None,
    });
    counts.collect()
}

#[test]
fn every_story_ends_however_its_task_does() {
    let mut repo = begun("a -> s1\n s1 -> s2\n s3");
    act(&mut repo, attempt("a"));
    act(&mut repo, fail("a", 1));
    assert_eq!(settled(&repo), "", "it is tried again");
    act(&mut repo, attempt("a"));
    act(&mut repo, fail("a", 2));
    assert_eq!(settled(&repo), "S1 not_built, S2 not_built");
    act(&mut repo, cancel());
    assert_eq!(settled(&repo), "S1 not_built, S2 not_built, S3 not_built");
    let why = |story_id: &str| repo.run.as_ref().unwrap().stories[story_id].why.clone();
    assert_eq!(why("S2").as_deref(), Some("needs `a`, which failed"));
    assert_eq!(why("S3").as_deref(), Some("enough"));
}

#[test]
fn a_story_of_one_task_is_settled_when_its_change_lands() {
    let mut commands = built("s1", "S1");
    let land = commands.pop().unwrap();
    let (mut repo, _) = history("s1", commands);
    assert_eq!(settled(&repo), "", "a change in the queue is no story yet");
    act(&mut repo, land);
    assert_eq!(settled(&repo), "S1 by_rule");
}

#[test]
fn a_story_of_two_tasks_is_built_when_both_have_landed() {
    let (repo, _) = history("s1\n s1.page", built("s1", "S1"));
    assert_eq!(settled(&repo), "", "one of its tasks is open");
    let commands = built("s1", "S1").into_iter().chain(built("s1.page", "S1"));
    let (repo, events) = history("s1\n s1.page", commands);
    assert_eq!(settled(&repo), "S1 by_rule");
    assert_eq!(settlements(&events), [(1, 1, 1)], "settled once");
    assert_eq!(repo.run.unwrap().built_count(), 1);
}

#[test]
fn a_story_of_two_tasks_is_not_built_when_one_fails() {
    for commands in [
        [built("s1", "S1"), failed("s1.page")],
        [failed("s1.page"), built("s1", "S1")],
    ] {
        let (repo, events) = history("s1\n s1.page", commands.into_iter().flatten());
        assert_eq!(settled(&repo), "S1 not_built");
        assert_eq!(settlements(&events), [(1, 0, 1)]);
        let why = &repo.run.unwrap().stories["S1"].why;
        assert_eq!(why.as_deref(), Some("task `s1.page` failed"));
    }
}

#[test]
fn one_task_that_reports_a_story_unbuilt_outweighs_the_other() {
    let report = |state| reporting("S1", state);
    for (first, second, expected) in [
        (StoryState::ByRule, StoryState::ByAgent, "S1 by_rule"),
        (StoryState::ByRule, StoryState::NotBuilt, "S1 not_built"),
        (StoryState::NotBuilt, StoryState::ByAgent, "S1 not_built"),
    ] {
        let commands = [
            attempt("s1"),
            succeed_with("s1", 1, report(first)),
            attempt("s1.page"),
            succeed_with("s1.page", 1, report(second)),
        ];
        let (repo, _) = history("s1\n s1.page", commands);
        assert_eq!(settled(&repo), expected, "{first} {second}");
    }
}

#[test]
fn a_story_that_nobody_reports_is_not_built() {
    let commands = [attempt("s1"), succeed_with("s1", 1, Outcome::default())];
    let (repo, _) = history("s1", commands);
    let ended = repo.run.unwrap().stories["S1"].clone();
    let why = "its worker did not say that it is built";
    assert_eq!(ended, StoryResult::not_built(story("S1"), why));
}

#[test]
fn a_task_without_a_story_may_settle_others_with_or_without_a_change() {
    let outcome = || reporting("S9", StoryState::NotBuilt);
    let (repo, _) = history(
        "plan\n s1",
        [attempt("plan"), succeed_with("plan", 1, outcome())],
    );
    assert_eq!(settled(&repo), "S9 not_built");
    let hand_in = [attempt("plan"), hand_in("plan", 1, outcome())];
    let (mut repo, _) = history("plan\n s1", hand_in);
    assert_eq!(settled(&repo), "");
    act(&mut repo, intend("plan", 1));
    act(&mut repo, land("plan", 1));
    assert_eq!(settled(&repo), "S9 not_built");
}

#[test]
fn seven_stories_of_fourteen_tasks_are_counted_as_seven() {
    let names: Vec<(String, String)> = (1..=7)
        .flat_map(|n| [(format!("s{n}"), n), (format!("s{n}.page"), n)])
        .map(|(name, n)| (name, format!("S{n}")))
        .collect();
    let text: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    let commands = names.iter().flat_map(|(name, story_id)| {
        if name == "s7.page" {
            failed(name)
        } else {
            built(name, story_id)
        }
    });
    let (repo, events) = history(&text.join("\n"), commands);
    assert!(states(&repo).ends_with("= failed"));
    let counts = settlements(&events);
    assert_eq!(
        counts,
        [
            (1, 1, 1),
            (1, 2, 2),
            (1, 3, 3),
            (1, 4, 4),
            (1, 5, 5),
            (1, 6, 6),
            (1, 6, 7)
        ]
    );
    let tables = Tables::of(&events);
    let cell = |column| tables.cell("runs", run_id().as_str(), column);
    assert_eq!(
        (cell("stories_built"), cell("stories_total")),
        ("6".into(), "7".into())
    );
    assert_eq!(tables.keys("stories", "state", "by_rule").len(), 6);
    assert_eq!(tables.keys("stories", "state", "not_built"), ["a.1/S7"]);
}
