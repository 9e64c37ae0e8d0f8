//! The rules of the house that no compiler knows. Each check is a pure function from what the
//! repository holds to a list of violations; its unit test shows it a broken example.

mod files;
mod layers;
mod names;
mod words;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::cargo;
use crate::count::Counts;

/// What the checks look at.
#[derive(Debug)]
struct Repository {
    /// What `cargo metadata --no-deps` says.
    metadata: Value,
    /// Every text file that git knows or would add: path from the root and content.
    files: Vec<(String, String)>,
}

impl Repository {
    fn read() -> Result<Self> {
        let mut git = Command::new("git");
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let list = cargo::output(git.current_dir(cargo::root()))?;
        let mut files = Vec::new();
        for path in list.split('\0').filter(|path| !path.is_empty()) {
            // A file may be deleted but not yet committed, or be no text.
            if let Ok(text) = fs::read_to_string(cargo::root().join(path)) {
                files.push((path.to_owned(), text));
            }
        }
        Ok(Self {
            metadata: cargo::metadata()?,
            files,
        })
    }

    /// The Rust sources of our own crates, not those of templates and fixtures.
    fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self
            .files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        files.filter(|(path, _)| {
            (path.starts_with("crates/") || path.starts_with("xtask/"))
                && Path::new(path)
                    .extension()
                    .is_some_and(|extension| extension == "rs")
                && !path.contains("/fixtures/")
        })
    }
}

/// A check: its name and what it finds wrong.
type Check = (&'static str, fn(&Repository) -> Vec<String>);

const CHECKS: [Check; 6] = [
    ("arrows between crates", |repository| {
        layers::arrows(&repository.metadata)
    }),
    ("pinned dependencies", |repository| {
        layers::pins(&repository.metadata)
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

/// As a step of the whole check. It counts nothing: its rules also stand among the tests.
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
    }
}
