//! S8: brief to merged repository, authored by rules, verification excluded.
//!
//! Ledgerly with the template `neoforge` on SQLite: four thinking phases, scaffold, slices, merges, record. The
//! processes of the checks pass without being run. The floor of the same run: external git makes as many commits.
//! Prints one JSON line per figure; medians of five rounds.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints times"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use factory_app::brief;
use factory_app::config::Sources;
use factory_app::factory::{Factory as _, Submission};
use factory_core::run::GatePolicy;
use factory_store::{Durability, SqliteStore};
use factory_testkit::TestFactory;

const ROUNDS: usize = 5;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let briefs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/briefs");
    let mut files: Vec<PathBuf> = std::fs::read_dir(briefs)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.sort();
    let one: Vec<PathBuf> = files
        .iter()
        .filter(|file| file.ends_with("ledgerly.yaml"))
        .cloned()
        .collect();
    let (single, landed) = rounds(&one).await?;
    let floor = median(
        (0..ROUNDS)
            .map(|_| commits(landed))
            .collect::<Result<_, _>>()?,
    );
    print(
        "s8_brief_to_merged_repository",
        single,
        Some(single.as_secs_f64() / floor.as_secs_f64()),
    );
    print("s8_floor_git_commits", floor, None);
    let (five, _) = rounds(&files).await?;
    print(
        "s8_five_briefs_at_once",
        five,
        Some(five.as_secs_f64() / single.as_secs_f64()),
    );
    Ok(())
}

fn print(name: &str, time: Duration, ratio: Option<f64>) {
    let ratio = ratio.map_or_else(|| "null".to_owned(), |ratio| format!("{ratio:.2}"));
    println!(
        "{{\"name\":\"{name}\",\"value\":{:.3},\"unit\":\"s\",\"ratio\":{ratio}}}",
        time.as_secs_f64()
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

async fn rounds(files: &[PathBuf]) -> Result<(Duration, u64), Failure> {
    let (mut times, mut landed) = (Vec::new(), 0);
    // Deleted when all rounds are over: a file system that has just deleted thousands of files is slow to create new
    // ones, and nobody who builds a startup has done that.
    let mut factories = Vec::new();
    for _ in 0..ROUNDS {
        let factory = TestFactory::new();
        let (time, changes) = build(&factory, files).await?;
        times.push(time);
        landed = changes;
        factories.push(factory);
    }
    Ok((median(times), landed))
}

/// Builds the briefs once; the time, and the changes of the first that landed.
async fn build(factory: &TestFactory, files: &[PathBuf]) -> Result<(Duration, u64), Failure> {
    let store = SqliteStore::open(&factory.root().join(".factory"), Durability::Strict)?;
    let local = factory.open_on(Arc::new(store), None).await?;
    let begun = Instant::now();
    let submissions = submissions(files)?;
    local.submit(submissions).await?;
    local.driver().drive(false).await?;
    let time = begun.elapsed();
    let startups = local.startups().await?;
    let mut landed = 0;
    for startup in &startups {
        if startup.state != factory_core::portfolio::State::Verified {
            return Err(format!("{} is {}", startup.slug, startup.state).into());
        }
    }
    if let Some(run) = local.runs().await?.first() {
        landed = run.landed;
    }
    Ok((time, landed))
}

fn submissions(files: &[PathBuf]) -> Result<Vec<Submission>, Failure> {
    let settings = Sources::default().merge()?.config;
    let loaded = brief::load_all(files, &settings.allocation)?;
    Ok(loaded
        .into_iter()
        .map(|loaded| Submission {
            slug: loaded.slug,
            brief: loaded.brief,
            blueprint: None,
            template: None,
            playbook: "mvp".to_owned(),
            gates: GatePolicy::Approve {
                policy: "bench".to_owned(),
            },
        })
        .collect())
}

/// So many commits by the external git, in a fresh repository.
fn commits(count: u64) -> Result<Duration, Failure> {
    let folder = tempfile::tempdir()?;
    let git = |arguments: &[&str]| -> Result<(), Failure> {
        let identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
        let status = Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(folder.path())
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("git {arguments:?}: {status}").into())
        }
    };
    git(&["init", "--quiet"])?;
    let begun = Instant::now();
    for number in 0..count {
        std::fs::write(
            folder.path().join(format!("{number}.txt")),
            number.to_string(),
        )?;
        git(&["add", "."])?;
        git(&["commit", "--quiet", "--message", "one change"])?;
    }
    Ok(begun.elapsed())
}
