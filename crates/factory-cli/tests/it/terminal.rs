//! A person at a terminal: `script` of util-linux gives the program one.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::environment::{Portfolio, Said, wait_until};

/// Builds Ledgerly on a terminal on which `answer` is typed once the gate is open.
fn at_a_terminal(portfolio: &Portfolio, answer: &str) -> Option<Said> {
    if Command::new("script").arg("--version").output().is_err() {
        println!("SKIPPED: no program `script` gives a terminal");
        return None;
    }
    let words = portfolio.build(&[]).join(" ");
    let program = format!("{} {words}", env!("CARGO_BIN_EXE_factory"));
    let mut command = portfolio.command(&[]);
    let environment: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command", &program, "/dev/null"])
        .current_dir(portfolio.root())
        .env_clear()
        .envs(environment)
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    wait_until("the gate is open", || {
        let socket = portfolio.root().join(".factory/control.sock");
        socket.exists()
            && portfolio
                .say(&["gate", "ls", "--json"])
                .out
                .contains("release_readiness")
    });
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(answer.as_bytes()).unwrap();
    let said = Said::of(child);
    drop(keyboard);
    Some(said)
}

#[test]
fn a_gate_is_asked_on_the_terminal_and_approved_by_a_letter() {
    let portfolio = Portfolio::new();
    let Some(said) = at_a_terminal(&portfolio, "what?\na looks good\n") else {
        return;
    };
    assert_eq!(said.code, Some(0), "{said}");
    assert!(
        said.out
            .contains("ledgerly.1.release_readiness: Every check has passed."),
        "{said}"
    );
    let gates = portfolio.ok(&["gate", "ls", "--all", "--json"]).json();
    assert_eq!(gates[0]["decided_by"], "a person at the terminal");
    assert_eq!(gates[0]["comment"], "looks good");
    assert_eq!(
        portfolio.ok(&["startup", "ls", "--json"]).json()[0]["state"],
        "verified"
    );
}

#[test]
fn a_gate_that_is_rejected_on_the_terminal_ends_the_run() {
    let portfolio = Portfolio::new();
    let Some(said) = at_a_terminal(&portfolio, "r\n") else {
        return;
    };
    assert_eq!(said.code, Some(1), "{said}");
    assert_eq!(
        portfolio.ok(&["startup", "ls", "--json"]).json()[0]["state"],
        "rejected"
    );
}
