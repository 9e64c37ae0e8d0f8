//! What the checks look at, read once.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde_json::Value;

use crate::cargo;

/// The manifests and the text files of this repository.
#[derive(Debug)]
pub(super) struct Repository {
    /// What `cargo metadata --no-deps` says.
    pub(super) metadata: Value,
    /// Every text file that git knows or would add: path from the root and content.
    pub(super) files: Vec<(String, String)>,
}

impl Repository {
    pub(super) fn read() -> Result<Self> {
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
            // A file may be deleted but not yet committed, or not be text.
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
    pub(super) fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
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
