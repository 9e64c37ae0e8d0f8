//! Repeats the tests, to find flaky ones.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::count::Counts;
use crate::{lint_tools, step, test};

/// Runs the tools that the required check leaves out, then whole rounds until the time is up, at least one.
pub(crate) fn run(minutes: u64) -> Result<ExitCode> {
    let tools = lint_tools::all();
    let start = step::now();
    let mut total = Counts::default();
    let mut rounds = 0;
    while rounds == 0 || start.elapsed() < Duration::from_secs(minutes * 60) {
        rounds += 1;
        println!("\n── round {rounds}");
        total.add(test::tests()?);
    }
    println!("\n{rounds} rounds in {} s", start.elapsed().as_secs());
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 && tools == ExitCode::SUCCESS {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
