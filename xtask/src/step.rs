//! Steps of a check: each has a name, takes time, and yields counted results or fails.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cargo;
use crate::count::Counts;

/// One step: its name and what it does. A check that counts no tests yields empty counts.
pub(crate) type Step = (&'static str, fn() -> Result<Counts>);

/// The outcome of one step.
#[derive(Debug)]
struct Done {
    name: &'static str,
    time: Duration,
    result: Result<Counts>,
}

/// The outcome of all steps.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Done>);

/// Runs all steps in order, even if one fails, and announces each.
pub(crate) fn run(steps: &[Step]) -> Report {
    let mut report = Report::default();
    for (name, step) in steps {
        println!("\n── {name}");
        let start = now();
        let result = step();
        if let Err(error) = &result {
            eprintln!("{name}: {error:#}");
        }
        report.0.push(Done {
            name,
            time: start.elapsed(),
            result,
        });
    }
    report
}

impl Report {
    /// Shows a table of the steps, then alone on the last line how many tests passed and failed.
    /// Returns whether nothing failed.
    ///
    /// A step that failed without failed tests counts as one. In CI each skip counts, too.
    pub(crate) fn show(&self, is_ci: bool) -> bool {
        for line in self.lines(is_ci) {
            println!("{line}");
        }
        self.totals(is_ci).1 == 0
    }

    fn lines(&self, is_ci: bool) -> Vec<String> {
        let width = self
            .0
            .iter()
            .map(|done| done.name.chars().count())
            .max()
            .unwrap_or(0);
        let mut lines = vec![String::new()];
        for Done { name, time, result } in &self.0 {
            let outcome = match result {
                Err(_) => "FAILED".to_owned(),
                Ok(Counts {
                    passed: 0,
                    failed: 0,
                    ..
                }) => "ok".to_owned(),
                Ok(Counts { passed, failed, .. }) => format!("{passed} passed, {failed} failed"),
            };
            lines.push(format!(
                "{name:width$}  {:7.1} s  {outcome}",
                time.as_secs_f64()
            ));
        }
        for done in &self.0 {
            let skipped = done
                .result
                .as_ref()
                .map_or([].as_slice(), |counts| &counts.skipped);
            lines.extend(
                skipped
                    .iter()
                    .map(|reason| format!("SKIPPED: {reason} ({})", done.name)),
            );
        }
        let (passed, failed) = self.totals(is_ci);
        lines.push(String::new());
        lines.push(format!("{passed} passed, {failed} failed"));
        lines
    }

    fn totals(&self, is_ci: bool) -> (u32, u32) {
        let (mut passed, mut failed) = (0, 0);
        for done in &self.0 {
            match &done.result {
                Err(_) => failed += 1,
                Ok(counts) => {
                    passed += counts.passed;
                    failed += counts.failed;
                    if is_ci {
                        failed += u32::try_from(counts.skipped.len()).unwrap_or(u32::MAX);
                    }
                }
            }
        }
        (passed, failed)
    }
}

/// Runs a cargo command that succeeds or not and counts nothing.
pub(crate) fn check(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Counts> {
    let mut command = cargo::cargo(arguments);
    command.envs(variables.iter().copied());
    anyhow::ensure!(cargo::show(&mut command)?.is_success, "the command failed");
    Ok(Counts::default())
}

/// The time; steps are measured, not simulated.
#[expect(clippy::disallowed_methods, reason = "real steps take real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(skipped: &[&str]) -> Report {
        let skipped = skipped.iter().map(|reason| (*reason).to_owned()).collect();
        let done = |name, result| Done {
            name,
            time: Duration::from_millis(1500),
            result,
        };
        Report(vec![
            done("format", Ok(Counts::default())),
            done(
                "tests",
                Ok(Counts {
                    passed: 7,
                    failed: 0,
                    skipped,
                }),
            ),
        ])
    }

    #[test]
    fn the_last_line_holds_the_counts_alone() {
        let lines = report(&[]).lines(true);
        assert_eq!(lines.last().unwrap(), "7 passed, 0 failed");
        assert_eq!(lines[1], "format      1.5 s  ok");
        assert_eq!(lines[2], "tests       1.5 s  7 passed, 0 failed");
    }

    #[test]
    fn what_was_skipped_is_said_and_fails_in_ci() {
        let report = report(&["no browser"]);
        assert!(
            report
                .lines(false)
                .contains(&"SKIPPED: no browser (tests)".to_owned())
        );
        assert_eq!(report.totals(false), (7, 0));
        assert_eq!(report.totals(true), (7, 1));
    }

    #[test]
    fn a_step_that_breaks_counts_as_a_failure_and_the_next_one_runs() {
        let report = run(&[
            ("broken", || anyhow::bail!("no")),
            ("whole", || {
                Ok(Counts {
                    passed: 2,
                    ..Counts::default()
                })
            }),
        ]);
        assert_eq!(report.totals(false), (2, 1));
    }
}
