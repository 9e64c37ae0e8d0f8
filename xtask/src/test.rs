//! The whole required check.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::count::{self, Counts};
use crate::step::{self, Step};
use crate::{cargo, product, setup, tidy};

/// How much to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Full,
    Quick,
}

/// Runs all steps and shows the results.
pub(crate) fn run(extent: Extent) -> ExitCode {
    let report = step::run(&steps(extent));
    if extent == Extent::Quick {
        println!("\nskipped by --quick: set-up, documentation, examples in it, product tests");
    }
    let is_good = report.show(cargo::is_ci());
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn steps(extent: Extent) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    if extent == Extent::Full {
        steps.push(("set-up", setup::run));
    }
    steps.push(("format", || step::check(&["fmt", "--all", "--check"], &[])));
    steps.push(("lints", || {
        step::check(
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
            &[],
        )
    }));
    if extent == Extent::Full {
        steps.push(("documentation", || {
            step::check(
                &["doc", "--workspace", "--no-deps"],
                &[("RUSTDOCFLAGS", "-D warnings")],
            )
        }));
    }
    steps.push(("tests", tests));
    if extent == Extent::Full {
        steps.push(("examples in documentation", doc_tests));
    }
    steps.push(("tidy", tidy::step));
    if extent == Extent::Full {
        steps.extend(product::steps());
    }
    steps
}

/// All tests of the workspace, by nextest if it is installed.
pub(crate) fn tests() -> Result<Counts> {
    if !cargo::succeeds("cargo", &["nextest", "--version"]) {
        // Not `--all-targets`: it would run the benches, too.
        let kinds = ["--lib", "--bins", "--tests", "--examples"];
        let arguments = [["test", "--workspace", "--no-fail-fast"].as_slice(), &kinds].concat();
        return counted(&[&arguments[..], &["--", "--show-output"]].concat());
    }
    let metadata = cargo::metadata()?;
    let target = Path::new(metadata["target_directory"].as_str().unwrap_or("target"));
    let results = target.join("nextest/default/junit.xml");
    if results.exists() {
        fs::remove_file(&results)?;
    }
    let config = format!(
        "factory:{}",
        cargo::root().join("xtask/nextest.toml").display()
    );
    let mut counts = counted(&[
        "nextest",
        "run",
        "--workspace",
        "--no-fail-fast",
        "--no-tests=pass",
        "--tool-config-file",
        &config,
    ])?;
    // Nextest does not show what passing tests print.
    counts.skipped.extend(count::skips(
        &fs::read_to_string(&results).unwrap_or_default(),
    ));
    counts.skipped.sort_unstable();
    counts.skipped.dedup();
    Ok(counts)
}

fn doc_tests() -> Result<Counts> {
    counted(&["test", "--workspace", "--doc", "--no-fail-fast"])
}

fn counted(arguments: &[&str]) -> Result<Counts> {
    let printed = cargo::show(&mut cargo::cargo(arguments))?;
    let counts = count::count(&printed.lines);
    if !printed.is_success && counts.failed == 0 {
        bail!("the command failed before all tests were run");
    }
    Ok(counts)
}
