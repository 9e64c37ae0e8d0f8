//! From an area to a change: what differs from the base, judged by the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use factory_core::claim::covers;

use super::area::{Area, StagingError};
use super::change::{Change, ChangeSet, Rules, Violation};
use super::names::{LinkFault, link_fault, twins};
use super::walk::{Found, Walked, walk};
use crate::git::{Entry, FileMode, Listing, Oid, Repository};

/// Compares the area with its base; changed contents go to the repository's objects, where they do no
/// harm when nobody lands them.
pub(super) fn collect(
    repo: &Repository,
    area: &Area,
    rules: &Rules,
) -> Result<ChangeSet, StagingError> {
    let base_tree = match area.base {
        Some(commit) => repo.tree_of(commit)?,
        None => repo.write_tree::<&str>(Oid::empty_tree(), [])?,
    };
    let base = repo.read_tree(base_tree)?;
    let mut walked = walk(&area.files, &base, rules);
    let mut violations = std::mem::take(&mut walked.violations);
    let compare = Compare {
        repo,
        area,
        rules,
        base: &base,
        walked: &walked,
    };
    let mut changes = compare.deletions(&violations);
    for (path, found) in &walked.found {
        match compare.entry(path, found)? {
            Ok(None) => {}
            Ok(Some(entry)) => changes.push(compare.change(path, entry)),
            Err(violation) => violations.push(violation),
        }
    }
    violations.extend(new_twins(&base, &walked, &changes));
    let mut changes = pair_renames(changes);
    changes.sort_by(|one, other| one.path().cmp(other.path()));
    let tree = if violations.is_empty() {
        repo.write_tree(base_tree, changes.iter().flat_map(Change::edits))?
    } else {
        base_tree
    };
    let mut set = ChangeSet {
        tree,
        changes,
        violations,
        outside_claims: Vec::new(),
    };
    let mut paths = set.paths();
    paths.retain(|path| !covers(&rules.claims, path));
    set.outside_claims = paths;
    Ok(set)
}

struct Compare<'a> {
    repo: &'a Repository,
    area: &'a Area,
    rules: &'a Rules,
    base: &'a Listing,
    walked: &'a Walked,
}

