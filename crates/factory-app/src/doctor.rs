//! What this machine offers and what it cannot enforce, as `factory doctor` prints it.

use std::process::Command;

use factory_engine::git::{GIT_VERSION_MIN, git_version};
use factory_sandbox::{Capability, State, probe};
use factory_templates::Template;
use factory_templates::manifest::printed_version;
use serde::Serialize;

use crate::error::{AppError, Code};
use crate::machine;
use crate::portfolio_dir::PortfolioDir;

/// The tool that makes environments of its own.
const PYTHON: &str = "python3";

/// One line of the doctor's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub name: String,
    /// How it stands.
    pub state: Health,
    /// In words.
    pub detail: String,
}

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works, with less than one might wish.
    Limited,
    /// It does not work.
    Missing,
}

/// Looks at the machine, and at a portfolio if there is one.
pub fn examine(portfolio_dir: Option<&PortfolioDir>, path: &str) -> Vec<Finding> {
    let mut findings = vec![git(), memory(), cores(), staging()];
    findings.extend(probe().iter().map(limit));
    for name in Template::names() {
        findings.extend(tools(name, path));
    }
    if let Some(portfolio_dir) = portfolio_dir {
        findings.push(disk(portfolio_dir));
    }
    findings
}

/// Limits that nothing holds on this machine, by name.
pub fn unenforced() -> Vec<String> {
    let open = probe()
        .into_iter()
        .filter(|capability| capability.state == State::NotEnforced);
    open.map(|capability| capability.name.to_owned()).collect()
}

fn finding(name: impl Into<String>, state: Health, detail: impl Into<String>) -> Finding {
    Finding {
        name: name.into(),
        state,
        detail: detail.into(),
    }
}

/// Refuses to begin what needs git, where there is none or one that is too old.
pub fn require_git() -> Result<(), AppError> {
    let newer = GIT_VERSION_MIN;
    git_version().map(drop).map_err(|error| {
        AppError::new(Code::GitMissing, "git cannot be used")
            .because(error)
            .hint(format!(
                "install git {newer} or newer, and check that it is on PATH; nothing was created"
            ))
    })
}

fn git() -> Finding {
    match git_version() {
        Ok(version) => finding("git", Health::Ok, version.to_string()),
        Err(error) => finding(
            "git",
            Health::Missing,
            format!("{error}; version {GIT_VERSION_MIN} or newer is required"),
        ),
    }
}

fn memory() -> Finding {
    let total = machine::memory_total_mib();
    let state = if total >= 4096 {
        Health::Ok
    } else {
        Health::Limited
    };
    finding(
        "machine: memory",
        state,
        format!("{total} MiB; products may use up to three quarters of it"),
    )
}

fn cores() -> Finding {
    finding(
        "machine: processors",
        Health::Ok,
        machine::cores().to_string(),
    )
}

fn staging() -> Finding {
    finding(
        "staging",
        Health::Limited,
        "parallel copy; this version does not use overlays or clones",
    )
}

fn limit(capability: &Capability) -> Finding {
    let state = match capability.state {
        State::Enforced => Health::Ok,
        State::Watched => Health::Limited,
        State::NotEnforced => Health::Missing,
    };
    finding(
        format!("{} limit", capability.name),
        state,
        match capability.state {
            State::Watched => format!("watched: {}", capability.detail),
            State::Enforced | State::NotEnforced => capability.detail.clone(),
        },
    )
}

fn tools(template: &str, path: &str) -> Vec<Finding> {
    let opened = match Template::embedded(template) {
        Ok(opened) => opened,
        Err(error) => {
            return vec![finding(
                format!("template {template}"),
                Health::Missing,
                crate::error::chain(&error),
            )];
        }
    };
    let mut findings = Vec::new();
    for (tool, version) in &opened.manifest().tools {
        let name = format!("template {template}: {tool}");
        let Some(found) = version_of(tool, path) else {
            let detail = format!("not found; {version} is required to verify its products");
            findings.push(finding(name, Health::Missing, detail));
            continue;
        };
        let fits = printed_version(&found).is_some_and(|found| version.matches(&found));
        let state = if fits { Health::Ok } else { Health::Missing };
        let detail = format!("{found}; {version} is required");
        findings.push(finding(name.as_str(), state, detail));
        if tool == PYTHON {
            findings.push(environments(format!("{name} environments"), path));
        }
    }
    findings
}

/// Whether Python makes virtual environments, in which products are installed: some systems ship it without.
fn environments(name: String, path: &str) -> Finding {
    let said = Command::new(PYTHON)
        .args(["-c", "import ensurepip, venv"])
        .env("PATH", path)
        .output();
    match said {
        Ok(output) if output.status.success() => finding(name, Health::Ok, "venv works"),
        _ => finding(
            name,
            Health::Missing,
            "`python3 -m venv` does not work; install it, on Debian and Ubuntu with `apt install python3-venv`",
        ),
    }
}

fn version_of(tool: &str, path: &str) -> Option<String> {
    let output = Command::new(tool)
        .arg("--version")
        .env("PATH", path)
        .output()
        .ok()?;
    let printed = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    let text = String::from_utf8_lossy(&printed);
    output
        .status
        .success()
        .then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

fn disk(portfolio_dir: &PortfolioDir) -> Finding {
    let left = machine::disk_free_mib(portfolio_dir.root());
    let state = if left >= 5 * 1024 {
        Health::Ok
    } else {
        Health::Limited
    };
    finding(
        "portfolio: disk",
        state,
        format!("{left} MiB left at `{}`", portfolio_dir.root().display()),
    )
}
