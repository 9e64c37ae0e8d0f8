//! A startup's life as its founder sees it, in text and in JSON.

use insta::assert_snapshot;
use serde_json::Value;

use crate::environment::{BRIEF, Portfolio, filtered, refs};

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
    assert_snapshot!(portfolio.plain(&portfolio.ok(&["init"]).to_string()), @r"
        exit code 0
        --- out ---
        created a portfolio in `[FOLDER]/p`
        --- err ---
        next: write a brief and build it with `factory run BRIEF.yaml`
        ");
    assert_snapshot!(portfolio.ok(&["startup", "ls"]), @r"
        exit code 0
        --- err ---
        no startups yet; build one with `factory run BRIEF.yaml`
        ");
    assert_snapshot!(portfolio.ok(&["runs", "ls"]), @r"
        exit code 0
        --- err ---
        no runs yet; start one with `factory run BRIEF.yaml`
        ");
    assert_snapshot!(portfolio.ok(&["gate", "ls"]), @r"
        exit code 0
        --- err ---
        no gate waits for a decision
        ");
    assert_snapshot!(portfolio.ok(&["run"]), @r"
        exit code 0
        --- err ---
        no runs in progress
        hint: build a startup with `factory run BRIEF.yaml`
        ");
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
#[expect(clippy::too_many_lines, reason = "most of it is what is printed")]
fn a_startup_is_built_and_everything_about_it_can_be_read() {
    let _filters = filtered();
    let portfolio = Portfolio::new();
    let said = portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    assert_snapshot!(said.out, @r"
        STARTUP   STATE     TASKS  LANDED  MERGES           STORIES  CHECKS  COST   TIME  PRODUCT
        ledgerly  verified  13     10      [M] ([M] automatic)  4/4      6/6     $0.00  [N] s   startups/ledgerly
        ");
    assert!(said.err.contains("ledgerly         ✓ verified\n"), "{said}");
    assert!(
        said.err.ends_with("\nnext: factory startup up ledgerly\n"),
        "{said}"
    );
    let say = |words: &[&str]| portfolio.plain(&portfolio.ok(words).out);
    assert_snapshot!(say(&["startup", "ls"]), @r"
        STARTUP   NAME      STATE     RUN         RUNNING AT
        ledgerly  Ledgerly  verified  ledgerly.1  -
        ");
    assert_snapshot!(say(&["startup", "show", "ledgerly"]), @r"
        Ledgerly (ledgerly)
          state      verified
          product    [FOLDER]/p/startups/ledgerly
          gate       ledgerly.1.release_readiness approved by policy: --auto-approve

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
    assert_snapshot!(say(&["runs", "ls"]), @r"
        RUN         STATE     LANDED  MERGES  STORIES  STARTED                   FINISHED
        ledgerly.1  verified  10/13 [M]       4/4      [TIME]  [TIME]
        ");
    assert_snapshot!(say(&["task", "ls", "ledgerly"]), @r"
        TASK            PHASE     STATE  ATTEMPTS  WHAT
        scaffold        scaffold  done   1         Render the template: 6 files from template `mini`
        build           build     done   1         Plan the slices: 8 slices, 0 stories not built
        entity:Client   build     done   1         Slice `entity` for Client: 3 files
        entity:Job      build     done   1         Slice `entity` for Job: 3 files
        entity:Invoice  build     done   1         Slice `entity` for Invoice: 3 files
        story:S1        build     done   1         Story S1: Translators create an invoice from a job's word count and rate: 2 files
        story:S2        build     done   1         Story S2: Clients pay an invoice online and get a receipt: 2 files
        story:S3        build     done   1         Story S3: Translators see how much each client still owes: 2 files
        story:S4        build     done   1         Story S4: Clients are reminded by email three days before an invoice is due: 2 files
        schema          build     done   1         Slice `schema`: 1 file
        record          build     done   1         Record what was built: 4 of 4 stories built
        verify          verify    done   1         Verify the product: 6 of 6 checks passed
        deploy          deploy    done   1         Ship the product: deploy: not configured
        ");
    assert_eq!(
        say(&["task", "ls", "ledgerly"]),
        say(&["task", "ls", "ledgerly.1"])
    );
    assert_snapshot!(say(&["task", "logs", "ledgerly/verify"]), @r"
        == verify, attempt 1: succeeded
        -- verify.1.build.log
        ok
        -- verify.1.coverage.log
        covered 100%
        -- verify.1.install.log
        installed
        -- verify.1.lint.log
        ok
        -- verify.1.tests.log
        3 passed
        ok
        -- verify.1.types.log
        3 passed
        ok
        ");
    assert_snapshot!(say(&["gate", "ls", "--all"]), @r"
        GATE                          ROUND  STATE     DECIDED BY              QUESTION
        ledgerly.1.release_readiness  1      approved  policy: --auto-approve  Every check has passed. Release it?
        ");
    assert_snapshot!(say(&["startup", "down", "ledgerly"]), @"ledgerly was not running");
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
            "checkout_behind",
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
    assert_snapshot!(again, @r"
        exit code 0
        --- out ---

        STARTUP   STATE     TASKS  LANDED  MERGES           STORIES  CHECKS  COST   TIME  PRODUCT
        ledgerly  verified  13     10      [M] ([M] automatic)  4/4      6/6     $0.00  [N] s   startups/ledgerly
        --- err ---
        ledgerly is already verified; nothing to do

        next: factory startup up ledgerly
        ");
    let bare = portfolio.ok(&["run"]);
    assert!(bare.err.starts_with("no runs in progress\n"), "{bare}");
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
    assert_snapshot!(portfolio.say(&words), @r"
        exit code 5
        --- err ---
        error[F0305]: startup `ledgerly` is verified, and was started from a different brief or template
        hint: give the brief another `name`; this version cannot change a finished product
        ");
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
    assert_snapshot!(said.out, @r"
        STARTUP   STATE       TASKS  LANDED  MERGES           STORIES  CHECKS  COST   TIME  PRODUCT
        ledgerly  unverified  13     10      [M] ([M] automatic)  4/4      5/6     $0.00  [N] s   startups/ledgerly
        ");
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

#[test]
fn several_briefs_are_built_at_once_and_a_changed_one_is_a_conflict() {
    let portfolio = Portfolio::new();
    let names = ["Ledgerly", "Tutorloop", "Haulmate"];
    let files = names.map(|name| {
        let file = format!("{name}.yaml");
        portfolio.file(&file, BRIEF.replace("Ledgerly", name));
        file
    });
    let [one, two, three] = files.each_ref().map(String::as_str);
    let words = [
        "run",
        one,
        two,
        three,
        "--template",
        "mini",
        "--auto-approve",
    ];
    let said = portfolio.ok(&[&words[..], &["--json"]].concat());
    let summary = said.lines().pop().unwrap();
    let startups = summary["startups"].as_array().unwrap();
    let told: Vec<_> = startups
        .iter()
        .map(|one| (one["slug"].clone(), one["state"].clone()))
        .collect();
    let verified =
        ["haulmate", "ledgerly", "tutorloop"].map(|slug| (slug.into(), "verified".into()));
    assert_eq!(told, verified);
    let again = portfolio.ok(&words);
    assert_eq!(
        again.err.matches("is already verified").count(),
        3,
        "{again}"
    );
    // A comment is no change, a word is.
    portfolio.file(
        two,
        format!("# mine\n{}", BRIEF.replace("Ledgerly", "Tutorloop")),
    );
    portfolio.ok(&words);
    portfolio.file(
        two,
        BRIEF
            .replace("Ledgerly", "Tutorloop")
            .replace("online", "by post"),
    );
    let said = portfolio.say(&words);
    assert_eq!(said.code, Some(5), "{said}");
    assert!(
        said.err
            .starts_with("error[F0305]: startup `tutorloop` is verified"),
        "{said}"
    );
}

#[test]
fn a_new_startup_is_not_built_upon_what_somebody_else_left_in_its_folder() {
    let portfolio = Portfolio::new();
    let folder = portfolio.root().join("startups/ledgerly");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("thesis.txt"), "years of work").unwrap();
    let words = portfolio.build(&["--auto-approve"]);
    let said = portfolio.say(&refs(&words));
    assert_snapshot!(portfolio.plain(&said.to_string()), @r"
        exit code 5
        --- err ---
        error[F0312]: `[FOLDER]/p/startups/ledgerly` is not empty, and is not the product of a startup of this portfolio
        hint: move it away, or give the brief another `name`; nothing was created
        ");
    assert_eq!(portfolio.ok(&["startup", "ls", "--json"]).out, "[]\n");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    // Neither is a repository of somebody's own, nor a file.
    std::fs::remove_file(folder.join("thesis.txt")).unwrap();
    let made = portfolio.git(&["init", "--quiet"]);
    assert_eq!(portfolio.say(&refs(&words)).code, Some(5), "{made}");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "a file").unwrap();
    assert_eq!(portfolio.say(&refs(&words)).code, Some(5));
    // An empty folder is free, and a startup that is known has its own.
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    portfolio.ok(&refs(&words));
    portfolio.ok(&refs(&words));
}

#[test]
fn what_a_product_prints_cannot_steer_the_terminal_that_shows_its_log() {
    let lint = r#"run = ["sh", "check.sh", "lint"]"#;
    let hostile = r#"run = ["sh", "-c", "printf 'a\\033]0;owned\\007\\302\\233 2J\\r\\nb\\n'"]"#;
    let portfolio = Portfolio::changed(&[(lint, hostile)]);
    portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    let logs = portfolio.ok(&["task", "logs", "ledgerly/verify"]).out;
    assert!(
        logs.contains("a\\u{1b}]0;owned\\u{7}\\u{9b} 2J\nb\n"),
        "{logs:?}"
    );
    for words in [
        &["task", "logs", "ledgerly/verify", "--json"][..],
        &["runs", "show", "ledgerly"],
    ] {
        let said = portfolio.ok(words).out;
        let steers = |char: char| char.is_control() && !matches!(char, '\n' | '\t');
        assert!(!said.chars().any(steers), "{said:?}");
    }
    let json = portfolio
        .ok(&["task", "logs", "ledgerly/verify", "--json"])
        .json();
    assert!(
        json.to_string().contains("\u{9b} 2J"),
        "the text itself is untouched: {json}"
    );
}
