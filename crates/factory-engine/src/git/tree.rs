//! Trees as flat listings, and new trees from old ones.

use std::collections::BTreeMap;

use gix::bstr::{BString, ByteSlice as _};
use gix::objs::tree::EntryKind;
use serde::{Deserialize, Serialize};

use super::error::{GitError, Tried as _};
use super::oid::Oid;
use super::repository::Repository;

/// The kind of entry at a path of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileMode {
    /// A file.
    File,
    /// A file that may be executed.
    Executable,
    /// A symbolic link; its blob is the target's text.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

impl FileMode {
    /// The mode of a regular file.
    pub const fn of_file(is_executable: bool) -> Self {
        if is_executable {
            Self::Executable
        } else {
            Self::File
        }
    }

    pub(crate) const fn kind(self) -> EntryKind {
        match self {
            Self::File => EntryKind::Blob,
            Self::Executable => EntryKind::BlobExecutable,
            Self::Symlink => EntryKind::Link,
            Self::Submodule => EntryKind::Commit,
        }
    }

    /// None for a tree.
    pub(crate) const fn of(kind: EntryKind) -> Option<Self> {
        match kind {
            EntryKind::Tree => None,
            EntryKind::Blob => Some(Self::File),
            EntryKind::BlobExecutable => Some(Self::Executable),
            EntryKind::Link => Some(Self::Symlink),
            EntryKind::Commit => Some(Self::Submodule),
        }
    }

    /// As git writes it: `100644`.
    pub(super) const fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
        }
    }
}

/// A path's mode and content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// File, executable, link or submodule.
    pub mode: FileMode,
    /// The blob, or the submodule's commit.
    pub oid: Oid,
}

/// All files of a tree by path, folders left out.
pub type Listing = BTreeMap<String, Entry>;

/// Paths in which two trees differ, with the old and the new entry.
pub type Differences = BTreeMap<String, (Option<Entry>, Option<Entry>)>;

impl Repository {
    /// Lists a tree, or a commit's tree, with all its folders.
    pub fn read_tree(&self, commit_or_tree: Oid) -> Result<Listing, GitError> {
        let root = self.tree_of(commit_or_tree)?;
        let local = self.local();
        let mut listing = Listing::new();
        let mut folders = vec![(String::new(), root.0)];
        while let Some((prefix, id)) = folders.pop() {
            let tree = local
                .find_tree(id)
                .tried(|| format!("read the tree {id}"))?;
            for entry in tree.iter() {
                let entry = entry.tried(|| format!("read the tree {id}"))?;
                let path = safe_path(root, &prefix, entry.filename())?;
                match FileMode::of(entry.kind()) {
                    None => folders.push((format!("{path}/"), entry.object_id())),
                    Some(mode) => {
                        listing.insert(
                            path,
                            Entry {
                                mode,
                                oid: Oid(entry.object_id()),
                            },
                        );
                    }
                }
            }
        }
        Ok(listing)
    }

    /// The entries at some paths of a tree; those that are missing or folders are left out.
    pub fn read_entries<'a>(
        &self,
        tree: Oid,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<(&'a str, Entry)>, GitError> {
        let local = self.local();
        let root = local
            .find_tree(tree.0)
            .tried(|| format!("read the tree {tree}"))?;
        let mut entries = Vec::new();
        for path in paths {
            let found = root.lookup_entry_by_path(path);
            let found = found.tried(|| format!("find `{path}` in the tree {tree}"))?;
            if let Some(found) = found
                && let Some(mode) = FileMode::of(found.mode().kind())
            {
                entries.push((
                    path,
                    Entry {
                        mode,
                        oid: Oid(found.object_id()),
                    },
                ));
            }
        }
        Ok(entries)
    }

