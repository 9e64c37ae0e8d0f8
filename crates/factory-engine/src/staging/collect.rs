//! What an area holds after an attempt, for the comparison with its base.

use std::borrow::Cow;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::area::{Area, StagingError};
use super::change_set::{ChangeSet, Rules};
use super::compare::{Base, Content, NewFiles, compare};
use super::violation::Violation;
use super::walk::{Found, Walked, walk};
use crate::git::{FileMode, Repository};

/// Compares the area with its base.
pub(super) fn collect(
    repo: &Repository,
    area: &Area,
    rules: &Rules,
) -> Result<ChangeSet, StagingError> {
    let base = Base::read(repo, area.base)?;
    let mut walked = walk(&area.files, &base.listing, rules);
    let violations = std::mem::take(&mut walked.violations);
    let was_cut_short = violations.iter().any(|violation| {
        matches!(
            violation,
            Violation::TooMany { .. } | Violation::Unreadable { .. }
        )
    });
    let files = AreaFiles {
        area,
        rules,
        base: &base,
        walked: &walked,
        was_cut_short,
    };
    compare(repo, rules, &base, &files, violations)
}

struct AreaFiles<'a> {
    area: &'a Area,
    rules: &'a Rules,
    base: &'a Base,
    walked: &'a Walked,
    /// The walk did not see everything.
    was_cut_short: bool,
}

impl NewFiles for AreaFiles<'_> {
    fn paths(&self) -> impl Iterator<Item = &str> {
        self.walked.found.keys().map(String::as_str)
    }

    fn content(&self, path: &str) -> Result<Content<'_>, Violation> {
        let Some(found) = self.walked.found.get(path) else {
            return Ok(Content::Unchanged);
        };
        match found {
            Found::File(metadata) | Found::Link { metadata, .. }
                if self.base.listing.contains_key(path)
                    && self.area.manifest.vouches_for(path, metadata) =>
            {
                Ok(Content::Unchanged)
            }
            Found::Link { target, .. } => Ok(Content::Link(target)),
            Found::File(metadata) => {
                let mode = FileMode::of_file(metadata.mode() & 0o100 != 0);
                let bytes = self.read(path, metadata)?;
                Ok(Content::File(mode, Cow::Owned(bytes)))
            }
        }
    }

    fn is_link(&self, path: &str) -> bool {
        matches!(self.walked.found.get(path), Some(Found::Link { .. }))
    }

    fn is_gone(&self, path: &str) -> bool {
        !self.walked.found.contains_key(path)
            && (!self.was_cut_short || is_missing(&self.area.files.join(path)))
    }
}

impl AreaFiles<'_> {
    /// The bytes of a file within the limit. A larger one is not read at all.
    fn read(&self, path: &str, expected: &Metadata) -> Result<Vec<u8>, Violation> {
        self.rules.check_size(path, expected.len())?;
        let file = self.area.files.join(path);
        read_file(&file, expected, self.rules.file_bytes_max).map_err(|error| {
            let (path, reason) = (path.to_owned(), error.to_string());
            Violation::Unreadable { path, reason }
        })
    }
}

/// Whether the path certainly does not exist; a folder that cannot be entered does not tell.
fn is_missing(path: &Path) -> bool {
    let missing = [ErrorKind::NotFound, ErrorKind::NotADirectory];
    path.symlink_metadata()
        .is_err_and(|error| missing.contains(&error.kind()))
}

/// Reads at most one byte more than `bytes_max`, and only from the file that the walk found.
fn read_file(path: &Path, expected: &Metadata, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let opened = file.metadata()?;
    if (opened.dev(), opened.ino()) != (expected.dev(), expected.ino()) {
        return Err(std::io::Error::other(
            "it was replaced while it was being collected",
        ));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(opened.len()).unwrap_or(0).min(1 << 26));
    file.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
