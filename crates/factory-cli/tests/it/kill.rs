//! `kill -9` at any time, and Ctrl-C: the same command resumes, and ends with the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use factory_core::id::Seq;
use factory_core::port::EventLog as _;
use factory_store::{Durability, SqliteStore};

use crate::environment::{BRIEF, Output, Portfolio, refs};

/// Kills in all, over as many portfolios as it takes.
const KILLS: u32 = 40;
/// What the random times follow from; printed with every failure.
const SEED: u64 = 0x5eed_0001;

/// Marsaglia's xorshift64: small, seeded, good enough to choose a time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// What a startup is built from.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// A brief: authors think, four gates are approved by policy.
    Brief,
    /// A blueprint: many slices and merges.
    Blueprint,
}

/// How an undisturbed run went.
#[derive(Debug)]
struct Undisturbed {
    took: Duration,
    tree: String,
    landed: usize,
}

impl Source {
    fn words(self, portfolio: &Portfolio) -> Vec<String> {
        let policy = ["--auto-approve", "--json"];
        match self {
            Self::Blueprint => portfolio.build(&policy),
            Self::Brief => {
                portfolio.file("brief.yaml", BRIEF);
                let words = ["run", "brief.yaml", "--template", "mini"];
                let all = words.iter().chain(&policy);
                all.map(|word| (*word).to_owned()).collect()
            }
        }
    }

    fn undisturbed(self) -> Undisturbed {
        let portfolio = Portfolio::new();
        let words = self.words(&portfolio);
        #[expect(
            clippy::disallowed_methods,
            reason = "the real duration of a real process"
        )]
        let begun = std::time::Instant::now();
        portfolio.ok(&refs(&words));
        let took = begun.elapsed();
        let landed = check(&portfolio, "undisturbed");
        let tree = tree(&portfolio);
        Undisturbed { took, tree, landed }
    }
}

fn tree(portfolio: &Portfolio) -> String {
    portfolio.git(&["rev-parse", "main^{tree}"])
}

/// What must hold when a portfolio has come to its end, however it got there; the number of tasks that landed.
fn check(portfolio: &Portfolio, context: &str) -> usize {
    let status = portfolio.git(&["status", "--porcelain"]);
    assert_eq!(status, "", "{context}: the checkout is behind");
    let format = "--format=%(trailers:key=Factory-Task,valueonly,separator=%x2C)";
    let trailers = portfolio.git(&["log", format, "main"]);
    let mut landed: BTreeMap<&str, u32> = BTreeMap::new();
    for task in trailers.lines() {
        *landed.entry(task).or_default() += 1;
    }
    let twice = landed
        .iter()
        .find(|(task, times)| **times != 1 || task.is_empty());
    assert_eq!(twice, None, "{context}: {trailers}");
    let left = files(&portfolio.root().join(".factory/staging"));
    assert_eq!(
        left,
        Vec::<String>::new(),
        "{context}: staging areas are left"
    );
    portfolio.wait_for_silence();
    check_log(&portfolio.root().join(".factory"), context);
    landed.len()
}

/// The log has no gap, neither as a whole nor in a stream.
fn check_log(folder: &Path, context: &str) {
    let store = SqliteStore::open(folder, Durability::Strict).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let events = runtime.block_on(store.read_all(Seq(0), 100_000)).unwrap();
    let mut versions: BTreeMap<_, u64> = BTreeMap::new();
    for (index, recorded) in events.iter().enumerate() {
        assert_eq!(
            recorded.seq,
            Seq(index as u64 + 1),
            "{context}: a gap in the log"
        );
        let version = versions.entry(recorded.stream.clone()).or_default();
        *version += 1;
        assert_eq!(
            recorded.version.0, *version,
            "{context}: a gap in {:?}",
            recorded.stream
        );
    }
    assert!(events.len() > 30, "{context}: {} events", events.len());
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

/// Builds one portfolio and kills it until it has ended; how often that was.
fn killed_until_done(
    source: Source,
    random: &mut Random,
    expected: &Undisturbed,
    context: &str,
) -> u32 {
    let portfolio = Portfolio::new();
    let words = source.words(&portfolio);
    let micros_max = u64::try_from(expected.took.as_micros()).unwrap() * 12 / 10;
    let mut killed_after = Vec::new();
    loop {
        let mut child = portfolio.start(&refs(&words));
        let time = Duration::from_micros(random.below(micros_max));
        thread::sleep(time);
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            killed_after.push(time);
        }
        let said = Output::of(child);
        if said.code.is_none() {
            continue;
        }
        let context = format!("{context}, {source:?}, killed after {killed_after:?}");
        assert_eq!(said.code, Some(0), "{context}: {said}");
        let last = said.lines().pop().unwrap();
        let startup = &last["startups"][0];
        assert_eq!(startup["state"], "verified", "{context}: {last}");
        let landed = check(&portfolio, &context);
        assert_eq!(landed, expected.landed, "{context}");
        assert_eq!(tree(&portfolio), expected.tree, "{context}: other bytes");
        return u32::try_from(killed_after.len()).unwrap();
    }
}

