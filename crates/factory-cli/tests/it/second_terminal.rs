//! While one process drives, every other one is its client.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::environment::{Output, Portfolio, refs, wait_until};

/// A portfolio whose driver verifies for a while, and that driver.
fn live(seconds: u32, more: &[&str]) -> (Portfolio, std::process::Child) {
    let portfolio = Portfolio::slow(seconds);
    let driver = portfolio.start(&refs(&portfolio.build(more)));
    portfolio.wait_for_task("verify");
    (portfolio, driver)
}

#[test]
fn a_second_terminal_sees_the_run_and_watches_it_to_its_end() {
    let (portfolio, driver) = live(2, &["--auto-approve"]);
    let startups = portfolio.ok(&["startup", "ls", "--json"]).json();
    assert_eq!(startups[0]["state"], "building");
    let tasks = portfolio.ok(&["task", "ls", "ledgerly", "--json"]).json();
    let verify = tasks
        .as_array()
        .unwrap()
        .iter()
        .find(|task| task["task_id"] == "verify")
        .unwrap();
    assert_eq!(verify["state"], "running");
    assert_eq!(portfolio.ok(&["gate", "ls", "--json"]).out, "[]\n");
    let watched = portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    assert!(
        watched
            .err
            .contains(" is already driving this portfolio; watching it"),
        "{watched}"
    );
    assert!(
        watched.err.contains("ledgerly         ✓ verified\n"),
        "{watched}"
    );
    assert!(watched.out.contains("verified"), "{watched}");
    assert_eq!(Output::of(driver).code, Some(0));
    assert!(
        !portfolio.root().join(".factory/control.sock").exists(),
        "the socket goes with its driver"
    );
}

#[test]
fn a_second_run_takes_over_when_the_driver_is_killed() {
    let (portfolio, mut driver) = live(1, &["--auto-approve"]);
    let second = portfolio.start(&["run", "--json"]);
    // It has connected once it has asked what there is; give it that.
    std::thread::sleep(std::time::Duration::from_millis(300));
    driver.kill().unwrap();
    driver.wait().unwrap();
    let said = Output::of(second);
    assert_eq!(said.code, Some(0), "{said}");
    assert_eq!(
        said.lines().pop().unwrap()["startups"][0]["state"],
        "verified"
    );
    portfolio.wait_for_silence();
}

#[test]
fn a_second_terminal_cancels_a_live_run() {
    let (portfolio, driver) = live(30, &["--auto-approve"]);
    portfolio.ok(&["runs", "cancel", "ledgerly.1", "--reason", "wrong idea"]);
    let said = Output::of(driver);
    assert_eq!(said.code, Some(1), "{said}");
    assert!(
        said.err
            .contains("ledgerly         ✗ cancelled: wrong idea\n"),
        "{said}"
    );
    portfolio.wait_for_silence();
}

#[test]
fn a_second_terminal_adds_a_startup_and_decides_its_gate_while_the_driver_is_busy() {
    let (portfolio, driver) = live(3, &["--auto-approve"]);
    let text = fs::read_to_string(portfolio.blueprint()).unwrap();
    let text = text
        .replace("\"Ledgerly\"", "\"Other\"")
        .replace("\"ledgerly\"", "\"other\"");
    let other = portfolio.file("other.json", text).display().to_string();
    let words = ["run", "--blueprint", &other, "--template", "mini"];
    let watched = portfolio.say(&words);
    assert_eq!(watched.code, Some(6), "{watched}");
    portfolio.ok(&["gate", "approve", "other.1.release_readiness"]);
    assert!(matches!(Output::of(driver).code, Some(0)));
    portfolio.ok(&["run"]);
    let startups = portfolio.ok(&["startup", "ls", "--json"]).json();
    let states: Vec<_> = startups
        .as_array()
        .unwrap()
        .iter()
        .map(|startup| &startup["state"])
        .collect();
    assert_eq!(states, ["verified", "verified"]);
}

#[test]
fn only_the_owner_may_speak_to_the_driver_and_only_with_the_token() {
    let (portfolio, driver) = live(2, &[]);
    let hidden = portfolio.root().join(".factory");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&hidden), 0o700);
    assert_eq!(mode(&hidden.join("control.sock")), 0o600);
    let token = hidden.join("owner.token");
    assert_eq!(mode(&token), 0o600);
    // A client that cannot read the token may look, but not change anything.
    let secret = fs::read(&token).unwrap();
    fs::remove_file(&token).unwrap();
    portfolio.ok(&["startup", "ls"]);
    let said = portfolio.say(&["runs", "cancel", "ledgerly.1"]);
    insta::assert_snapshot!(said, @r"
        exit code 4
        --- err ---
        error[F0401]: this needs the owner's token
        hint: it is in `.factory/owner.token`, which only the portfolio's owner can read
        ");
    fs::write(&token, "0".repeat(64)).unwrap();
    assert_eq!(
        portfolio.say(&["runs", "cancel", "ledgerly.1"]).code,
        Some(4)
    );
    assert_eq!(
        portfolio
            .say(&["gate", "approve", "ledgerly.1.release_readiness"])
            .code,
        Some(4)
    );
    fs::write(&token, secret).unwrap();
    assert_eq!(Output::of(driver).code, Some(6));
    assert_eq!(
        portfolio
            .ok(&["gate", "ls", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_product_that_several_terminals_start_at_once_runs_once_and_any_of_them_stops_it() {
    let portfolio = Portfolio::new();
    portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    let up = ["startup", "up", "ledgerly", "--json"];
    let terminals: Vec<_> = (0..4).map(|_| portfolio.start(&up)).collect();
    let products: Vec<_> = terminals
        .into_iter()
        .map(|terminal| {
            let said = Output::of(terminal);
            assert_eq!(said.code, Some(0), "{said}");
            said.json()
        })
        .collect();
    let first = &products[0];
    assert!(
        products.iter().all(|product| product == first),
        "{products:#?}"
    );
    let stat = format!("/proc/{}/stat", first["pid"]);
    // An ended process stays in the list until whoever inherited it has looked.
    let lives = || fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
    assert!(lives(), "it outlives the commands that started it");
    let listed = portfolio.ok(&["startup", "ls", "--json"]).json();
    assert_eq!(listed[0]["url"], first["url"]);
    assert!(
        portfolio
            .ok(&["startup", "down", "ledgerly"])
            .out
            .contains("is stopped")
    );
    assert!(!lives());
    let again = portfolio.ok(&["startup", "down", "ledgerly"]);
    assert!(again.out.contains("was not running"), "{again}");
}

#[test]
fn commands_that_come_at_once_wait_for_each_other() {
    let portfolio = Portfolio::new();
    let words = portfolio.build(&["--auto-approve"]);
    let children: Vec<_> = (0..6).map(|_| portfolio.start(&refs(&words))).collect();
    for child in children {
        let said = Output::of(child);
        assert_eq!(said.code, Some(0), "{said}");
    }
    assert_eq!(
        portfolio
            .ok(&["runs", "ls", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    wait_until("the socket is gone", || {
        !portfolio.root().join(".factory/control.sock").exists()
    });
}
