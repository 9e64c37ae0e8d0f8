//! Verification: the template's checks as processes under limits, each `passed`, `failed` or `not_run (why)`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use factory_core::process::{Exit, Finished, Limits, ProcessSpec, SpawnError};
use factory_core::run::{CheckName, CheckResult, CheckState, Outcome, Plan};
use factory_engine::worker::{Assignment, Report, WorkError};
use factory_templates::Check;

use super::{FactoryWorker, area};
use crate::environment::Environment;
use crate::error::chain;

/// Log kept of one process, in mebibytes.
const LOG_MB: u64 = 8;
/// Coverage that a product's tests must reach, in percent, unless its template asks for more.
const COVERAGE_MIN: f64 = 85.0;
/// Longest detail of a check, in characters.
const DETAIL_MAX: usize = 160;

/// A process of a product: its environment is the portfolio's, `${NAME}` in an argument is replaced from it.
pub fn process(
    environment: &Environment,
    run: &[String],
    dir: &Path,
    more: &BTreeMap<String, String>,
    limits: Limits,
    log: PathBuf,
) -> ProcessSpec {
    let env = environment.with(more.clone());
    let argv = run
        .iter()
        .map(|argument| substituted(argument, &env))
        .collect();
    ProcessSpec {
        argv,
        dir: dir.to_owned(),
        env,
        limits,
        log,
        network: false,
    }
}

fn substituted(argument: &str, env: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = argument;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if env.contains_key(name) => {
                out.push_str(env.get(name).map_or("", String::as_str));
                rest = tail;
            }
            _ => {
                out.push_str("${");
                rest = after;
            }
        }
    }
    out + rest
}

impl FactoryWorker {
    pub(super) async fn verify(&self, assignment: &Assignment) -> Result<Report, WorkError> {
        let template = self.template(&assignment.plan)?;
        let manifest = template.manifest();
        let memory_mb = manifest.build.memory_mb;
        let mut checks: Vec<CheckResult> = Vec::new();
        for name in CheckName::ALL {
            let rule = manifest.verify.iter().find(|check| check.check == name);
            let install_failed = checks.iter().any(|check| {
                check.check == CheckName::Install && check.result != CheckState::Passed
            });
            let result = match rule {
                None => not_run(
                    name,
                    format!("template `{}` has no such check", assignment.plan.template),
                ),
                Some(_) if install_failed => {
                    not_run(name, "its dependencies were not installed".to_owned())
                }
                Some(rule) => self.check(assignment, name, rule, memory_mb).await?,
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
            grown: Vec::new(),
        })
    }

    async fn check(
        &self,
        assignment: &Assignment,
        name: CheckName,
        rule: &Check,
        memory_mb: u64,
    ) -> Result<CheckResult, WorkError> {
        let log = assignment
            .log
            .with_extension(format!("{}.log", name.as_str()));
        let limits = Limits {
            wall_clock: Duration::from_secs(rule.timeout_s),
            memory_mb,
            log_mb: LOG_MB,
        };
        let mut spec = process(
            &self.environment,
            &rule.run,
            area(assignment)?,
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
                return Ok(not_run(
                    name,
                    format!("program `{program}` is not on this machine"),
                ));
            }
            Err(error @ SpawnError::Refused { .. }) => {
                return Err(WorkError::Failed(chain(&error)));
            }
        };
        if finished.exit == Exit::Cancelled {
            return Err(WorkError::Failed("the check was cancelled".to_owned()));
        }
        let (result, detail) = judge(name, rule, &finished, &printed);
        let log = Some(self.keep(text, "the log of a check").await?);
        Ok(CheckResult {
            check: name,
            result,
            detail,
            log,
            took: finished.usage.wall_clock,
        })
    }

    pub(super) async fn check_fast(
        &self,
        plan: &Plan,
        area: &Path,
        log: &Path,
    ) -> Result<(), WorkError> {
        let template = self.template(plan)?;
        let Some(rule) = &template.manifest().verify_fast else {
            return Ok(());
        };
        let memory_mb = template.manifest().build.memory_mb;
        let limits = Limits {
            wall_clock: Duration::from_secs(rule.timeout_s),
            memory_mb,
            log_mb: LOG_MB,
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
            Err(error) => return Err(WorkError::Failed(chain(&error))),
        };
        if finished.exit.is_success() {
            return Ok(());
        }
        let printed = tokio::fs::read(log).await.unwrap_or_default();
        let said = last_line(&String::from_utf8_lossy(&printed));
        Err(WorkError::Failed(format!(
            "the quick check of the merged tree failed ({}): {said}",
            ended(&finished.exit)
        )))
    }
}

fn not_run(check: CheckName, detail: String) -> CheckResult {
    CheckResult {
        check,
        result: CheckState::NotRun,
        detail,
        log: None,
        took: Duration::ZERO,
    }
}

/// What a finished check says: by its exit, and for coverage by the last percentage that it printed.
fn judge(
    name: CheckName,
    rule: &Check,
    finished: &Finished,
    printed: &str,
) -> (CheckState, String) {
    if !finished.exit.is_success() {
        return (
            CheckState::Failed,
            format!("{}: {}", ended(&finished.exit), last_line(printed)),
        );
    }
    if name != CheckName::Coverage {
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

fn ended(exit: &Exit) -> String {
    match exit {
        Exit::Code { code } => format!("exit {code}"),
        Exit::Signal { signal } => format!("signal {signal}"),
        Exit::TimedOut => "took too long".to_owned(),
        Exit::OutOfMemory => "used too much memory".to_owned(),
        Exit::Cancelled => "cancelled".to_owned(),
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
    fn a_variable_is_replaced_only_when_it_is_set() {
        let env = BTreeMap::from([("PORT".to_owned(), "3001".to_owned())]);
        assert_eq!(
            substituted("http://127.0.0.1:${PORT}/${X}${", &env),
            "http://127.0.0.1:3001/${X}${"
        );
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
