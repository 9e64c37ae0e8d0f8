//! The external `git`: its version, and one way to call it that runs no hooks.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use thiserror::Error;

/// The oldest `git` with `merge-tree --write-tree`.
pub const GIT_VERSION_MIN: GitVersion = GitVersion {
    major: 2,
    minor: 38,
};

/// The version of the external `git`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitVersion {
    /// 2 in `2.47.3`.
    pub major: u32,
    /// 47 in `2.47.3`.
    pub minor: u32,
}

impl std::fmt::Display for GitVersion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

/// Why the external `git` cannot be used.
#[derive(Debug, Error)]
pub enum VersionError {
    /// It did not start; usually it is not installed.
    #[error("start `git`")]
    Start(#[source] std::io::Error),
    /// Its version could not be parsed.
    #[error("`git --version` said `{said}`")]
    Unknown {
        /// Its output.
        said: String,
    },
    /// Older than [`GIT_VERSION_MIN`].
    #[error("git {found} is too old; {GIT_VERSION_MIN} or later is required")]
    TooOld {
        /// The installed version.
        found: GitVersion,
    },
}

/// Asks the external `git` for its version; refuses one that is too old.
pub fn git_version() -> Result<GitVersion, VersionError> {
    let output = git(Path::new("."))
        .arg("--version")
        .output()
        .map_err(VersionError::Start)?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let found = parse_version(&said).ok_or(VersionError::Unknown { said })?;
    if found < GIT_VERSION_MIN {
        return Err(VersionError::TooOld { found });
    }
    Ok(found)
}

/// Reads `git version 2.47.3 (Apple Git-154)`.
fn parse_version(said: &str) -> Option<GitVersion> {
    let mut numbers = said.strip_prefix("git version ")?.split(['.', ' ']);
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some(GitVersion { major, minor })
}

/// Variables that could point our `git` at another repository.
const STRAY_VARIABLES: [&str; 14] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_TRACE",
    "GIT_WORK_TREE",
];

/// A call of the external `git` in `dir`: no hooks, no monitor, no questions, and only the
/// repository's own configuration.
pub(super) fn git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    for variable in STRAY_VARIABLES {
        command.env_remove(variable);
    }
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
        ])
        .args(["-c", "submodule.recurse=false"])
        .current_dir(dir)
        .stdin(Stdio::null());
    command
}

/// Runs `command` and feeds it `input`.
pub(super) fn run_with_input(command: &mut Command, input: &[u8]) -> std::io::Result<Output> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // The commands fed this way read all input before they answer, so the pipes cannot fill up.
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input)?;
    }
    child.wait_with_output()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_git_says_them() {
        for (said, expected) in [
            ("git version 2.47.3", Some((2, 47))),
            ("git version 2.39.5 (Apple Git-154)", Some((2, 39))),
            ("git version 2.50.0.windows.1", Some((2, 50))),
            ("hub version 2.3", None),
        ] {
            let expected = expected.map(|(major, minor)| GitVersion { major, minor });
            assert_eq!(parse_version(said), expected, "{said}");
        }
    }
}
