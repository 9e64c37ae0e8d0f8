//! A change as data: it goes to git objects straight from memory, without a staging area.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::area::StagingError;
use super::change_set::{ChangeSet, Rules};
use super::compare::{Base, Content, NewFiles, compare, has_folder};
use super::names::{folders_of, is_plain, path_fault, prefixes};
use super::violation::Violation;
use crate::git::{FileMode, Listing, Oid, Repository};

/// The longest target of a link that file systems take, in bytes.
const LINK_BYTES_MAX: usize = 4_095;

/// What differs from a base, held in memory.
///
/// A file in the place of a folder removes what is in the folder, and a file below a path that was a file turns that
/// path into a folder. Unlike in a staging area, files that `.gitignore` names are part of the change: whoever writes
/// one as data means it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeChange {
    /// Starts from the empty tree instead of the base's, as a scaffold does. Submodules stay.
    pub replaces_all: bool,
    /// New files by path; none deletes. Deleting a path that is not a file of the base does nothing.
    pub files: BTreeMap<String, Option<FileContent>>,
}

/// A file of a [`TreeChange`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent {
    /// Not [`FileMode::Submodule`]: that is a violation.
    pub mode: FileMode,
    /// For a symbolic link, its target.
    pub bytes: Vec<u8>,
}

impl FileContent {
    /// A plain file.
    pub fn file(bytes: impl Into<Vec<u8>>) -> Self {
        let (mode, bytes) = (FileMode::File, bytes.into());
        Self { mode, bytes }
    }
}

/// Writes what `change` makes of `base` to the repository's objects, judged by the rules that
/// [`changed`](super::Staging::changed) judges an area by.
pub fn write_change(
    repo: &Repository,
    base: Option<Oid>,
    change: &TreeChange,
    rules: &Rules,
) -> Result<ChangeSet, StagingError> {
    let base = Base::read(repo, base)?;
    let (files, violations) = overlay(&base.listing, change, rules);
    compare(repo, rules, &base, &files, violations)
}

/// The base's files with the change laid over them.
struct Overlay<'a>(BTreeMap<&'a str, Layer<'a>>);

enum Layer<'a> {
    Base(FileMode),
    New(&'a FileContent),
}

impl NewFiles for Overlay<'_> {
    fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().copied()
    }

    fn content(&self, path: &str) -> Result<Content<'_>, Violation> {
        let Some(Layer::New(content)) = self.0.get(path) else {
            return Ok(Content::Unchanged);
        };
        let bytes = content.bytes.as_slice();
        Ok(match (content.mode, std::str::from_utf8(bytes)) {
            (FileMode::Symlink, Ok(target)) => Content::Link(target),
            (mode, _) => Content::File(mode, Cow::Borrowed(bytes)),
        })
    }

    fn is_link(&self, path: &str) -> bool {
        let mode = match self.0.get(path) {
            Some(Layer::Base(mode)) => *mode,
            Some(Layer::New(content)) => content.mode,
            None => return false,
        };
        mode == FileMode::Symlink
    }

    fn is_gone(&self, path: &str) -> bool {
        !self.0.contains_key(path)
    }
}

fn overlay<'a>(
    base: &'a Listing,
    change: &'a TreeChange,
    rules: &Rules,
) -> (Overlay<'a>, Vec<Violation>) {
    let mut faults = BTreeSet::new();
    let mut written = BTreeMap::new();
    for (path, content) in &change.files {
        if rules.is_carried(path) || (content.is_none() && base.contains_key(path)) {
            continue;
        }
        if let Some(fault) = path_fault(path) {
            faults.insert(fault);
        } else if let Some(content) = content {
            faults.extend(content_fault(path, content));
            written.insert(path.as_str(), content);
        }
    }
    let folders: BTreeSet<&str> = written.keys().flat_map(|path| folders_of(path)).collect();
    for path in folders.iter().filter(|path| written.contains_key(*path)) {
        let path = (*path).to_owned();
        faults.insert(Violation::FileAndFolder { path });
    }
    let new_files = written.keys().filter(|path| !base.contains_key(**path));
    let new_folders = folders
        .iter()
        .filter(|path| !base.contains_key(**path) && !has_folder(base, path));
    if new_files.count() + new_folders.count() > rules.new_files_max {
        let files_max = rules.new_files_max;
        faults.insert(Violation::TooMany { files_max });
    }
    let is_removed = |path: &str| {
        change.replaces_all
            || matches!(change.files.get(path), Some(None))
            || folders.contains(path)
            || prefixes(path).any(|prefix| written.contains_key(prefix))
    };
    let mut files: BTreeMap<&str, Layer<'_>> = base
        .iter()
        .filter(|(_, entry)| entry.mode != FileMode::Submodule)
        .filter(|(path, _)| rules.is_carried(path) || !is_removed(path))
        .map(|(path, entry)| (path.as_str(), Layer::Base(entry.mode)))
        .collect();
    for (path, content) in written {
        if content_fault(path, content).is_none() {
            files.insert(path, Layer::New(content));
        }
    }
    (Overlay(files), faults.into_iter().collect())
}

/// What no file system would hold at `path`.
fn content_fault(path: &str, content: &FileContent) -> Option<Violation> {
    let path = || path.to_owned();
    let target = match content.mode {
        FileMode::File | FileMode::Executable => return None,
        FileMode::Submodule => return Some(Violation::InSubmodule { path: path() }),
        FileMode::Symlink => std::str::from_utf8(&content.bytes),
    };
    match target {
        Ok("") => Some(Violation::Path { path: path() }),
        Ok(target) if target.len() > LINK_BYTES_MAX => Some(Violation::Path { path: path() }),
        Ok(target) if is_plain(target) => None,
        _ => Some(Violation::Name { path: path() }),
    }
}
