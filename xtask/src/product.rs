//! Tests of whole products, run after everything else: the demo with its five startups, the demo killed and
//! resumed, and a product that answers through its API and shows a record in a real browser.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::cargo;
use crate::count::Counts;
use crate::step::{Step, now};

/// The product tests in the order in which they run.
pub(crate) fn steps() -> Vec<Step> {
    vec![
        ("build the program", build),
        ("demo: five products, killed once", demo),
        ("product in a browser", browser),
    ]
}

fn build() -> Result<Counts> {
    crate::step::check(&["build", "--package", "factory-cli"], &[])
}

fn program() -> Result<PathBuf> {
    let target = cargo::metadata()?["target_directory"]
        .as_str()
        .context("cargo names its target folder")?
        .to_owned();
    Ok(Path::new(&target).join("debug/factory"))
}

/// Where the undisturbed demo is kept for later steps.
fn kept() -> Result<PathBuf> {
    let target = cargo::metadata()?["target_directory"]
        .as_str()
        .context("cargo names its target folder")?
        .to_owned();
    Ok(Path::new(&target).join("product-tests"))
}

/// Builds the five startups once undisturbed and once interrupted by a `kill -9`: both end verified, with the same
/// bytes.
fn demo() -> Result<Counts> {
    let folder = kept()?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let (whole, killed) = (folder.join("whole"), folder.join("killed"));
    let start = now();
    let summary = run_demo(&whole)?;
    println!("undisturbed: {:.0} s", start.elapsed().as_secs_f64());
    let mut counts = Counts {
        passed: verified(&summary)?,
        ..Counts::default()
    };
    let landings = kill_demo(&killed)?;
    println!("killed after {landings} landed changes");
    let start = now();
    counts.passed += verified(&run_demo(&killed)?)?;
    println!("resumed: {:.0} s", start.elapsed().as_secs_f64());
    for slug in slugs(&summary)? {
        let tree = |portfolio: &Path| {
            git(
                &portfolio.join("startups").join(&slug),
                &["rev-parse", "main^{tree}"],
            )
        };
        ensure!(
            tree(&whole)? == tree(&killed)?,
            "{slug}: the killed run ended with other bytes"
        );
        let status = git(
            &killed.join("startups").join(&slug),
            &["status", "--porcelain"],
        )?;
        ensure!(
            status.is_empty(),
            "{slug}: its checkout is not at the head:\n{status}"
        );
        counts.passed += 2;
    }
    Ok(counts)
}

fn run_demo(folder: &Path) -> Result<Value> {
    let output = Command::new(program()?)
        .args(["demo", "--json", "--dir"])
        .arg(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let last = text.lines().last().context("the demo prints nothing")?;
    let summary: Value =
        serde_json::from_str(last).with_context(|| format!("the last line is not JSON: {last}"))?;
    for startup in summary["startups"].as_array().into_iter().flatten() {
        println!(
            "{}: {}, {} tasks, {} landed, {} merges ({} automatic), stories {}/{}, {:.0} s",
            startup["slug"],
            startup["state"],
            startup["tasks"],
            startup["landed"],
            startup["merges"],
            startup["merges_automatic"],
            startup["stories"]["built"],
            startup["stories"]["total"],
            startup["seconds"].as_f64().unwrap_or_default(),
        );
    }
    ensure!(
        output.status.success(),
        "the demo ends with {}: {summary:#}",
        output.status
    );
    Ok(summary)
}

/// Starts the demo and kills it after a third of the changes of a complete one have landed; returns how many had.
fn kill_demo(folder: &Path) -> Result<u32> {
    const ENOUGH: u32 = 40;
    let mut child = Command::new(program()?)
        .args(["demo", "--json", "--dir"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let lines = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
    let mut landed = 0;
    for line in lines {
        let event: Value = serde_json::from_str(&line?)?;
        landed += u32::from(event["type"] == "run.landed");
        if landed >= ENOUGH {
            child.kill()?;
            break;
        }
    }
    let status = child.wait()?;
    ensure!(
        !status.success(),
        "the demo ended before it could be killed"
    );
    Ok(landed)
}

/// What the issue of a demo promises of every startup; how many checks that were.
fn verified(summary: &Value) -> Result<u32> {
    let startups = summary["startups"]
        .as_array()
        .context("the summary lists startups")?;
    ensure!(startups.len() == 5, "{} startups", startups.len());
    let mut passed = 0;
    let mut merges = 0;
    for startup in startups {
        ensure!(startup["state"] == "verified", "not verified: {startup:#}");
        let checks: BTreeMap<&str, &str> = startup["verified"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|check| Some((check["check"].as_str()?, check["result"].as_str()?)))
            .collect();
        for check in ["install", "lint", "types", "tests", "coverage", "build"] {
            ensure!(
                checks.get(check) == Some(&"passed"),
                "{}: {check}: {checks:?}",
                startup["slug"]
            );
            passed += 1;
        }
        merges += startup["merges"].as_u64().unwrap_or_default();
    }
    ensure!(merges > 0, "no change met another: the demo does not merge");
    Ok(passed + 1)
}

fn slugs(summary: &Value) -> Result<Vec<String>> {
    let startups = summary["startups"]
        .as_array()
        .context("the summary lists startups")?;
    Ok(startups
        .iter()
        .filter_map(|startup| Some(startup["slug"].as_str()?.to_owned()))
        .collect())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .output()?;
    ensure!(
        output.status.success(),
        "git {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Starts a product of the demo, creates a record through its API and views it in Chromium.
fn browser() -> Result<Counts> {
    let portfolio = kept()?.join("whole");
    let mut names: Vec<_> = std::fs::read_dir(portfolio.join("startups"))?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<Result<_>>()?;
    names.sort();
    let slug = names
        .first()
        .context("the demo has built no startup")?
        .to_string_lossy()
        .into_owned();
    let factory = |words: &[&str]| -> Result<String> {
        let output = Command::new(program()?)
            .args(words)
            .arg("--portfolio")
            .arg(&portfolio)
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            output.status.success(),
            "factory {}: {said}",
            words.join(" ")
        );
        Ok(String::from_utf8(output.stdout)?)
    };
    let running: Value = serde_json::from_str(&factory(&["startup", "up", &slug, "--json"])?)?;
    let url = running["url"]
        .as_str()
        .context("a running product has an address")?;
    let screenshot = kept()?.join("record.png");
    let seen = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/see_record.py"))
        .arg(url)
        .arg(
            portfolio
                .join("startups")
                .join(&slug)
                .join("docs/factory/blueprint.json"),
        )
        .arg(&screenshot)
        .output()?;
    factory(&["startup", "down", &slug])?;
    let printed = String::from_utf8_lossy(&seen.stdout).into_owned();
    println!("{printed}screenshot: {}", screenshot.display());
    ensure!(
        seen.status.success(),
        "{}",
        String::from_utf8_lossy(&seen.stderr)
    );
    Ok(Counts {
        passed: u32::try_from(printed.matches("passed:").count())?,
        ..Counts::default()
    })
}