#[test]
fn killed_at_any_time_the_same_command_ends_with_the_same_product() {
    let sources = [Source::Brief, Source::Blueprint].map(|source| (source, source.undisturbed()));
    let mut random = Random(SEED);
    let (mut kills, mut portfolios) = (0, 0);
    for (source, expected) in sources.iter().cycle() {
        if kills >= KILLS {
            break;
        }
        portfolios += 1;
        let context = format!("seed {SEED:#x}, portfolio {portfolios}");
        kills += killed_until_done(*source, &mut random, expected, &context);
    }
    let took: Vec<Duration> = sources.iter().map(|(_, expected)| expected.took).collect();
    println!("{kills} kills over {portfolios} portfolios, undisturbed {took:?}, seed {SEED:#x}");
}

/// The moment that kills hit most seldom, made by hand: the repository was begun and not finished.
#[test]
fn a_repository_that_was_half_made_is_made_again() {
    let portfolio = Portfolio::new();
    let half = portfolio
        .root()
        .join("startups/ledgerly/.git.new/.git/objects");
    fs::create_dir_all(half).unwrap();
    portfolio.ok(&refs(&portfolio.build(&["--auto-approve"])));
    check(&portfolio, "half made");
    assert!(!portfolio.root().join("startups/ledgerly/.git.new").exists());
}

fn send(signal: &str, pid: u32) {
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn kill_and_a_closed_terminal_end_like_ctrl_c_with_the_code_of_their_signal() {
    for (signal, code) in [("-TERM", 143), ("-HUP", 129)] {
        let portfolio = Portfolio::slow(30);
        let driver = portfolio.start(&refs(&portfolio.build(&["--auto-approve"])));
        portfolio.wait_for_task("verify");
        send(signal, driver.id());
        let said = Output::of(driver);
        assert_eq!(said.code, Some(code), "{said}");
        assert!(said.err.contains("interrupted; nothing is lost"), "{said}");
        assert!(
            said.out.contains("building"),
            "the summary is printed: {said}"
        );
        portfolio.wait_for_silence();
    }
}

#[test]
fn ctrl_c_ends_with_exit_code_130_and_the_same_command_resumes() {
    let portfolio = Portfolio::slow(2);
    let words = portfolio.build(&["--auto-approve"]);
    let driver = portfolio.start(&refs(&words));
    portfolio.wait_for_task("verify");
    send("-INT", driver.id());
    let said = Output::of(driver);
    assert_eq!(said.code, Some(130), "{said}");
    assert!(
        said.err
            .ends_with("\ninterrupted; nothing is lost. Resume with: factory run\n"),
        "{said}"
    );
    portfolio.wait_for_silence();
    let landed = portfolio.git(&["rev-list", "--count", "main"]);
    let said = portfolio.ok(&["run"]);
    assert!(said.err.contains("13/13 deploy"), "{said}");
    assert_eq!(
        portfolio.git(&["rev-list", "--count", "main"]),
        landed,
        "nothing is done twice"
    );
    check(&portfolio, "interrupted");
}

#[test]
fn ctrl_c_of_a_watcher_leaves_the_driver_alone() {
    let portfolio = Portfolio::slow(3);
    let words = portfolio.build(&["--auto-approve"]);
    let driver = portfolio.start(&refs(&words));
    portfolio.wait_for_task("verify");
    let watcher = portfolio.start(&["run"]);
    thread::sleep(Duration::from_millis(700));
    send("-INT", watcher.id());
    let watched = Output::of(watcher);
    assert_eq!(watched.code, Some(130), "{watched}");
    assert_eq!(Output::of(driver).code, Some(0));
}
