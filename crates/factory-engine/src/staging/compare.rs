//! The comparison of a base with what a change makes of it, judged by the rules. Where the new files come from, an
//! area or memory, is the business of a [`NewFiles`].

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use factory_core::claim::covers;

use super::area::StagingError;
use super::change_set::{Change, ChangeSet, Rules};
use super::names::{link_fault, prefixes, twins};
use super::violation::Violation;
use crate::git::{Blobs, Entry, FileMode, GitError, Listing, Oid, Repository};

/// The tree that a change starts from.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) tree: Oid,
    pub(super) listing: Listing,
}

impl Base {
    /// The tree of `commit`; none is the empty tree.
    pub(super) fn read(repo: &Repository, commit: Option<Oid>) -> Result<Self, GitError> {
        let tree = match commit {
            Some(commit) => repo.tree_of(commit)?,
            None => repo.write_tree::<&str>(Oid::empty_tree(), [])?,
        };
        let listing = repo.read_tree(tree)?;
        Ok(Self { tree, listing })
    }
}

/// Whether a listing has files in the folder `path`.
pub(super) fn has_folder(listing: &Listing, path: &str) -> bool {
    let below = format!("{path}/");
    let first = listing.range(below.clone()..).next();
    first.is_some_and(|(other, _)| other.starts_with(&below))
}

/// All files as they are after a change, submodules left out.
pub(super) trait NewFiles {
    /// Sorted.
    fn paths(&self) -> impl Iterator<Item = &str>;

    /// What is at one of the paths.
    fn content(&self, path: &str) -> Result<Content<'_>, Violation>;

    /// Whether `path` is a symbolic link.
    fn is_link(&self, path: &str) -> bool;

    /// Whether a file of the base is certainly gone.
    fn is_gone(&self, path: &str) -> bool;
}

/// One file after a change.
pub(super) enum Content<'a> {
    /// Certainly as in the base.
    Unchanged,
    /// A file that may be executable.
    File(FileMode, Cow<'a, [u8]>),
    /// A symbolic link, by its target.
    Link(&'a str),
}

/// Compares `new` with `base`; changed contents go to the repository's objects, where they do no harm if nobody
/// lands them. `violations` are those that were found on the way to `new`.
pub(super) fn compare(
    repo: &Repository,
    rules: &Rules,
    base: &Base,
    new: &impl NewFiles,
    mut violations: Vec<Violation>,
) -> Result<ChangeSet, StagingError> {
    let blobs = repo.blobs();
    let mut changes = deletions(rules, base, new, &violations);
    for path in new.paths() {
        match new_entry(&blobs, rules, base, new, path)? {
            Ok(None) => {}
            Ok(Some(entry)) => changes.push(change(base, path, entry)),
            Err(violation) => violations.push(violation),
        }
    }
    violations.extend(new_twins(base, new, &changes));
    let mut changes = pair_renames(changes);
    changes.sort_by(|one, other| one.path().cmp(other.path()));
    let tree = if violations.is_empty() {
        repo.write_tree(base.tree, changes.iter().flat_map(Change::edits))?
    } else {
        base.tree
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

/// Files of the base that are gone. What broke a rule or could not be looked at is not gone.
fn deletions(
    rules: &Rules,
    base: &Base,
    new: &impl NewFiles,
    violations: &[Violation],
) -> Vec<Change> {
    let faulty: BTreeSet<&str> = violations.iter().filter_map(Violation::path).collect();
    let is_gone = |path: &str, entry: &Entry| {
        entry.mode != FileMode::Submodule
            && !rules.is_carried(path)
            && !faulty.contains(path)
            && new.is_gone(path)
    };
    let gone = base
        .listing
        .iter()
        .filter(|(path, entry)| is_gone(path, entry));
    gone.map(|(path, before)| Change::Deleted {
        path: path.clone(),
        before: *before,
    })
    .collect()
}

fn change(base: &Base, path: &str, entry: Entry) -> Change {
    let path = path.to_owned();
    match base.listing.get(&path) {
        Some(before) => Change::Modified {
            path,
            before: *before,
            entry,
        },
        None => Change::Added { path, entry },
    }
}

/// The entry of a path that differs from the base, none if it does not; its content is written.
fn new_entry(
    blobs: &Blobs,
    rules: &Rules,
    base: &Base,
    new: &impl NewFiles,
    path: &str,
) -> Result<Result<Option<Entry>, Violation>, StagingError> {
    if is_in_submodule(base, path) {
        let path = path.to_owned();
        return Ok(Err(Violation::InSubmodule { path }));
    }
    let (mode, bytes, link) = match new.content(path) {
        Ok(Content::Unchanged) => return Ok(Ok(None)),
        Ok(Content::Link(target)) => {
            let bytes = Cow::Borrowed(target.as_bytes());
            (FileMode::Symlink, bytes, Some(target))
        }
        Ok(Content::File(mode, bytes)) => {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if let Err(violation) = rules.check_size(path, length) {
                return Ok(Err(violation));
            }
            (mode, bytes, None)
        }
        Err(violation) => return Ok(Err(violation)),
    };
    let before = base.listing.get(path);
    let oid = Oid::of_blob(&bytes)?;
    let entry = Entry { mode, oid };
    if before == Some(&entry) {
        return Ok(Ok(None));
    }
    if let Some(target) = link
        && let Some(violation) = link_fault(path, target, |path| new.is_link(path))
    {
        return Ok(Err(violation));
    }
    if before.is_none_or(|before| before.oid != oid) {
        blobs.write(&bytes)?;
    }
    Ok(Ok(Some(entry)))
}

fn is_in_submodule(base: &Base, path: &str) -> bool {
    prefixes(path).any(|prefix| {
        let entry = base.listing.get(prefix);
        entry.is_some_and(|entry| entry.mode == FileMode::Submodule)
    })
}

fn new_twins(base: &Base, new: &impl NewFiles, changes: &[Change]) -> Vec<Violation> {
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
        .listing
        .iter()
        .filter(|(_, entry)| entry.mode == FileMode::Submodule);
    let all = new.paths().chain(submodules.map(|(path, _)| path.as_str()));
    let found = twins(all, &added).into_iter();
    found
        .map(|(path, twin)| Violation::Twins { path, twin })
        .collect()
}

/// Turns a deleted and an added file with the same content into a rename.
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
