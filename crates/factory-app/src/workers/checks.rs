//! Verification: the template's checks as processes under limits, each `passed`, `failed` or `not_run (why)`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use factory_core::process::{Exit, Finished, Limits, SpawnError};
use factory_core::run::{CheckName, CheckResult, CheckState, Outcome, Plan};
use factory_engine::worker::{Report, WorkError};
use factory_templates::Check;
use factory_templates::manifest::{COVERAGE, INSTALL};

use super::process::{ended, process};
use super::product::{Job, input};
use super::worker::FactoryWorker;
use crate::error::chain;

/// Log kept of one process, in mebibytes.
const LOG_MIB: u64 = 8;
/// Coverage that a product's tests must reach, in percent, unless its template asks for more.
const COVERAGE_MIN: f64 = 85.0;
/// Longest detail of a check, in characters.
const DETAIL_MAX: usize = 160;

impl FactoryWorker {
    /// Runs the checks that the task asks for, in their order, on the checkout of the target branch.
    pub(super) async fn verify(&self, job: &Job<'_>) -> Result<Report, WorkError> {
        let name = &job.input.template;
        let template = self.template(name)?;
        let manifest = template.manifest();
        let memory_mb = manifest.build.memory_mb;
        let mut checks: Vec<CheckResult> = Vec::new();
        for wanted in &job.assignment.task.checks {
            let rule = manifest.check(wanted.as_str());
            let install_failed = checks
                .iter()
                .any(|check| check.check.as_str() == INSTALL && check.result != CheckState::Passed);
            let result = match rule {
                None => not_run(
                    wanted,
                    format!("template `{name}` does not have this check"),
                ),
                Some(_) if install_failed => {
                    not_run(wanted, "its dependencies were not installed".to_owned())
                }
                Some(rule) => self.check(job, rule, memory_mb).await?,
            };
            checks.push(result);
        }
        let passed = checks
            .iter()
            .filter(|check| check.result == CheckState::Passed)
            .count();
        let note = format!("{passed} of {} checks passed", checks.len());
        let outcome = Outcome {
            checks,
            note: Some(note),
            ..Outcome::default()
        };
        Ok(Report {
            outcome,
            ..Report::default()
        })
    }

    async fn check(
        &self,
        job: &Job<'_>,
        rule: &Check,
        memory_mb: u64,
    ) -> Result<CheckResult, WorkError> {
        let name = &rule.check;
        let log = job.assignment.log.with_extension(format!("{name}.log"));
        let limits = Limits {
            wall_clock: Duration::from_secs(rule.timeout_s),
            memory_mib: memory_mb,
            log_mib: LOG_MIB,
        };
        let mut spec = process(
            &self.environment,
            &rule.run,
            job.area()?,
            &BTreeMap::new(),
            limits,
            log.clone(),
        );
        spec.network = rule.network;
        let ran = self.processes.run(&spec).await;
        let text = tokio::fs::read(&log).await.unwrap_or_default();
        let printed = String::from_utf8_lossy(&text).into_owned();
        let finished = match ran {
            Ok(finished) => finished,
            Err(SpawnError::NotFound { program }) => {
                let problem = format!("program `{program}` is not on this machine");
                return Ok(not_run(name, problem));
            }
            Err(error @ SpawnError::Refused { .. }) => {
                return Err(WorkError::Transient(chain(&error)));
            }
        };
        if finished.exit == Exit::Cancelled {
            return Err(WorkError::Transient("the check was cancelled".to_owned()));
        }
        let (result, detail) = judge(rule, &finished, &printed);
        let log = Some(self.keep(text, "the log of a check").await?);
        let took = finished.usage.wall_clock.as_millis();
        Ok(CheckResult {
            check: name.clone(),
            result,
            detail,
            log,
            took_ms: u64::try_from(took).unwrap_or(u64::MAX),
        })
    }

    pub(super) async fn check_fast(
        &self,
        plan: &Plan,
        area: &Path,
        log: &Path,
    ) -> Result<(), WorkError> {
        let template = self.template(&input(plan)?.template)?;
        let Some(rule) = &template.manifest().verify_fast else {
            return Ok(());
        };
        let memory_mb = template.manifest().build.memory_mb;
        let limits = Limits {
            wall_clock: Duration::from_secs(rule.timeout_s),
            memory_mib: memory_mb,
            log_mib: LOG_MIB,
        };
        let spec = process(
            &self.environment,
            &rule.run,
            area,
            &BTreeMap::new(),
            limits,
            log.to_owned(),
        );
        let finished = match self.processes.run(&spec).await {
            Ok(finished) => finished,
            Err(SpawnError::NotFound { program }) => {
                // Without the tool nothing can be checked here: the change lands, and verification says so.
                tracing::warn!(%program, "merged trees are not checked: the program is not on this machine");
                return Ok(());
            }
            Err(error) => return Err(WorkError::Transient(chain(&error))),
        };
        if finished.exit.is_success() {
            return Ok(());
        }
        let printed = tokio::fs::read(log).await.unwrap_or_default();
        let said = last_line(&String::from_utf8_lossy(&printed));
        Err(WorkError::Transient(format!(
            "the quick check of the merged tree failed ({}): {said}",
            ended(&finished.exit)
        )))
    }
}

fn not_run(check: &CheckName, detail: String) -> CheckResult {
    CheckResult {
        check: check.clone(),
        result: CheckState::NotRun,
        detail,
        log: None,
        took_ms: 0,
    }
}

/// What a finished check says: by its exit, and for coverage by the last percentage that it printed.
fn judge(rule: &Check, finished: &Finished, printed: &str) -> (CheckState, String) {
    if !finished.exit.is_success() {
        return (
            CheckState::Failed,
            format!("{}: {}", ended(&finished.exit), last_line(printed)),
        );
    }
    if rule.check.as_str() != COVERAGE {
        return (CheckState::Passed, last_line(printed));
    }
    let wanted = rule.min_coverage.unwrap_or(COVERAGE_MIN);
    match last_percentage(printed) {
        None => (CheckState::Failed, "it printed no percentage".to_owned()),
        Some(reached) if reached < wanted => (
            CheckState::Failed,
            format!("{reached:.1} % of the lines, {wanted:.0} % are asked for"),
        ),
        Some(reached) => (CheckState::Passed, format!("{reached:.1} % of the lines")),
    }
}

fn last_line(printed: &str) -> String {
    let line = printed
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("it printed nothing");
    let plain = line.trim_matches(|char| char == '=' || char == ' ');
    plain.chars().take(DETAIL_MAX).collect()
}

fn last_percentage(printed: &str) -> Option<f64> {
    let before = printed
        .rmatch_indices('%')
        .map(|(at, _)| printed.get(..at).unwrap_or_default());
    before
        .map(|text| {
            let digits = text
                .rfind(|char: char| !char.is_ascii_digit() && char != '.')
                .map_or(0, |at| at + 1);
            text.get(digits..).unwrap_or_default()
        })
        .find_map(|number| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_percentage_counts() {
        for (printed, expected) in [
            ("TOTAL   412   12   97%\n", Some(97.0)),
            ("a 10%\nTotal coverage: 91.46%\nrequired 85", Some(91.46)),
            ("100 % done", None),
            ("nothing", None),
        ] {
            assert_eq!(last_percentage(printed), expected, "{printed}");
        }
    }

    #[test]
    fn the_last_line_is_told_without_its_rules() {
        assert_eq!(
            last_line("x\n===== 3 failed, 9 passed =====\n\n"),
            "3 failed, 9 passed"
        );
        assert_eq!(last_line("  \n"), "it printed nothing");
    }
}
