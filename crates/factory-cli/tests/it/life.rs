//! A startup's life as its founder sees it, in text and in JSON.

use insta::assert_snapshot;
use serde_json::Value;

use crate::environment::{Portfolio, filtered, refs};

/// The keys of an object, in order.
fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn built() -> Portfolio {
    let portfolio = Portfolio::new();
    portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    portfolio
}

#[test]
fn a_portfolio_begins_empty() {
    let portfolio = Portfolio::none();
    assert_snapshot!(portfolio.plain(&portfolio.ok(&["init"]).to_string()), @"");
    assert_snapshot!(portfolio.ok(&["startup", "ls"]), @"");
    assert_snapshot!(portfolio.ok(&["runs", "ls"]), @"");
    assert_snapshot!(portfolio.ok(&["gate", "ls"]), @"");
    assert_snapshot!(portfolio.ok(&["run"]), @"");
    for noun in ["startup", "runs", "gate"] {
        assert_eq!(portfolio.ok(&[noun, "ls", "--json"]).out, "[]\n", "{noun}");
    }
    let made = Portfolio::none().ok(&["init", "--json", "deep/er"]);
    assert!(
        made.json()["portfolio"]
            .as_str()
            .unwrap()
            .ends_with("p/deep/er"),
        "{made}"
    );
    assert_eq!(made.err, "", "words are for people");
}

#[test]
fn a_startup_is_built_and_everything_about_it_can_be_read() {
    let _filters = filtered();
    let portfolio = Portfolio::new();
    let said = portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    assert_snapshot!(said.out, @"");
    assert!(said.err.contains("ledgerly         ✓ verified\n"), "{said}");
    assert!(
        said.err.ends_with("\nnext: factory startup up ledgerly\n"),
        "{said}"
    );
    let say = |words: &[&str]| portfolio.plain(&portfolio.ok(words).out);
    assert_snapshot!(say(&["startup", "ls"]), @"");
    assert_snapshot!(say(&["startup", "show", "ledgerly"]), @"");
    assert_snapshot!(say(&["runs", "ls"]), @"");
    assert_snapshot!(say(&["task", "ls", "ledgerly"]), @"");
    assert_eq!(
        say(&["task", "ls", "ledgerly"]),
        say(&["task", "ls", "ledgerly.1"])
    );
    assert_snapshot!(say(&["task", "logs", "ledgerly/verify"]), @"");
    assert_snapshot!(say(&["gate", "ls", "--all"]), @"");
    assert_snapshot!(say(&["startup", "down", "ledgerly"]), @"");
}

#[test]
fn everything_is_json_when_it_is_asked_for() {
    let portfolio = built();
    let json = |words: &[&str]| portfolio.ok(&[words, &["--json"]].concat()).json();
    let listed = json(&["startup", "ls"]);
    assert_eq!(
        keys(&listed[0]),
        ["slug", "name", "state", "run_id", "created_at", "url"]
    );
    assert_eq!(listed[0]["state"], "verified");
    let shown = json(&["startup", "show", "ledgerly"]);
    assert_eq!(keys(&shown), ["startup", "running"]);
    assert_eq!(
        shown["startup"]["run"]["checks"].as_array().unwrap().len(),
        6
    );
    let runs = json(&["runs", "ls"]);
    let run = json(&["runs", "show", "ledgerly.1"]);
    assert_eq!(run["run"], runs[0]);
    assert_eq!(json(&["task", "ls", "ledgerly"]), run["tasks"]);
    let logs = json(&["task", "logs", "ledgerly/verify"]);
    assert_eq!(logs[0]["files"].as_array().unwrap().len(), 6, "{logs}");
    assert_eq!(json(&["gate", "ls"]), Value::Array(Vec::new()));
    let gates = json(&["gate", "ls", "--all"]);
    assert_eq!(gates[0]["decided_by"], "policy: --auto-approve");
    assert_eq!(
        json(&["gate", "show", "ledgerly.1.release_readiness"])["gate"],
        gates[0]
    );
    assert_eq!(
        keys(&json(&["config", "show"])[0]),
        ["key", "value", "origin"]
    );
    assert!(portfolio.say(&["doctor", "--json"]).json().is_array());
}

