//! Installs what the tests need and a fresh machine lacks.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::cargo;
use crate::count::Counts;

/// A tool, how to see that it is installed, and the Debian packages that contain it.
struct Tool {
    name: &'static str,
    is_present: fn() -> bool,
    packages: &'static [&'static str],
}

const TOOLS: [Tool; 4] = [
    Tool {
        name: "git",
        is_present: has_git,
        packages: &["git"],
    },
    Tool {
        name: "python3 with venv",
        is_present: has_python,
        packages: &["python3", "python3-venv"],
    },
    Tool {
        name: "chromium",
        is_present: has_chromium,
        packages: &["chromium"],
    },
    Tool {
        name: "chromedriver",
        is_present: || cargo::succeeds("chromedriver", &["--version"]),
        packages: &["chromium-driver"],
    },
];

fn has_git() -> bool {
    cargo::succeeds("git", &["--version"])
}

fn has_python() -> bool {
    cargo::succeeds("python3", &["-c", "import venv, ensurepip"])
}

fn has_chromium() -> bool {
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .any(|name| cargo::succeeds(name, &["--version"]))
}

/// Installs what is missing where that is allowed, and says what is still missing.
pub(crate) fn run() -> Result<Counts> {
    let missing = || TOOLS.iter().filter(|tool| !(tool.is_present)());
    let packages: Vec<&str> = missing().flat_map(|tool| tool.packages).copied().collect();
    if packages.is_empty() {
        println!("everything is installed");
        return Ok(Counts::default());
    }
    let may_install = rights();
    if let Some(prefix) = may_install {
        println!("installing with apt-get: {}", packages.join(" "));
        apt_get(prefix, &["update", "-q"], &[])?;
        apt_get(
            prefix,
            &["install", "-q", "-y", "--no-install-recommends"],
            &packages,
        )?;
    }
    let skipped = missing().map(|tool| {
        let packages = tool.packages.join(" ");
        format!(
            "{} is missing; install {packages}, or run as root or with CI=true",
            tool.name
        )
    });
    Ok(Counts {
        skipped: skipped.collect(),
        ..Counts::default()
    })
}

/// The command in front of `apt-get`, or `None` where installing is not allowed.
fn rights() -> Option<&'static [&'static str]> {
    if !cargo::succeeds("apt-get", &["--version"]) {
        return None;
    }
    let id = cargo::output(Command::new("id").arg("-u")).unwrap_or_default();
    match id.trim() {
        "0" => Some(&[]),
        _ if cargo::is_ci() => Some(&["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]),
        _ => None,
    }
}

fn apt_get(prefix: &[&str], arguments: &[&str], packages: &[&str]) -> Result<()> {
    let words = [prefix, &["apt-get"], arguments, packages].concat();
    let (program, arguments) = words.split_first().unwrap_or((&"apt-get", &[]));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    ensure!(cargo::show(&mut command)?.is_success, "`apt-get` failed");
    Ok(())
}
