//! Gates: they wait durably, and are answered by separate processes.

use insta::assert_snapshot;

use crate::environment::{BRIEF, Portfolio, filtered, refs};

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
    assert_snapshot!(said.out, @r"
        STARTUP   STATE    TASKS  LANDED  MERGES           STORIES  CHECKS  COST   TIME  PRODUCT
        ledgerly  waiting  13     10      [M] ([M] automatic)  4/4      6/6     $0.00  [N] s   startups/ledgerly
        ");
    assert!(
        said.err.ends_with(&format!(
            "\na gate waits for your decision; see it with: factory gate show {GATE}\n"
        )),
        "{said}"
    );
    assert_snapshot!(portfolio.ok(&["gate", "ls"]), @r"
        exit code 0
        --- out ---
        GATE                          ROUND  STATE  DECIDED BY  QUESTION
        ledgerly.1.release_readiness  1      open   -           Every check has passed. Release it?
        ");
    assert_snapshot!(portfolio.ok(&["gate", "show", GATE]), @r"
        exit code 0
        --- out ---
        ledgerly.1.release_readiness (round 1)
        Every check has passed. Release it?

        run ledgerly.1
          state      waiting
          playbook   mvp@1, onto branch main
          tasks      13, 10 changes landed
          merges     [M] ([M] automatic)
          stories    4 of 4 built
          install    passed: installed
          lint       passed: ok
          types      passed: ok
          tests      passed: ok
          coverage   passed: 100.0 % of the lines
          build      passed: ok

        STORY  HOW IT ENDED  TEXT
        S1     by rule       Translators create an invoice from a job's word count and rate
        S2     by rule       Clients pay an invoice online and get a receipt
        S3     by rule       Translators see how much each client still owes
        S4     by rule       Clients are reminded by email three days before an invoice is due
        ");
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
    assert_eq!(last["startups"][0]["state"], "waiting");
    assert_eq!(state(&portfolio), "waiting");
    let shown = portfolio.ok(&["startup", "show", "ledgerly"]);
    assert!(shown.out.contains("  state      waiting\n"), "{shown}");
    let shown = portfolio
        .ok(&["startup", "show", "ledgerly", "--json"])
        .json();
    assert_eq!(shown["startup"]["startup"]["state"], "waiting");
}

#[test]
fn an_approved_gate_lets_a_bare_run_go_on() {
    let _filters = filtered();
    let portfolio = waiting();
    let decided = portfolio.ok(&["gate", "approve", GATE, "-m", "ship it"]);
    assert_snapshot!(decided, @r"
        exit code 0
        --- out ---
        approved ledgerly.1.release_readiness
        --- err ---
        next: `factory run` resumes the run
        ");
    let said = portfolio.ok(&["run"]);
    assert!(
        said.err.contains("ledgerly         13/13 deploy "),
        "titles and counts are known after a restart: {said}"
    );
    assert_eq!(state(&portfolio), "verified");
    assert_snapshot!(portfolio.ok(&["gate", "show", GATE]), @r"
        exit code 0
        --- out ---
        ledgerly.1.release_readiness (round 1)
        Every check has passed. Release it?
        approved by ada: ship it

        run ledgerly.1
          state      verified
          playbook   mvp@1, onto branch main
          tasks      13, 10 changes landed
          merges     [M] ([M] automatic)
          stories    4 of 4 built
          install    passed: installed
          lint       passed: ok
          types      passed: ok
          tests      passed: ok
          coverage   passed: 100.0 % of the lines
          build      passed: ok

        STORY  HOW IT ENDED  TEXT
        S1     by rule       Translators create an invoice from a job's word count and rate
        S2     by rule       Clients pay an invoice online and get a receipt
        S3     by rule       Translators see how much each client still owes
        S4     by rule       Clients are reminded by email three days before an invoice is due
        ");
}

#[test]
fn a_question_repeats_the_phase_and_an_answer_to_the_round_before_is_refused() {
    let portfolio = Portfolio::new();
    portfolio.file("brief.yaml", BRIEF);
    let run = ["run", "brief.yaml", "--template", "mini"];
    assert_eq!(portfolio.say(&run).code, Some(6));
    let gate = "ledgerly.1.niche_validation";
    assert_snapshot!(portfolio.say(&["gate", "ask", gate]), @r#"
        exit code 2
        --- err ---
        error[F0308]: `ask` needs a comment with the question
        hint: add it with `-m`: `factory gate ask GATE -m "why so?"`
        "#);
    portfolio.ok(&["gate", "ask", gate, "who pays for it?", "--json"]);
    assert_eq!(portfolio.say(&["run"]).code, Some(6));
    let gates = portfolio.ok(&["gate", "ls", "--json"]).json();
    assert_eq!(
        (gates[0]["round"].as_u64(), gates[0]["state"].as_str()),
        (Some(2), Some("open"))
    );
    assert_snapshot!(portfolio.say(&["gate", "approve", gate, "--round", "1"]), @r"
        exit code 5
        --- err ---
        error[F0306]: gate `ledgerly.1.niche_validation` is in round 2, the decision was made on round 1
        ");
    portfolio.ok(&["gate", "approve", gate, "--round", "2"]);
    assert_snapshot!(portfolio.say(&["gate", "approve", gate]), @r"
        exit code 5
        --- err ---
        error[F0306]: gate `ledgerly.1.niche_validation` was already approved by ada
        ");
    assert_snapshot!(portfolio.say(&["gate", "reject", gate, "--comment", "after all"]), @r"
        exit code 5
        --- err ---
        error[F0306]: gate `ledgerly.1.niche_validation` was already approved by ada
        ");
    let all = portfolio.ok(&["gate", "ls", "--all"]).out;
    assert!(all.contains(" approved "), "{all}");
}

#[test]
fn a_question_that_nobody_would_act_on_is_refused_and_says_why() {
    let portfolio = waiting();
    assert_snapshot!(portfolio.say(&["gate", "ask", GATE, "-m", "is the build reproducible?"]), @r"
        exit code 2
        --- err ---
        error[F0313]: nobody would act on a question at gate `ledgerly.1.release_readiness`: what comes before it is done by machine, and would be done again in the same way
        hint: approve or reject it; a rejected startup is built again from a changed brief: `factory gate reject ledgerly.1.release_readiness`
        ");
    let gate = portfolio.ok(&["gate", "show", GATE, "--json"]).json();
    assert_eq!(gate["gate"]["round"], 1, "nothing is done again: {gate}");
    assert_eq!(gate["takes_questions"], false);
}

#[test]
fn a_comment_cannot_steer_a_terminal() {
    let portfolio = waiting();
    let said = portfolio.say(&["gate", "approve", GATE, "-m", "fine\u{1b}[2J"]);
    assert_snapshot!(said, @r"
        exit code 2
        --- err ---
        error[F0402]: the comment holds the control character `\u{1b}`
        hint: write plain text; nothing was decided
        ");
    let said = portfolio.say(&["runs", "cancel", "ledgerly", "--reason", "no\u{9b}2J"]);
    assert_eq!(said.code, Some(2), "{said}");
    assert_eq!(state(&portfolio), "waiting");
    portfolio.ok(&["gate", "approve", GATE, "-m", "two\n\tlines"]);
}

#[test]
fn a_rejected_gate_ends_the_run_as_rejected() {
    let _filters = filtered();
    let portfolio = waiting();
    portfolio.ok(&["gate", "reject", "ledgerly", "-m", "too plain"]);
    assert_eq!(state(&portfolio), "rejected");
    let said = portfolio.say(&["run"]);
    assert_eq!(said.code, Some(0), "no runs in progress: {said}");
    let shown = portfolio.ok(&["startup", "show", "ledgerly"]).out;
    assert!(shown.contains("too plain"), "{shown}");
    let gone = portfolio.say(&["runs", "cancel", "ledgerly.1"]);
    assert_snapshot!(gone, @r"
        exit code 5
        --- err ---
        error[F0307]: run `ledgerly.1` has ended
        ");
    assert_snapshot!(portfolio.say(&["runs", "cancel", "ledgerly"]), @r"
        exit code 5
        --- err ---
        error[F0307]: startup `ledgerly` has no run in progress: its newest run `ledgerly.1` is rejected
        hint: `factory runs ls` lists all runs
        ");
    // The same command begins another run.
    let again = portfolio.ok(&refs(&portfolio.build(&["--auto-approve", "--json"])));
    assert_eq!(
        again.lines().pop().unwrap()["startups"][0]["state"],
        "verified"
    );
}

#[test]
fn a_product_that_waits_for_its_release_is_not_started_and_says_how_to_decide() {
    let portfolio = waiting();
    let refused = portfolio.say(&["startup", "up", "ledgerly", "--json"]).err;
    assert_snapshot!(refused, @r#"{"type":"error","code":"F0601","kind":"conflict","message":"startup `ledgerly` waits for a decision at its gate `ledgerly.1.release_readiness`: its product is verified, and can be started once that is approved","hint":"look at it with `factory gate show ledgerly.1.release_readiness`, decide with `factory gate approve ledgerly.1.release_readiness`, then go on with `factory run`"}"#);
    let down = portfolio
        .say(&["startup", "down", "ledgerly", "--json"])
        .err;
    assert_eq!(down, refused);
    portfolio.ok(&["gate", "approve", GATE]);
    portfolio.ok(&["run"]);
    portfolio.ok(&["startup", "up", "ledgerly"]);
    portfolio.ok(&["startup", "down", "ledgerly"]);
}

#[test]
fn stories_that_were_not_built_are_shown_before_the_release_is_decided() {
    let kinds = r#"kinds = ["crud", "workflow", "report", "#;
    let portfolio = Portfolio::changed(&[(kinds, r#"kinds = ["crud", "workflow", "#)]);
    assert_eq!(portfolio.say(&refs(&portfolio.build(&[]))).code, Some(6));
    let page = portfolio.ok(&["gate", "show", GATE]).out;
    assert!(page.contains("  stories    3 of 4 built\n"), "{page}");
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with('S')).collect();
    assert!(lines[1].starts_with("S1     by rule "), "{page}");
    assert!(lines[3].starts_with("S3     not built: "), "{page}");
    assert!(
        lines[3].ends_with("Translators see how much each client still owes"),
        "{page}"
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
    let listed = portfolio.ok(&["runs", "ls"]).out;
    assert!(listed.contains(" waiting "), "{listed}");
    let listed = portfolio.ok(&["runs", "ls", "--json"]).json();
    assert_eq!(listed[0]["state"], "waiting");
    // A startup stands for its run in progress.
    assert_snapshot!(portfolio.ok(&["runs", "cancel", "ledgerly", "--reason", "no money"]), @r"
        exit code 0
        --- out ---
        cancelled run ledgerly.1 of Ledgerly, 11 of 13 tasks over: no money
        --- err ---
        what it has built stays; to build it again: factory run BRIEF.yaml
        ");
    let run = portfolio
        .ok(&["runs", "show", "ledgerly.1", "--json"])
        .json();
    assert_eq!(
        (run["run"]["state"].as_str(), run["run"]["reason"].as_str()),
        (Some("cancelled"), Some("no money"))
    );
    assert_eq!(portfolio.ok(&["gate", "ls", "--json"]).out, "[]\n");
    assert_snapshot!(portfolio.say(&["gate", "approve", GATE]), @r"
        exit code 5
        --- err ---
        error[F0307]: gate `ledgerly.1.release_readiness` was closed undecided: run `ledgerly.1` has ended
        hint: `factory runs show ledgerly.1` shows how it ended
        ");
    let shown = portfolio.ok(&["startup", "show", "ledgerly"]).out;
    assert!(
        shown.contains("release_readiness closed undecided\n"),
        "{shown}"
    );
    assert_snapshot!(portfolio.say(&["gate", "approve", "ledgerly"]), @r"
        exit code 3
        --- err ---
        error[F0304]: startup `ledgerly` is cancelled and has no open gate
        hint: `factory startup show ledgerly` shows how it ended
        ");
    assert_snapshot!(portfolio.say(&["startup", "up", "ledgerly"]), @r"
        exit code 5
        --- err ---
        error[F0601]: startup `ledgerly` is cancelled: it has no product
        hint: build it again from its brief: `factory run BRIEF.yaml`; `factory startup show ledgerly` shows how it ended
        ");
    assert_eq!(
        portfolio.say(&["runs", "cancel", "ledgerly.1"]).code,
        Some(5)
    );
}

#[test]
fn a_brief_passes_four_gates_one_after_the_other() {
    let portfolio = Portfolio::new();
    portfolio.file("brief.yaml", BRIEF);
    let run = ["run", "brief.yaml", "--template", "mini"];
    let gates = [
        "niche_validation",
        "problem_solution_fit",
        "architecture_review",
        "release_readiness",
    ];
    let name = |gate: &str| format!("ledgerly.1.{gate}");
    for (place, gate) in gates.iter().enumerate() {
        let said = portfolio.say(&run);
        assert_eq!(said.code, Some(6), "{said}");
        let open = portfolio.ok(&["gate", "ls", "--json"]).json();
        assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
        assert_eq!(open[0]["gate_id"], name(gate));
        let page = portfolio.ok(&["gate", "show", &name(gate)]).out;
        let has_artifact = page.contains("── ");
        assert_eq!(
            has_artifact,
            place < 3,
            "what is to be decided on stands there: {page}"
        );
        portfolio.ok(&["gate", "approve", &name(gate)]);
    }
    portfolio.ok(&run);
    assert_eq!(state(&portfolio), "verified");
    let all = portfolio.ok(&["gate", "ls", "--all", "--json"]).json();
    let listed: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|gate| gate["gate_id"].clone())
        .collect();
    assert_eq!(listed, gates.map(name), "oldest first");
}

#[test]
fn an_author_who_is_asked_writes_again_with_the_question() {
    let portfolio = Portfolio::new();
    portfolio.file("brief.yaml", BRIEF);
    let gate = "ledgerly.1.niche_validation";
    assert_eq!(
        portfolio
            .say(&["run", "brief.yaml", "--template", "mini"])
            .code,
        Some(6)
    );
    let question = "Who pays for this today?";
    portfolio.ok(&["gate", "ask", gate, question]);
    assert_eq!(portfolio.say(&["run"]).code, Some(6));
    let page = portfolio.ok(&["gate", "show", gate]).out;
    assert!(page.starts_with(&format!("{gate} (round 2)\n")), "{page}");
    assert!(page.contains(question), "{page}");
    assert_eq!(
        portfolio
            .say(&["gate", "approve", gate, "--round", "1"])
            .code,
        Some(5)
    );
    portfolio.ok(&["gate", "reject", gate, "-m", "nobody pays"]);
    assert_eq!(portfolio.say(&["run"]).code, Some(0), "no runs in progress");
    assert_eq!(state(&portfolio), "rejected");
}
