//! What a script relies on: streams, exit codes, errors in JSON, and a machine that lacks something.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::environment::{BRIEF, Output, Portfolio, refs};

#[test]
fn with_json_an_error_is_one_line_of_json_on_stderr() {
    let portfolio = Portfolio::new();
    let said = portfolio.say(&["startup", "show", "nobody", "--json"]);
    assert_snapshot!(said, @r#"
        exit code 3
        --- err ---
        {"type":"error","code":"F0301","kind":"not_found","message":"there is no startup `nobody`","hint":"`factory startup ls` lists them"}
        "#);
    // The command line itself has no code.
    let said = portfolio.say(&["--json", "rnu"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    let error: serde_json::Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!(error["kind"], "invalid");
    assert_eq!(error["code"], serde_json::Value::Null);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("error: unrecognized subcommand 'rnu'"),
        "{message}"
    );
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let portfolio = Portfolio::new();
    for words in [
        &["startup", "ls", "--json"][..],
        &["--help"],
        &["config", "show"],
    ] {
        let mut command = portfolio.command(words);
        command.stdout(File::options().write(true).open("/dev/full").unwrap());
        let said = Output::of(command.spawn().unwrap());
        assert_eq!(said.code, Some(1), "{words:?}: {said}");
        assert_eq!(
            said.err,
            "error: cannot write to stdout: No space left on device (os error 28)\n"
        );
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    let portfolio = Portfolio::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = portfolio.command(&["config", "show"]);
    command.stdout(Stdio::from(writer));
    let said = Output::of(command.spawn().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

/// What a command says when only the programs in `tools` are on its path.
fn with_path(portfolio: &Portfolio, words: &[&str], tools: &std::path::Path) -> Output {
    let mut command = portfolio.command(words);
    Output::of(command.env("PATH", tools).spawn().unwrap())
}

#[test]
fn without_a_usable_git_nothing_is_created() {
    let portfolio = Portfolio::new();
    let tools = tempfile::tempdir().unwrap();
    portfolio.file("brief.yaml", BRIEF);
    let before: Vec<_> = portfolio.everything().into_keys().collect();
    let run = ["run", "brief.yaml", "--template", "mini"];
    assert_snapshot!(with_path(&portfolio, &run, tools.path()), @r"
        exit code 1
        --- err ---
        error[F0206]: git cannot be used: start `git`: No such file or directory (os error 2)
        hint: install git 2.38 or newer, and check that it is on PATH; nothing was created
        ");
    assert_eq!(with_path(&portfolio, &["demo"], tools.path()).code, Some(1));
    let git = tools.path().join("git");
    fs::write(&git, "#!/bin/sh\necho git version 2.30.2\n").unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    assert_snapshot!(with_path(&portfolio, &run, tools.path()), @r"
        exit code 1
        --- err ---
        error[F0206]: git cannot be used: git 2.30 is too old; 2.38 or later is required
        hint: install git 2.38 or newer, and check that it is on PATH; nothing was created
        ");
    let after: Vec<_> = portfolio.everything().into_keys().collect();
    assert_eq!(before, after, "something was created");
    // What needs no git works.
    assert_eq!(
        with_path(&portfolio, &["startup", "ls"], tools.path()).code,
        Some(0)
    );
}

#[test]
fn init_and_demo_honour_the_portfolio_flag() {
    let portfolio = Portfolio::none();
    let made = portfolio
        .ok(&["init", "--portfolio", "mine", "--json"])
        .json();
    assert!(
        made["portfolio"].as_str().unwrap().ends_with("p/mine"),
        "{made}"
    );
    portfolio.ok(&["init", "same", "--portfolio", "./same"]);
    assert_snapshot!(portfolio.say(&["init", "one", "--portfolio", "two"]), @r"
        exit code 2
        --- err ---
        error[F0402]: `one` and `--portfolio two` are different folders
        hint: name the folder once
        ");
    let demo = portfolio.say(&["demo", "--dir", "one", "--portfolio", "two"]);
    assert_eq!(demo.code, Some(2), "{demo}");
    assert!(!portfolio.root().join("one").exists() && !portfolio.root().join("two").exists());
    // A demo that cannot build its briefs has still gone where it was told to.
    portfolio.file(
        "mine/factory.toml",
        "schema_version = 1\nplaybook = \"nope\"\n",
    );
    let demo = portfolio.say(&["demo", "--portfolio", "mine"]);
    assert!(demo.err.contains("there is no playbook `nope`"), "{demo}");
    assert!(portfolio.root().join("mine/briefs").is_dir());
    assert!(!portfolio.root().join("factory-demo").exists());
}

#[test]
fn several_gates_are_decided_at_once_and_each_on_its_own() {
    let portfolio = Portfolio::new();
    portfolio.file("one.yaml", BRIEF);
    portfolio.file("two.yaml", BRIEF.replace("Ledgerly", "Tutorloop"));
    let build = ["run", "one.yaml", "two.yaml", "--template", "mini"];
    assert_eq!(portfolio.say(&build).code, Some(6));
    let [one, two] = ["ledgerly", "tutorloop"].map(|slug| format!("{slug}.1.niche_validation"));
    let say = |words: &[&str]| portfolio.say(words);
    // A comment without its option, or a name that means nothing, decides nothing.
    assert_snapshot!(say(&["gate", "approve", &one, "ship it"]), @r#"
        exit code 2
        --- err ---
        error[F0311]: `ship it` is not the name of a gate
        hint: a comment is given with `-m`: `-m "ship it"`
        "#);
    assert_eq!(
        say(&["gate", "approve", &one, "tutorloop.1.nope"]).code,
        Some(3)
    );
    assert_eq!(
        say(&["gate", "approve", &one, &two, "--round", "1"]).code,
        Some(2)
    );
    let open = || {
        portfolio
            .ok(&["gate", "ls", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(open(), 2);
    portfolio.ok(&["gate", "approve", &one]);
    assert_snapshot!(say(&["gate", "approve", &one, "tutorloop", "-m", "both"]), @r"
        exit code 5
        --- out ---
        approved tutorloop.1.niche_validation
        --- err ---
        error[F0306]: gate `ledgerly.1.niche_validation` was already approved by ada
        ");
    assert_eq!(open(), 0);
    let decided = portfolio.ok(&["gate", "show", &two, "--json"]).json();
    assert_eq!(decided["gate"]["comment"], "both");
    assert_snapshot!(say(&["gate", "approve", "ledgerly"]), @r"
        exit code 3
        --- err ---
        error[F0304]: startup `ledgerly` has no open gate
        hint: `factory gate ls` lists the gates that wait for a decision
        ");
    assert_eq!(say(&["gate", "approve", "nobody"]).code, Some(3));
    assert_eq!(say(&["gate", "ask", &one, "and", "then"]).code, Some(3));
}

#[test]
fn a_startup_stands_for_its_newest_run() {
    let portfolio = Portfolio::new();
    portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    let out = |words: &[&str]| portfolio.ok(words).out;
    assert_eq!(
        out(&["runs", "show", "ledgerly"]),
        out(&["runs", "show", "ledgerly.1"])
    );
    let logs = out(&["task", "logs", "ledgerly"]);
    assert!(logs.contains("== verify, attempt 1: succeeded\n"), "{logs}");
    assert!(
        logs.contains("== scaffold, attempt 1: succeeded\n"),
        "{logs}"
    );
    assert!(
        logs.contains(&out(&["task", "logs", "ledgerly/verify"])),
        "{logs}"
    );
}

#[test]
fn settings_have_their_types_in_json_and_are_spelt_as_in_a_file_in_text() {
    let portfolio = Portfolio::new();
    let shown = portfolio.ok(&["config", "show", "--json"]).json();
    let value = |key: &str| {
        let entries = shown.as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["key"] == key);
        entry.unwrap_or_else(|| panic!("{key}"))["value"].clone()
    };
    assert_eq!(value("playbook"), "mvp");
    assert_eq!(value("allocation.cpu_cores"), 0.5);
    assert_eq!(value("allocation.ports"), 3);
    let text = portfolio.ok(&["config", "show"]).out;
    assert!(text.contains("\"mvp\""), "{text}");
}

#[test]
fn doctor_says_when_python_makes_no_environments() {
    let portfolio = Portfolio::new();
    let tools = tempfile::tempdir().unwrap();
    let python = tools.path().join("python3");
    let detail = |works: &str| {
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo Python 3.12.1; else exit {works}; fi\n"
        );
        fs::write(&python, script).unwrap();
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        let findings = with_path(&portfolio, &["doctor", "--json"], tools.path()).json();
        let name = "template neoforge: python3 environments";
        let mut all = findings.as_array().unwrap().iter();
        let found = all.find(|finding| finding["name"] == name);
        let found = found.unwrap_or_else(|| panic!("{findings}"));
        format!(
            "{}: {}",
            found["state"].as_str().unwrap(),
            found["detail"].as_str().unwrap()
        )
    };
    assert_eq!(detail("0"), "ok: venv works");
    assert_snapshot!(detail("1"), @"missing: `python3 -m venv` does not work; install it, on Debian and Ubuntu with `apt install python3-venv`");
}