    /// Writes the tree that differs from `base` by `changes`; no entry means that the path goes.
    ///
    /// Refuses names that git would not check out, such as `.git` in any spelling.
    pub fn write_tree<P: AsRef<str>>(
        &self,
        base: Oid,
        changes: impl IntoIterator<Item = (P, Option<Entry>)>,
    ) -> Result<Oid, GitError> {
        let base = self.tree_of(base)?;
        let local = self.local();
        let editor = local.edit_tree(base.0);
        let mut editor = editor.tried(|| format!("edit the tree {base}"))?;
        let (there, gone): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|(_, entry)| entry.is_some());
        for (path, _) in &gone {
            let path = path.as_ref();
            editor
                .remove(path)
                .tried(|| format!("remove `{path}` from a tree"))?;
        }
        for (path, entry) in &there {
            let (path, Some(entry)) = (path.as_ref(), entry) else {
                continue;
            };
            let upsert = editor.upsert(path, entry.mode.kind(), entry.oid.0);
            upsert.tried(|| format!("put `{path}` into a tree"))?;
        }
        let written = editor
            .write()
            .tried(|| format!("write a tree after {base}"))?;
        Ok(Oid(written.detach()))
    }

    /// The paths in which two trees differ, with both sides' entries. Equal folders are not read.
    pub fn diff_trees(&self, old: Oid, new: Oid) -> Result<Differences, GitError> {
        let (old, new) = (self.tree_of(old)?, self.tree_of(new)?);
        diff_trees_by(&self.local(), old, new)
    }
}

/// [`Repository::diff_trees`] of trees, by a handle whose cache serves other readers too.
pub(crate) fn diff_trees_by(
    local: &gix::Repository,
    old: Oid,
    new: Oid,
) -> Result<Differences, GitError> {
    let mut differences = Differences::new();
    let mut folders = vec![(String::new(), Some(old.0), Some(new.0))];
    while let Some((prefix, old_id, new_id)) = folders.pop() {
        if old_id == new_id {
            continue;
        }
        let before = read_folder(local, old_id)?;
        let mut after = read_folder(local, new_id)?;
        let mut pairs: Vec<_> = Vec::with_capacity(before.len());
        for (name, old_entry) in before {
            let new_entry = after.remove(&name);
            pairs.push((name, Some(old_entry), new_entry));
        }
        pairs.extend(
            after
                .into_iter()
                .map(|(name, entry)| (name, None, Some(entry))),
        );
        for (name, old_entry, new_entry) in pairs {
            if old_entry == new_entry {
                continue;
            }
            let path = safe_path(new, &prefix, name.as_bstr())?;
            let (old_file, old_folder) = split(old_entry);
            let (new_file, new_folder) = split(new_entry);
            if old_folder.is_some() || new_folder.is_some() {
                folders.push((format!("{path}/"), old_folder, new_folder));
            }
            if old_file.is_some() || new_file.is_some() {
                differences.insert(path, (old_file, new_file));
            }
        }
    }
    Ok(differences)
}

type Folder = BTreeMap<BString, (EntryKind, gix::ObjectId)>;

fn read_folder(local: &gix::Repository, id: Option<gix::ObjectId>) -> Result<Folder, GitError> {
    let Some(id) = id else {
        return Ok(Folder::new());
    };
    let tree = local
        .find_tree(id)
        .tried(|| format!("read the tree {id}"))?;
    let mut folder = Folder::new();
    for entry in tree.iter() {
        let entry = entry.tried(|| format!("read the tree {id}"))?;
        folder.insert(
            entry.filename().to_owned(),
            (entry.kind(), entry.object_id()),
        );
    }
    Ok(folder)
}

fn split(entry: Option<(EntryKind, gix::ObjectId)>) -> (Option<Entry>, Option<gix::ObjectId>) {
    match entry {
        Some((kind, id)) => match FileMode::of(kind) {
            Some(mode) => (Some(Entry { mode, oid: Oid(id) }), None),
            None => (None, Some(id)),
        },
        None => (None, None),
    }
}

/// `prefix` and `name` as text, when a checkout may write it.
fn safe_path(tree: Oid, prefix: &str, name: &gix::bstr::BStr) -> Result<String, GitError> {
    let unsafe_path = || GitError::UnsafePath {
        tree,
        path: format!("{prefix}{name}"),
    };
    let text = name.to_str().map_err(|_| unsafe_path())?;
    let special = matches!(text, "" | "." | "..") || text.contains('/') || text.contains('\0');
    if special || text.eq_ignore_ascii_case(".git") {
        return Err(unsafe_path());
    }
    Ok(format!("{prefix}{text}"))
}
