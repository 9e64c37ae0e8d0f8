//! Gates: they wait durably, and are answered by separate processes.

use insta::assert_snapshot;

use crate::environment::{Portfolio, filtered, refs};

const GATE: &str = "ledgerly.1.release_readiness";

/// Ledgerly, built up to its gate.
fn waiting() -> Portfolio {
    let portfolio = Portfolio::new();
    let said = portfolio.say(&refs(&portfolio.build(&[])));
    assert_eq!(said.code, Some(6), "{said}");
    portfolio
}

fn state(portfolio: &Portfolio) -> String {
    let listed = portfolio.ok(&["startup", "ls", "--json"]).json();
    listed[0]["state"].as_str().unwrap().to_owned()
}

#[test]
fn without_a_terminal_a_run_ends_with_exit_code_6_once_everything_waits() {
    let _filters = filtered();
    let portfolio = Portfolio::new();
    let said = portfolio.say(&refs(&portfolio.build(&[])));
    assert_eq!(said.code, Some(6), "{said}");
    assert_snapshot!(said.out, @"");
    assert!(
        said.err.ends_with(&format!(
            "\na gate waits; look at it with: factory gate show {GATE}\n"
        )),
        "{said}"
    );
    assert_snapshot!(portfolio.ok(&["gate", "ls"]), @"");
    assert_snapshot!(portfolio.ok(&["gate", "show", GATE]), @"");
    // Going on without an answer changes nothing, however it is asked for.
    for words in [
        refs(&portfolio.build(&[])),
        vec!["run"],
        vec!["run", "--json"],
    ] {
        assert_eq!(portfolio.say(&words).code, Some(6), "{words:?}");
    }
    let last = portfolio.say(&["run", "--json"]).lines().pop().unwrap();
    assert_eq!(last["startups"][0]["gates"], serde_json::json!([GATE]));
    assert_eq!(last["startups"][0]["state"], "building");
}

#[test]
fn an_approved_gate_lets_a_bare_run_go_on() {
    let _filters = filtered();
    let portfolio = waiting();
    let decided = portfolio.ok(&["gate", "approve", GATE, "ship it"]);
    assert_snapshot!(decided, @"");
    let said = portfolio.ok(&["run"]);
    assert!(
        said.err.contains("ledgerly         13/13 deploy "),
        "titles and counts are known after a restart: {said}"
    );
    assert_eq!(state(&portfolio), "verified");
    assert_snapshot!(portfolio.ok(&["gate", "show", GATE]), @"");
}

#[test]
fn a_question_repeats_the_phase_and_an_answer_to_the_round_before_is_refused() {
    let portfolio = waiting();
    assert_snapshot!(portfolio.say(&["gate", "ask", GATE]), @"");
    portfolio.ok(&["gate", "ask", GATE, "is the build reproducible?", "--json"]);
    assert_eq!(portfolio.say(&["run"]).code, Some(6));
    let gates = portfolio.ok(&["gate", "ls", "--json"]).json();
    assert_eq!(
        (gates[0]["round"].as_u64(), gates[0]["state"].as_str()),
        (Some(2), Some("open"))
    );
    assert_snapshot!(portfolio.say(&["gate", "approve", GATE, "--round", "1"]), @"");
    portfolio.ok(&["gate", "approve", GATE, "--round", "2"]);
    assert_snapshot!(portfolio.say(&["gate", "approve", GATE]), @"");
    assert_snapshot!(portfolio.say(&["gate", "reject", GATE, "after all"]), @"");
    portfolio.ok(&["run"]);
    assert_eq!(state(&portfolio), "verified");
}

#[test]
fn a_rejected_gate_ends_the_run_as_rejected() {
    let _filters = filtered();
    let portfolio = waiting();
    portfolio.ok(&["gate", "reject", GATE, "too plain"]);
    assert_eq!(state(&portfolio), "rejected");
    let said = portfolio.say(&["run"]);
    assert_eq!(said.code, Some(1), "{said}");
    assert_snapshot!(said, @"");
    let gone = portfolio.say(&["runs", "cancel", "ledgerly.1"]);
    assert_snapshot!(gone, @"");
    // The same command begins another run.
    let again = portfolio.ok(&refs(&portfolio.build(&["--auto-approve", "--json"])));
    assert_eq!(
        again.lines().pop().unwrap()["startups"][0]["state"],
        "verified"
    );
}

#[test]
fn a_policy_that_is_given_later_approves_what_waits() {
    let portfolio = waiting();
    portfolio.ok(&["run", "--auto-approve"]);
    let gates = portfolio.ok(&["gate", "ls", "--all", "--json"]).json();
    assert_eq!(gates[0]["decided_by"], "policy: --auto-approve");
    assert_eq!(state(&portfolio), "verified");
}

#[test]
fn a_run_that_waits_can_be_cancelled() {
    let portfolio = waiting();
    let said = portfolio.ok(&["runs", "cancel", "ledgerly.1", "--reason", "no money"]);
    assert_eq!(said.out, "run ledgerly.1 is cancelled\n");
    let run = portfolio
        .ok(&["runs", "show", "ledgerly.1", "--json"])
        .json();
    assert_eq!(
        (run["run"]["state"].as_str(), run["run"]["reason"].as_str()),
        (Some("cancelled"), Some("no money"))
    );
    assert_eq!(portfolio.say(&["gate", "approve", GATE]).code, Some(5));
    assert_eq!(
        portfolio.say(&["runs", "cancel", "ledgerly.1"]).code,
        Some(5)
    );
}
