//! The patterns of `.gitignore` files.

use std::path::Path;

use gix::bstr::BStr;
use gix::glob::pattern::Case;
use gix::ignore::Search;
use gix::ignore::search::Ignore;

use crate::git::{FileMode, GitError, Listing, Repository};

/// A `.gitignore` longer than this is not read as one.
pub(super) const IGNORE_BYTES_MAX: u64 = 1 << 20;

/// Patterns of several `.gitignore` files; a folder's must be added after its parents', so that they win.
#[derive(Debug, Default)]
pub(super) struct Ignored(Search);

impl Ignored {
    /// The patterns that a tree brings itself.
    pub(super) fn of(repo: &Repository, listing: &Listing) -> Result<Self, GitError> {
        let is_ignore_file = |path: &str| path.rsplit('/').next() == Some(".gitignore");
        let is_file = |mode| matches!(mode, FileMode::File | FileMode::Executable);
        let mut files: Vec<_> = listing
            .iter()
            .filter(|(path, entry)| is_ignore_file(path) && is_file(entry.mode))
            .collect();
        files.sort_by_key(|(path, _)| path.matches('/').count());
        let mut ignored = Self::default();
        for (path, entry) in files {
            let bytes = repo.read_blob(entry.oid)?;
            // One that cannot be parsed ignores nothing.
            drop(ignored.add(path, &bytes));
        }
        Ok(ignored)
    }

    /// Adds the patterns of the `.gitignore` at `path`.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        let parse = Ignore {
            support_precious: false,
        };
        self.0
            .add_patterns_buffer(bytes, path, Some(Path::new("")), parse)
    }

    /// Whether the patterns ignore the path itself; what is below an ignored folder is ignored, too.
    pub(super) fn matches(&self, path: &str, is_dir: bool) -> bool {
        let path = BStr::new(path.as_bytes());
        let found = self
            .0
            .pattern_matching_relative_path(path, Some(is_dir), Case::Sensitive);
        found.is_some_and(|found| !found.pattern.is_negative())
    }
}
