//! Embeds `templates/` in the program: writes a table of every file with its mode and bytes.
//!
//! `include_dir!` would embed caches too and forget which files are executable.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "src/ignored.rs"]
mod ignored;

fn main() -> Result<(), Box<dyn Error>> {
    let home = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let root = home.join("../../templates").canonicalize()?;
    // A folder is watched with all that is below it; the bytes are watched by `include_bytes!`.
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/ignored.rs");
    let mut files = Vec::new();
    collect(&root, "", &mut files)?;
    files.sort();
    let mut table = String::from("pub(super) static FILES: &[(&str, bool, &[u8])] = &[\n");
    for (path, executable) in files {
        let source = root.join(&path);
        let source = source
            .to_str()
            .ok_or("the path of the sources is not UTF-8")?;
        writeln!(
            table,
            "    ({path:?}, {executable}, include_bytes!({source:?})),"
        )?;
    }
    table.push_str("];\n");
    fs::write(
        PathBuf::from(variable("OUT_DIR")?).join("embedded.rs"),
        table,
    )?;
    Ok(())
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::vars()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
        .ok_or_else(|| name.into())
}

fn collect(
    dir: &Path,
    prefix: &str,
    files: &mut Vec<(String, bool)>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name
            .to_str()
            .ok_or_else(|| format!("{} is not UTF-8", entry.path().display()))?;
        if ignored::is_ignored(name) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if entry.file_type()?.is_file() {
            files.push((path, is_executable(&entry.metadata()?)));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}
