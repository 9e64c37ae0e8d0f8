//! Checks by tools that not everybody has. Nothing is installed here: a tool that is missing is skipped with
//! the command that installs it, and none of them is part of the required check.

use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};

use crate::cargo;
use crate::count::Counts;
use crate::step::{self, Step};

const STEPS: [Step; 4] = [
    ("licences, duplicates, sources", || {
        run(&DENY, &["check", "licenses", "bans", "sources"])
    }),
    ("advisories", advisories),
    ("spelling", || run(&TYPOS, &[])),
    ("unused dependencies", || run(&MACHETE, &[])),
];

const DENY: Tool = Tool {
    name: "cargo-deny",
    package: "cargo-deny",
    subcommand: Some("deny"),
};
const TYPOS: Tool = Tool {
    name: "typos",
    package: "typos-cli",
    subcommand: None,
};
const MACHETE: Tool = Tool {
    name: "cargo-machete",
    package: "cargo-machete",
    subcommand: Some("machete"),
};

/// A program that may be installed.
struct Tool {
    name: &'static str,
    /// What cargo installs it from.
    package: &'static str,
    /// The command of cargo that it adds; `None` if it is called by its name.
    subcommand: Option<&'static str>,
}

impl Tool {
    fn command(&self, arguments: &[&str]) -> Command {
        if let Some(subcommand) = self.subcommand {
            return cargo::cargo(&[&[subcommand], arguments].concat());
        }
        let mut command = Command::new(self.name);
        command.args(arguments).current_dir(cargo::root());
        command
    }

    fn is_installed(&self) -> bool {
        cargo::is_success(&mut self.command(&["--version"]))
    }

    fn missing(&self) -> String {
        format!(
            "{} is not installed (cargo install {} --locked)",
            self.name, self.package
        )
    }
}

/// Runs every tool that is there.
pub(crate) fn all() -> ExitCode {
    if step::run(&STEPS).show(cargo::is_ci()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run(tool: &Tool, arguments: &[&str]) -> Result<Counts> {
    if !tool.is_installed() {
        return Ok(skipped(tool.missing()));
    }
    let printed = cargo::show(&mut tool.command(arguments))?;
    ensure!(printed.is_success, "{} found something", tool.name);
    Ok(Counts::default())
}

/// Known vulnerabilities: the list of them is fetched, so this needs the network.
fn advisories() -> Result<Counts> {
    if DENY.is_installed() && !cargo::show(&mut DENY.command(&["fetch", "db"]))?.is_success {
        let reason = "the advisory database cannot be fetched".to_owned();
        return Ok(skipped(reason));
    }
    run(&DENY, &["check", "--disable-fetch", "advisories"])
}

fn skipped(reason: String) -> Counts {
    Counts {
        skipped: vec![reason],
        ..Counts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISSING: Tool = Tool {
        name: "cargo-nothing",
        package: "cargo-nothing-cli",
        subcommand: Some("nothing-of-this-name"),
    };
    const VERSION: Tool = Tool {
        name: "cargo",
        package: "cargo",
        subcommand: None,
    };

    #[test]
    fn a_missing_tool_is_skipped_with_the_command_that_installs_it() {
        let counts = run(&MISSING, &[]).unwrap();
        assert_eq!(
            counts.skipped,
            ["cargo-nothing is not installed (cargo install cargo-nothing-cli --locked)"]
        );
    }

    #[test]
    fn a_tool_that_is_there_is_run_and_what_it_finds_fails_the_step() {
        assert!(run(&VERSION, &["--version"]).unwrap().skipped.is_empty());
        run(&VERSION, &["nothing-of-this-name"]).unwrap_err();
    }
}