#[test]
fn run_in_json_is_a_line_per_event_and_ends_with_the_summary() {
    let portfolio = Portfolio::new();
    let said = portfolio.ok(&refs(&portfolio.build(&["--auto-approve", "--json"])));
    assert_eq!(said.err, "", "words are for people");
    let mut lines = said.lines();
    let summary = lines.pop().unwrap();
    let mut last = 0;
    for line in &lines {
        let seq = line["seq"].as_u64().unwrap();
        assert!(seq > last, "events are in order: {line}");
        assert_ne!(line["type"], "summary");
        last = seq;
    }
    assert!(lines.len() > 30, "{} events", lines.len());
    assert_eq!(keys(&summary), ["type", "startups"]);
    assert_eq!(summary["type"], "summary");
    let startup = &summary["startups"][0];
    assert_eq!(
        keys(startup),
        [
            "slug",
            "path",
            "state",
            "reason",
            "tasks",
            "landed",
            "merges",
            "merges_automatic",
            "stories",
            "verified",
            "gates",
            "cost_usd",
            "seconds"
        ]
    );
    assert_eq!(
        startup["path"],
        portfolio.root().join("startups/ledgerly").to_str().unwrap()
    );
    assert_eq!(
        startup["stories"],
        serde_json::json!({ "built": 4, "total": 4 })
    );
    assert_eq!(startup["tasks"], 13);
    assert_eq!(startup["landed"], 10);
    assert_eq!(startup["merges"], startup["merges_automatic"]);
    for check in startup["verified"].as_array().unwrap() {
        assert_eq!(keys(check), ["check", "result", "detail"]);
        assert_eq!(check["result"], "passed");
    }
}

#[test]
fn the_same_command_again_does_nothing_and_says_so() {
    let _filters = filtered();
    let portfolio = built();
    let head = portfolio.git(&["rev-parse", "main"]);
    let again = portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    assert_snapshot!(again, @"");
    let bare = portfolio.ok(&["run"]);
    assert!(bare.err.starts_with("nothing is under way\n"), "{bare}");
    assert_eq!(portfolio.git(&["rev-parse", "main"]), head);
    let lines = portfolio.ok(&refs(&portfolio.build(&["--json"]))).lines();
    assert_eq!(lines.len(), 1, "no event, only the summary: {lines:?}");
}

#[test]
fn a_startup_that_is_verified_is_not_built_from_another_blueprint() {
    let portfolio = built();
    let other = portfolio.blueprint();
    let text = std::fs::read_to_string(&other).unwrap();
    let text = text.replace("Invoicing for freelance", "Bills for freelance");
    let path = portfolio.file("other.json", text).display().to_string();
    let words = [
        "run",
        "--blueprint",
        &path,
        "--template",
        "mini",
        "--auto-approve",
    ];
    assert_snapshot!(portfolio.say(&words), @"");
    assert_eq!(
        portfolio.ok(&["startup", "ls", "--json"]).json()[0]["state"],
        "verified"
    );
}

#[test]
fn a_product_that_is_not_verified_ends_with_exit_code_1_and_the_next_run_mends_it() {
    let _filters = filtered();
    let portfolio = Portfolio::slow(0);
    let settings = portfolio.root().join("../templates/mini/template.toml");
    let good = std::fs::read_to_string(&settings).unwrap();
    let bad = good.replace(
        "sleep 0; sh check.sh build",
        "echo the wheel is missing; exit 3",
    );
    std::fs::write(&settings, bad).unwrap();
    let said = portfolio.say(&refs(&portfolio.build(&["--auto-approve"])));
    assert_eq!(said.code, Some(1), "{said}");
    assert_snapshot!(said.out, @"");
    assert!(
        said.err
            .contains("ledgerly         ✗ unverified: build failed"),
        "{said}"
    );
    let logs = portfolio.ok(&["task", "logs", "ledgerly/verify"]).out;
    assert!(logs.contains("the wheel is missing"), "{logs}");
    assert!(
        !said.err.contains('\u{1b}'),
        "no colours where nobody sees them: {said:?}"
    );
    std::fs::write(&settings, good).unwrap();
    let said = portfolio.ok(&refs(&portfolio.build(&["--auto-approve", "--json"])));
    assert_eq!(
        said.lines().pop().unwrap()["startups"][0]["state"],
        "verified"
    );
    assert_eq!(
        portfolio
            .ok(&["runs", "ls", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
}
