//! A product as a process: what is said of it while it starts, when it ends, and when nobody waits for it any more.

use std::process::Command;

use insta::assert_snapshot;

use crate::environment::{Output, Portfolio, filtered, refs, wait_until};

const START: &str = r#"run = ["sh", "-c", "sleep 60"]"#;
const UP: [&str; 3] = ["startup", "up", "ledgerly"];

/// Ledgerly, verified, from a template that starts its product like this.
fn built(start: &str) -> Portfolio {
    let portfolio = Portfolio::changed(&[(START, start)]);
    portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    portfolio
}

fn interrupt(pid: u32) {
    let status = Command::new("kill")
        .args(["-INT", &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// What a command says without the portfolio's folder and its ports.
fn told(portfolio: &Portfolio, said: &Output) -> String {
    let ports = portfolio.ok(&["startup", "ls", "--json"]).json();
    let url = ports[0]["url"].as_str().unwrap_or("nowhere").to_owned();
    portfolio.plain(&said.to_string()).replace(&url, "[URL]")
}

#[test]
fn a_product_that_has_not_answered_is_not_said_to_answer() {
    let portfolio = built(START);
    let said = portfolio.ok(&UP);
    assert_snapshot!(told(&portfolio, &said), @r"
        exit code 0
        --- out ---
        ledgerly is started at [URL], not answering yet
        --- err ---
        ledgerly: installing its dependencies and starting it; logs are in `[FOLDER]/p/.factory/logs/ledgerly`
        stop it with: factory startup down ledgerly
        ");
    let again = portfolio
        .ok(&["startup", "up", "ledgerly", "--json"])
        .json();
    assert_eq!(
        (&again["answers"], &again["state"]),
        (&false.into(), &"running".into())
    );
    portfolio.ok(&["startup", "down", "ledgerly"]);
}

#[test]
fn a_product_that_exits_at_once_is_told_with_its_code_and_its_last_lines() {
    let _filters = filtered();
    let portfolio = built(r#"run = ["sh", "-c", "echo begins; echo no database >&2; exit 3"]"#);
    let said = portfolio.say(&UP);
    assert_snapshot!(told(&portfolio, &said), @r"
        exit code 1
        --- err ---
        ledgerly: installing its dependencies and starting it; logs are in `[FOLDER]/p/.factory/logs/ledgerly`
        error[F0602]: the product did not stay up: it exited with code 3
        begins
        no database
        hint: its log is `[FOLDER]/p/.factory/logs/ledgerly/product.log`
        ");
    let shown = portfolio.ok(&["startup", "show", "ledgerly"]).out;
    assert!(
        shown.contains("  stopped    it exited with code 3 ("),
        "{shown}"
    );
}

#[test]
fn an_interrupted_start_is_not_continued_and_says_so() {
    let portfolio = Portfolio::changed(&[(
        r#"before = [["sh", "check.sh", "migrate"]]"#,
        r#"before = [["sh", "-c", "echo begun; sleep 60"]]"#,
    )]);
    portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    let starting = portfolio.start(&UP);
    let log = portfolio.root().join(".factory/logs/ledgerly/before-0.log");
    wait_until("it is prepared", || {
        std::fs::read_to_string(&log).is_ok_and(|text| text.contains("begun"))
    });
    interrupt(starting.id());
    let said = Output::of(starting);
    assert_snapshot!(told(&portfolio, &said), @r"
        exit code 130
        --- err ---
        ledgerly: installing its dependencies and starting it; logs are in `[FOLDER]/p/.factory/logs/ledgerly`
        interrupted; ledgerly is not started and nothing of it runs; start it again with: factory startup up ledgerly
        ");
    portfolio.wait_for_silence();
    let detail = portfolio
        .ok(&["startup", "show", "ledgerly", "--json"])
        .json();
    let startup = &detail["startup"];
    assert!(
        startup["product"].is_null() && startup["allocation"].is_null(),
        "{detail}"
    );
}

#[test]
fn a_product_that_was_started_goes_on_after_an_interrupt_and_says_so() {
    let _filters = filtered();
    let portfolio = built(&format!("{START}\nhealth = \"/healthz\""));
    let starting = portfolio.start(&UP);
    // Looked for in the file system: a command that looks could become the driver itself, and end in the midst of it.
    let log = portfolio.root().join(".factory/logs/ledgerly/product.log");
    wait_until("it is started", || log.exists());
    interrupt(starting.id());
    let said = Output::of(starting);
    assert_snapshot!(told(&portfolio, &said), @r"
        exit code 130
        --- err ---
        ledgerly: installing its dependencies and starting it; logs are in `[FOLDER]/p/.factory/logs/ledgerly`
        interrupted; ledgerly is started at [URL], not answering yet; its process [PID] goes on running; stop it with: factory startup down ledgerly
        ");
    let detail = portfolio
        .ok(&["startup", "show", "ledgerly", "--json"])
        .json();
    assert_eq!(detail["running"]["state"], "running");
    let stopped = portfolio.ok(&["startup", "down", "ledgerly"]);
    assert_eq!(stopped.out, "ledgerly is stopped\n");
}
