//! A person at a terminal: `script` of util-linux gives the program one.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::environment::{BRIEF, Portfolio, wait_until};

const GATE: &str = "ledgerly.1.release_readiness";

/// A terminal on which a command of the program runs.
struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    /// Everything that was ever printed.
    printed: Arc<Mutex<String>>,
}

impl Terminal {
    /// Starts a command on a terminal of 100 columns; nothing where no program gives one.
    fn start(portfolio: &Portfolio, words: &[&str]) -> Option<Self> {
        Self::start_at(100, portfolio, words)
    }

    /// The same with so many columns.
    fn start_at(columns: u16, portfolio: &Portfolio, words: &[&str]) -> Option<Self> {
        if Command::new("script").arg("--version").output().is_err() {
            println!("SKIPPED: no program `script` gives a terminal");
            return None;
        }
        let program = env!("CARGO_BIN_EXE_factory");
        let line = format!("stty columns {columns}; exec {program} {}", words.join(" "));
        let environment: Vec<_> = portfolio
            .command(&[])
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(portfolio.root())
            .env_clear()
            .envs(environment)
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let keyboard = child.stdin.take().unwrap();
        let mut output = child.stdout.take().unwrap();
        let printed = Arc::new(Mutex::new(String::new()));
        let screen = Arc::clone(&printed);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..count]);
                screen.lock().unwrap().push_str(&text);
            }
        });
        Some(Self {
            child,
            keyboard,
            printed,
        })
    }

    /// Builds Ledgerly from its blueprint.
    fn build(portfolio: &Portfolio) -> Option<Self> {
        let words = portfolio.build(&[]);
        Self::start(portfolio, &crate::environment::refs(&words))
    }

    fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// Waits until what was printed is as it should be; fails with all of it.
    fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) {
        let mut tries = 0;
        while !holds(&self.printed()) {
            assert!(
                tries < 1_000,
                "waited in vain until {what}: {}",
                self.printed()
            );
            thread::sleep(Duration::from_millis(20));
            tries += 1;
        }
    }

    /// Waits until `text` has been printed, so many times in all.
    fn wait_for(&self, text: &str, times: usize) {
        self.wait_until(&format!("`{text}` is printed"), |printed| {
            printed.matches(text).count() >= times
        });
    }

    /// Waits until an answer is read to what begins with `text`: what is typed from now on counts.
    fn wait_for_prompt(&self, text: &str) {
        self.wait_until(&format!("`{text}` is asked"), |printed| {
            let after = printed.rsplit_once(text);
            after.is_some_and(|(_, after)| after.contains("\u{1b}[K"))
        });
    }

    fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// The exit code and everything that was printed. The keyboard stays open until then.
    fn end(mut self) -> (Option<i32>, String) {
        let mut code = None;
        wait_until(&format!("it ends: {}", self.printed()), || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        (code.unwrap().code(), self.printed())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The prompt of a question, from the beginning of its line.
const PROMPT: &str = "\r\u{1b}[K> ";

fn states(portfolio: &Portfolio) -> Vec<String> {
    let listed = portfolio.ok(&["startup", "ls", "--json"]).json();
    let states = listed.as_array().unwrap().iter();
    states
        .map(|startup| startup["state"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_gate_is_asked_on_the_terminal_and_approved_with_a_comment() {
    let portfolio = Portfolio::new();
    let Some(mut terminal) = Terminal::build(&portfolio) else {
        return;
    };
    terminal.wait_for(PROMPT, 1);
    let shown = terminal.printed();
    for part in [
        "ledgerly · release_readiness · round 1",
        "Every check has passed.",
        "checks: 6 of 6 passed",
        "stories: 4 of 4 built",
        "  built: S1 Translators create an invoice",
        "a approve · r reject · s show",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    terminal.type_in("what?\na looks good\n");
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(
        printed.matches("r reject · s show").count(),
        1,
        "the menu is not repeated: {printed}"
    );
    let (_, after) = printed.split_once(&format!("approved {GATE}")).unwrap();
    assert!(after.contains("✓ verified"), "the bars return: {printed}");
    let gates = portfolio.ok(&["gate", "ls", "--all", "--json"]).json();
    assert_eq!(gates[0]["decided_by"], "a person at the terminal");
    assert_eq!(gates[0]["comment"], "looks good");
    assert_eq!(states(&portfolio), ["verified"]);
}

#[test]
fn a_rejection_on_the_terminal_wants_a_confirmation() {
    let portfolio = Portfolio::new();
    let Some(mut terminal) = Terminal::build(&portfolio) else {
        return;
    };
    terminal.wait_for(PROMPT, 1);
    // A confirmation that is typed before its question does not count.
    terminal.type_in("r\ny\n");
    terminal.wait_for_prompt("This ends the run.");
    terminal.type_in("n\n");
    terminal.wait_for_prompt("not rejected");
    assert_eq!(states(&portfolio), ["waiting"]);
    terminal.type_in("r too plain\n");
    terminal.wait_for("This ends the run.", 2);
    terminal.wait_for_prompt("Reject ledgerly.1.release_readiness? This ends the run.");
    terminal.type_in("y\n");
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(1), "{printed}");
    assert_eq!(states(&portfolio), ["rejected"]);
    let gates = portfolio.ok(&["gate", "ls", "--all", "--json"]).json();
    assert_eq!(gates[0]["comment"], "too plain");
}

#[test]
fn a_question_can_be_cancelled_and_then_asked() {
    let portfolio = Portfolio::new();
    portfolio.file("one.yaml", BRIEF);
    let words = ["run", "one.yaml", "--template", "mini"];
    let Some(mut terminal) = Terminal::start(&portfolio, &words) else {
        return;
    };
    terminal.wait_for(PROMPT, 1);
    terminal.type_in("q\n");
    terminal.wait_for("question > ", 1);
    terminal.type_in("why\u{1b}");
    terminal.wait_for_prompt("nothing asked");
    terminal.type_in("q\n\n");
    terminal.wait_for_prompt("nothing asked");
    terminal.type_in("q who pays for it?\n");
    terminal.wait_for_prompt("niche_validation · round 2");
    let gate = portfolio.ok(&["gate", "show", "ledgerly"]).out;
    assert!(gate.contains("who pays for it?"), "{gate}");
}

#[test]
fn what_was_not_built_is_shown_with_the_question() {
    let kinds = r#"kinds = ["crud", "workflow", "report", "#;
    let portfolio = Portfolio::changed(&[(kinds, r#"kinds = ["crud", "workflow", "#)]);
    let Some(terminal) = Terminal::build(&portfolio) else {
        return;
    };
    terminal.wait_for(PROMPT, 1);
    let shown = terminal.printed();
    let unbuilt = "  not built: S3 Translators see how much each client still owes (";
    assert!(shown.contains(unbuilt), "{shown}");
    assert!(shown.contains("  built: S1 Translators create"), "{shown}");
}

#[test]
fn a_question_that_nobody_would_act_on_is_not_offered() {
    let portfolio = Portfolio::new();
    let Some(mut terminal) = Terminal::build(&portfolio) else {
        return;
    };
    terminal.wait_for(PROMPT, 1);
    assert!(!terminal.printed().contains("q ask"));
    terminal.type_in("q is it reproducible?\n");
    terminal.wait_for_prompt("nobody would act on a question here");
    terminal.type_in("a\n");
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_gate_that_is_left_undecided_does_not_stop_the_other_builds() {
    let portfolio = Portfolio::new();
    portfolio.file("one.yaml", BRIEF);
    portfolio.file("two.yaml", BRIEF.replace("Ledgerly", "Tutorloop"));
    let words = ["run", "one.yaml", "two.yaml", "--template", "mini"];
    // Both gates are open before anybody is asked.
    assert_eq!(portfolio.say(&words).code, Some(6));
    let Some(mut terminal) = Terminal::start(&portfolio, &words) else {
        return;
    };
    terminal.wait_for_prompt("gate 1 of 2");
    terminal.type_in("\u{4}");
    terminal.wait_for_prompt("gate 2 of 2");
    let printed = terminal.printed();
    let (_, asked) = printed.split_once("gate 2 of 2").unwrap();
    let ledgerly_is_second = asked.contains("ledgerly · niche_validation");
    let (left, other) = if ledgerly_is_second {
        ("tutorloop", "ledgerly")
    } else {
        ("ledgerly", "tutorloop")
    };
    assert!(
        printed.contains(&format!(
            "{left}.1.niche_validation stays open; decide it later with `factory gate approve"
        )),
        "{printed}"
    );
    for gate in [
        "niche_validation",
        "problem_solution_fit",
        "architecture_review",
        "release_readiness",
    ] {
        terminal.wait_for_prompt(&format!("{other} · {gate}"));
        terminal.type_in("a\n");
    }
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(6), "{printed}");
    let mut expected = ["verified", "waiting"];
    if left == "ledgerly" {
        expected.reverse();
    }
    assert_eq!(states(&portfolio), expected, "{printed}");
}

#[test]
fn the_end_of_input_at_the_only_gate_leaves_it_to_somebody_else() {
    let portfolio = Portfolio::new();
    let Some(mut terminal) = Terminal::build(&portfolio) else {
        return;
    };
    terminal.wait_for(PROMPT, 1);
    terminal.type_in("\u{4}");
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(6), "{printed}");
    assert_eq!(states(&portfolio), ["waiting"]);
}

#[test]
fn a_run_is_cancelled_on_a_terminal_after_a_confirmation() {
    let portfolio = Portfolio::new();
    assert_eq!(
        portfolio
            .say(&crate::environment::refs(&portfolio.build(&[])))
            .code,
        Some(6)
    );
    let cancel = ["runs", "cancel", "ledgerly"];
    let Some(mut terminal) = Terminal::start(&portfolio, &cancel) else {
        return;
    };
    terminal.wait_for_prompt("Cancel run ledgerly.1 of Ledgerly, 11 of 13 tasks over?");
    terminal.type_in("\n");
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("nothing cancelled"), "{printed}");
    assert_eq!(states(&portfolio), ["waiting"]);
    let unasked = Terminal::start(&portfolio, &["runs", "cancel", "ledgerly", "--yes"]).unwrap();
    let (code, printed) = unasked.end();
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(states(&portfolio), ["cancelled"]);
}

#[test]
fn what_is_typed_before_a_question_is_shown_answers_nothing() {
    let portfolio = Portfolio::slow(1);
    let Some(mut terminal) = Terminal::build(&portfolio) else {
        return;
    };
    portfolio.wait_for_task("verify");
    terminal.type_in("a\n");
    terminal.wait_for(PROMPT, 1);
    assert_eq!(states(&portfolio), ["waiting"], "{}", terminal.printed());
    terminal.type_in("a\n");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn gates_of_two_startups_are_asked_one_after_the_other() {
    let portfolio = Portfolio::new();
    portfolio.file("one.yaml", BRIEF);
    portfolio.file("two.yaml", BRIEF.replace("Ledgerly", "Tutorloop"));
    let words = ["run", "one.yaml", "two.yaml", "--template", "mini"];
    // Both gates are open before anybody is asked.
    assert_eq!(portfolio.say(&words).code, Some(6));
    let Some(mut terminal) = Terminal::start(&portfolio, &words) else {
        return;
    };
    terminal.wait_for_prompt("gate 1 of 2");
    terminal.type_in("a\n");
    terminal.wait_for("gate 2 of 2", 1);
    let printed = terminal.printed();
    let (_, asked) = printed.split_once("gate 1 of 2").unwrap();
    for part in [
        "ledgerly · niche_validation",
        "tutorloop · niche_validation",
    ] {
        assert!(asked.contains(part), "{part}: {printed}");
    }
    assert!(asked.contains("market_research.md ("), "{printed}");
    // The gate that was shown first is the one that was approved.
    let first = asked.find("ledgerly · ") < asked.find("tutorloop · ");
    let first = if first { "ledgerly" } else { "tutorloop" };
    let gates = portfolio.ok(&["gate", "ls", "--all", "--json"]).json();
    let gate = |slug: &str| {
        let name = format!("{slug}.1.niche_validation");
        let mut all = gates.as_array().unwrap().iter();
        all.find(|gate| gate["gate_id"] == name.as_str())
            .unwrap()
            .clone()
    };
    for slug in ["ledgerly", "tutorloop"] {
        let state = if slug == first { "decided" } else { "open" };
        assert_eq!(gate(slug)["state"], state, "{gates}");
    }
}

#[test]
fn nothing_is_painted_over_an_open_question() {
    let portfolio = Portfolio::slow(2);
    portfolio.file("one.yaml", BRIEF);
    portfolio.file("two.yaml", BRIEF.replace("Ledgerly", "Tutorloop"));
    // Tutorloop is about to be built and verified, Ledgerly is new and soon at its first gate.
    for gate in [
        "niche_validation",
        "problem_solution_fit",
        "architecture_review",
    ] {
        let said = portfolio.say(&["run", "two.yaml", "--template", "mini"]);
        assert_eq!(said.code, Some(6), "{said}");
        portfolio.ok(&["gate", "approve", &format!("tutorloop.1.{gate}")]);
    }
    let words = ["run", "one.yaml", "two.yaml", "--template", "mini"];
    let Some(terminal) = Terminal::start(&portfolio, &words) else {
        return;
    };
    terminal.wait_for(PROMPT, 1);
    wait_until("the other startup comes to its last gate", || {
        let gates = portfolio.ok(&["gate", "ls", "--json"]).json();
        gates.as_array().unwrap().len() == 2
    });
    let printed = terminal.printed();
    let (before, after) = printed.split_once(PROMPT).unwrap();
    // Which of them has a bar by then depends on who was quicker.
    let has_bar = |name: &&str| before.contains(&format!(" {name}   "));
    assert!(["ledgerly", "tutorloop"].iter().any(has_bar), "{printed}");
    assert_eq!(after, "", "{printed}");
}

#[test]
fn a_decision_from_another_terminal_withdraws_the_question() {
    let portfolio = Portfolio::new();
    let Some(terminal) = Terminal::build(&portfolio) else {
        return;
    };
    terminal.wait_for(PROMPT, 1);
    portfolio.ok(&["gate", "approve", GATE]);
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(0), "{printed}");
    assert!(
        printed.contains(&format!("{GATE} was approved by ada in another terminal")),
        "{printed}"
    );
    assert!(!printed.contains("F0306"), "{printed}");
}

#[test]
fn the_command_line_confirms_rejections_and_several_decisions_at_once() {
    let portfolio = Portfolio::new();
    portfolio.file("one.yaml", BRIEF);
    portfolio.file("two.yaml", BRIEF.replace("Ledgerly", "Tutorloop"));
    let build = ["run", "one.yaml", "two.yaml", "--template", "mini"];
    assert_eq!(portfolio.say(&build).code, Some(6));
    let Some(mut terminal) = Terminal::start(&portfolio, &["gate", "reject", "ledgerly"]) else {
        return;
    };
    terminal.wait_for_prompt("Reject this gate?");
    terminal.type_in("\n");
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("nothing decided"), "{printed}");
    let both = ["gate", "approve", "ledgerly", "tutorloop"];
    let mut terminal = Terminal::start(&portfolio, &both).unwrap();
    terminal.wait_for_prompt("Approve these 2 gates?");
    terminal.type_in("yes\n");
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(portfolio.ok(&["gate", "ls", "--json"]).out, "[]\n");
}

#[test]
fn the_summary_and_its_reasons_keep_within_80_columns() {
    let why = "the wheel could not be built because the compiler is older than the sources";
    let failing = format!(r#"run = ["sh", "-c", "echo {why}; exit 3"]"#);
    let portfolio = Portfolio::changed(&[(r#"run = ["sh", "check.sh", "build"]"#, &failing)]);
    let words = portfolio.build(&["--auto-approve"]);
    let Some(terminal) = Terminal::start_at(80, &portfolio, &crate::environment::refs(&words))
    else {
        return;
    };
    let (code, printed) = terminal.end();
    assert_eq!(code, Some(1), "{printed}");
    let (_, summary) = printed.split_once("STARTUP").unwrap();
    assert!(summary.contains("exit code 3: the wheel"), "{printed}");
    for line in summary.lines().skip(1) {
        assert!(line.trim_end().chars().count() <= 80, "{line:?}: {printed}");
    }
    assert!(summary.contains("5/6"), "{printed}");
}

#[test]
fn a_table_keeps_within_the_width_of_the_terminal() {
    let portfolio = Portfolio::new();
    let Some(terminal) = Terminal::start(&portfolio, &["config", "show", "--origin"]) else {
        return;
    };
    let (_, wide) = terminal.end();
    let line = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert!(line(&wide) <= Some(100), "{wide}");
    let piped = portfolio.ok(&["config", "show", "--origin"]).out;
    assert!(line(&piped) > Some(100), "a pipe has no width: {piped}");
}
