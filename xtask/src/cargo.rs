//! Runs commands in the repository, shows what they print and keeps it; asks cargo about the
//! workspace.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_owned)
}

/// Whether nobody watches who could install something or read a hint.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// The cargo that runs us, to be run again in the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    // What `cargo run` tells us about ourselves must not make build scripts believe that something
    // has changed: everything would be compiled twice.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
            .iter()
            .any(|p| text.starts_with(p))
        {
            command.env_remove(&name);
        }
    }
    command
}

/// How a command ended and what it printed.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) is_success: bool,
    pub(crate) lines: Vec<String>,
}

/// Runs a command, shows both its outputs as they come, and keeps them.
pub(crate) fn show(command: &mut Command) -> Result<Printed> {
    let words: Vec<_> = command
        .get_args()
        .map(|word| word.to_string_lossy())
        .collect();
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let shown = format!("{} {}", program.display(), words.join(" "));
    println!("\n$ {shown}");
    let (output, writer) = io::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command
        .spawn()
        .with_context(|| format!("start `{shown}`"))?;
    // Our copies of the pipe, or it would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut lines = Vec::new();
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        lines.push(line);
    }
    Ok(Printed {
        is_success: child.wait()?.success(),
        lines,
    })
}

/// Runs a program silently and says whether it could be started and succeeded.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    is_success(Command::new(program).args(arguments))
}

/// Runs a command silently and says whether it could be started and succeeded.
pub(crate) fn is_success(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a command silently for what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("start `{program}`"))?;
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "`{program}` failed: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}

/// What `cargo metadata` says about the workspace, without external packages.
pub(crate) fn metadata() -> Result<Value> {
    let arguments = [
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--offline",
    ];
    Ok(serde_json::from_str(&output(&mut cargo(&arguments))?)?)
}
