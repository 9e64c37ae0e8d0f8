//! All checks in one list, as a command and as a step of the whole check.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::repository::Repository;
use super::{circles, doors, files, layers, names, words};
use crate::count::Counts;

/// A check: its name and what it finds wrong.
type Check = (&'static str, fn(&Repository) -> Vec<String>);

const CHECKS: [Check; 8] = [
    ("arrows between crates", |repository| {
        layers::arrows(&repository.metadata)
    }),
    ("pinned dependencies", |repository| {
        layers::pins(&repository.metadata)
    }),
    ("doors", |repository| {
        doors::rooms_in_doors(repository.sources(), &doors::NOT_YET)
    }),
    ("circles", |repository| {
        circles::circles(repository.sources(), &circles::NOT_YET)
    }),
    ("size of files", |repository| {
        files::sizes(repository.sources())
    }),
    ("forgotten test files", |repository| {
        files::forgotten_tests(repository.sources())
    }),
    ("names", |repository| names::unwanted(repository.sources())),
    ("words", |repository| words::unwanted(&repository.files)),
];

/// All violations, each with the name of its check.
fn violations() -> Result<Vec<String>> {
    let repository = Repository::read()?;
    let mut all = Vec::new();
    for (name, check) in CHECKS {
        all.extend(
            check(&repository)
                .into_iter()
                .map(|violation| format!("{name}: {violation}")),
        );
    }
    Ok(all)
}

/// As a step of the whole check. It counts nothing: its rules are also among the tests.
pub(crate) fn step() -> Result<Counts> {
    let violations = violations()?;
    if violations.is_empty() {
        println!("{} rules are kept", CHECKS.len());
        return Ok(Counts::default());
    }
    bail!("\n  {}", violations.join("\n  "))
}

/// As a command.
pub(crate) fn run() -> Result<ExitCode> {
    step().map(|_| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let violations = violations().unwrap();
        assert!(violations.is_empty(), "\n  {}", violations.join("\n  "));
    }

    #[test]
    fn the_checks_look_at_something() {
        let repository = Repository::read().unwrap();
        assert!(
            repository
                .sources()
                .any(|(path, _)| path == "xtask/src/tidy/mod.rs")
        );
        assert!(repository.metadata["packages"].as_array().unwrap().len() >= 10);
        assert!(doors::doors(repository.sources()).count() >= 20);
        let imports = circles::imports(repository.sources());
        assert!(imports.len() >= 400, "{} imports", imports.len());
    }
}