impl Compare<'_> {
    /// Files of the base that are gone. What could not be looked at is not gone: it is a violation.
    fn deletions(&self, violations: &[Violation]) -> Vec<Change> {
        let was_cut_short = violations.iter().any(|violation| {
            matches!(
                violation,
                Violation::TooMany { .. } | Violation::Unreadable { .. }
            )
        });
        let is_gone = |path: &str, entry: &Entry| {
            entry.mode != FileMode::Submodule
                && !self.walked.found.contains_key(path)
                && (!was_cut_short || is_missing(&self.area.files.join(path)))
                && !self.rules.is_carried(path)
        };
        let gone = self
            .base
            .iter()
            .filter(|(path, entry)| is_gone(path, entry));
        gone.map(|(path, before)| Change::Deleted {
            path: path.clone(),
            before: *before,
        })
        .collect()
    }

    fn change(&self, path: &str, entry: Entry) -> Change {
        let path = path.to_owned();
        match self.base.get(&path) {
            Some(before) => Change::Modified {
                path,
                before: *before,
                entry,
            },
            None => Change::Added { path, entry },
        }
    }

    /// The entry of a path that differs from the base, none when it does not.
    fn entry(
        &self,
        path: &str,
        found: &Found,
    ) -> Result<Result<Option<Entry>, Violation>, StagingError> {
        let before = self.base.get(path);
        if self.is_in_submodule(path) {
            return Ok(Err(Violation::InSubmodule {
                path: path.to_owned(),
            }));
        }
        let (mode, bytes) = match found {
            Found::File(metadata) | Found::Link { metadata, .. }
                if before.is_some() && self.area.manifest.vouches_for(path, metadata) =>
            {
                return Ok(Ok(None));
            }
            Found::Link { target, .. } => (FileMode::Symlink, target.clone().into_bytes()),
            Found::File(metadata) => {
                let is_executable = metadata.mode() & 0o100 != 0;
                let mode = if is_executable {
                    FileMode::Executable
                } else {
                    FileMode::File
                };
                match self.read(path, metadata) {
                    Ok(bytes) => (mode, bytes),
                    Err(violation) => return Ok(Err(violation)),
                }
            }
        };
        let entry = Entry {
            mode,
            oid: Oid::of_blob(&bytes)?,
        };
        if before == Some(&entry) {
            return Ok(Ok(None));
        }
        if let Found::Link { target, .. } = found
            && let Some(violation) = self.fault_of_link(path, target)
        {
            return Ok(Err(violation));
        }
        if before.is_none_or(|before| before.oid != entry.oid) {
            self.repo.write_blob(&bytes)?;
        }
        Ok(Ok(Some(entry)))
    }

    fn fault_of_link(&self, path: &str, target: &str) -> Option<Violation> {
        let is_link = |path: &str| matches!(self.walked.found.get(path), Some(Found::Link { .. }));
        let (path, target) = (path.to_owned(), target.to_owned());
        match link_fault(&path, &target, is_link)? {
            LinkFault::Out => Some(Violation::LinkOut { path, target }),
            LinkFault::IntoGit => Some(Violation::LinkIntoGit { path, target }),
        }
    }

    fn is_in_submodule(&self, path: &str) -> bool {
        let mut prefixes = path
            .match_indices('/')
            .map(|(at, _)| &path[..at])
            .chain([path]);
        prefixes.any(|prefix| {
            self.base
                .get(prefix)
                .is_some_and(|entry| entry.mode == FileMode::Submodule)
        })
    }

    /// The bytes of a file within the limit. A larger one is not read at all.
    fn read(&self, path: &str, expected: &Metadata) -> Result<Vec<u8>, Violation> {
        let bytes_max = self.rules.file_bytes_max;
        let too_large = |bytes| Violation::TooLarge {
            path: path.to_owned(),
            bytes,
            bytes_max,
        };
        if expected.len() > bytes_max {
            return Err(too_large(expected.len()));
        }
        let unreadable = |reason: String| Violation::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let read = read_file(&self.area.files.join(path), expected, bytes_max);
        let bytes = read.map_err(|error| unreadable(error.to_string()))?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > bytes_max {
            Err(too_large(length))
        } else {
            Ok(bytes)
        }
    }
}

/// Whether certainly nothing stands there; a folder that cannot be entered says nothing about that.
fn is_missing(path: &Path) -> bool {
    let missing = [ErrorKind::NotFound, ErrorKind::NotADirectory];
    path.symlink_metadata()
        .is_err_and(|error| missing.contains(&error.kind()))
}

/// Reads at most one byte more than `bytes_max`, from the very file that was looked at.
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

fn new_twins(base: &Listing, walked: &Walked, changes: &[Change]) -> Vec<Violation> {
    let added: BTreeSet<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Added { path, .. } => Some(path.as_str()),
            _ => None,
        })
        .collect();
    if added.is_empty() {
        return Vec::new();
    }
    let submodules = base
        .iter()
        .filter(|(_, entry)| entry.mode == FileMode::Submodule);
    let all = walked
        .found
        .keys()
        .chain(submodules.map(|(path, _)| path))
        .map(String::as_str);
    let found = twins(all, &added).into_iter();
    found
        .map(|(path, twin)| Violation::Twins { path, twin })
        .collect()
}

/// Makes a rename of a file that went and one with the same content that came.
fn pair_renames(changes: Vec<Change>) -> Vec<Change> {
    let empty = Oid::of_blob(b"").ok();
    let mut gone: BTreeMap<Oid, Vec<String>> = BTreeMap::new();
    for change in &changes {
        if let Change::Deleted { path, before } = change
            && Some(before.oid) != empty
        {
            gone.entry(before.oid).or_default().push(path.clone());
        }
    }
    let mut moved = BTreeSet::new();
    let mut paired = Vec::with_capacity(changes.len());
    for change in changes {
        match change {
            Change::Added { path, entry } => match gone.get_mut(&entry.oid).and_then(Vec::pop) {
                Some(from) => {
                    moved.insert(from.clone());
                    paired.push(Change::Renamed { from, path, entry });
                }
                None => paired.push(Change::Added { path, entry }),
            },
            other => paired.push(other),
        }
    }
    paired.retain(|change| !matches!(change, Change::Deleted { path, .. } if moved.contains(path)));
    paired
}
