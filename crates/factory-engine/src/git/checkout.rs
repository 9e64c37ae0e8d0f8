//! The user's checkout: updated from one commit to the next, never over local edits.

use std::path::{Path, PathBuf};
use std::process::Output;

use gix::index::entry::Stage;
use thiserror::Error;

use super::error::{GitError, Tried as _};
use super::oid::Oid;
use super::program::{git, run_with_input};
use super::repository::Repository;
use super::tree::{Differences, Entry, FileMode};

/// What came of [`Repository::sync_checkout`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sync {
    /// Index and files are those of the new commit; local edits elsewhere are still there.
    Done,
    /// Another branch is checked out, so there is nothing to do.
    NotCheckedOut,
    /// Local edits are in the way; neither they nor anything else was touched.
    Refused {
        /// Git's message, usually with the paths.
        reason: String,
    },
}

/// Why the checkout could not be looked at.
#[derive(Debug, Error)]
pub enum SyncError {
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// `git` did not start.
    #[error("run `git {command}`")]
    Start {
        /// As in `read-tree`.
        command: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another git holds the index, or one that died has left its lock.
    #[error("the index is locked by `{}`", path.display())]
    IndexLocked {
        /// Belongs to that git and is never removed here.
        path: PathBuf,
    },
}

impl Repository {
    /// Updates index and files of the checkout from `old` to `new`, if `branch` is checked out here.
    ///
    /// Idempotent: repeated after a crash at any point, it ends in the same place. `old` is none for
    /// the first commit of a branch.
    pub fn sync_checkout(
        &self,
        branch: &str,
        old: Option<Oid>,
        new: Oid,
    ) -> Result<Sync, SyncError> {
        let Some(dir) = self.checkout_of(branch)? else {
            return Ok(Sync::NotCheckedOut);
        };
        let (old, differences) = self.between(old, new)?;
        // `git` updates the index last, so an index of NEW means that all is done. Asked to do it
        // again, it mistakes a file that has replaced a folder for an untracked one.
        if self.index_is_at_new(&differences)? {
            return Ok(Sync::Done);
        }
        if let Some(reason) = self.in_the_way(&dir, &differences)? {
            return Ok(Sync::Refused { reason });
        }
        let first = self.read_tree_into(&dir, old, new)?;
        if first == Sync::Done {
            return Ok(Sync::Done);
        }
        // A crash may have left files of NEW under an index of OLD, which looks like local edits.
        match self.adopt_finished(&dir, old, &differences)? {
            Some(between) => self.read_tree_into(&dir, between, new),
            None => Ok(first),
        }
    }

    /// Files that git does not know and that would be overwritten: `read-tree` spares those that are untracked, but not
    /// those that are ignored.
    fn in_the_way(
        &self,
        dir: &Path,
        differences: &Differences,
    ) -> Result<Option<String>, GitError> {
        let index = self.index()?;
        let mut found = Vec::new();
        for (path, &(before, after)) in differences {
            let on_disk = dir.join(path);
            if before.is_none()
                && index.holds(path, None)
                && on_disk
                    .symlink_metadata()
                    .is_ok_and(|there| !there.is_dir())
                && !is_as(&on_disk, after)?
            {
                found.push(format!("`{path}`"));
            }
        }
        let names = found.join(", ");
        Ok((!found.is_empty()).then(|| format!("files of your own would be overwritten: {names}")))
    }

    /// Whether the index has what is new in `new` compared with `old`, or another branch is checked out here. `old`
    /// is none for the first commit of a branch.
    pub fn is_checkout_at(
        &self,
        branch: &str,
        old: Option<Oid>,
        new: Oid,
    ) -> Result<bool, SyncError> {
        if self.checkout_of(branch)?.is_none() {
            return Ok(true);
        }
        let (_, differences) = self.between(old, new)?;
        Ok(self.index_is_at_new(&differences)?)
    }

    /// The folder of the checkout, if `branch` is checked out.
    fn checkout_of(&self, branch: &str) -> Result<Option<PathBuf>, GitError> {
        let is_here = self.checked_out_branch()?.as_deref() == Some(branch);
        Ok(self.work_dir().filter(|_| is_here))
    }

    /// The tree of `old`, and what `new` changes in it.
    fn between(&self, old: Option<Oid>, new: Oid) -> Result<(Oid, Differences), GitError> {
        let old = match old {
            Some(commit) => self.tree_of(commit)?,
            // `git` knows the empty tree even when no object holds it.
            None => Oid::empty_tree(),
        };
        Ok((old, self.diff_trees(self.present(old)?, new)?))
    }

    /// `tree`, written first if it is the empty one, which no repository need hold.
    fn present(&self, tree: Oid) -> Result<Oid, GitError> {
        if tree == Oid::empty_tree() {
            self.write_tree::<&str>(tree, [])
        } else {
            Ok(tree)
        }
    }

    fn index_is_at_new(&self, differences: &Differences) -> Result<bool, GitError> {
        let index = self.index()?;
        Ok(differences
            .iter()
            .all(|(path, (_, after))| index.holds(path, *after)))
    }

    fn index(&self) -> Result<Index, GitError> {
        let index = self.local().index_or_empty();
        Ok(Index(index.tried(|| "read the index".to_owned())?))
    }

    fn read_tree_into(&self, dir: &Path, old: Oid, new: Oid) -> Result<Sync, SyncError> {
        // Exit code 1 only says that some files differ.
        self.call(dir, "update-index", &["-q", "--refresh"])?;
        let (old, new) = (old.to_string(), new.to_string());
        let output = self.call(dir, "read-tree", &["-m", "-u", &old, &new])?;
        if output.status.success() {
            return Ok(Sync::Done);
        }
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Ok(Sync::Refused { reason })
    }

    /// Updates the index for paths that already are as NEW has them, and gives the tree of OLD with
    /// these paths as in NEW; none if there are no such paths.
    fn adopt_finished(
        &self,
        dir: &Path,
        old: Oid,
        differences: &Differences,
    ) -> Result<Option<Oid>, SyncError> {
        let index = self.index()?;
        let mut finished = Vec::new();
        let mut lines = String::new();
        for (path, &(before, after)) in differences {
            // Another entry was staged by the user and is theirs to keep.
            let is_ours = index.holds(path, before) || index.holds(path, after);
            if !is_ours || !is_as(&dir.join(path), after)? {
                continue;
            }
            let staged = match after {
                Some(after) => format!("{} {}", after.mode.octal(), after.oid),
                None => format!("0 {}", "0".repeat(40)),
            };
            lines.extend([&staged, "\t", path, "\0"]);
            finished.push((path, after));
        }
        if finished.is_empty() {
            return Ok(None);
        }
        let command = "update-index";
        let mut call = git(dir);
        call.args([command, "--replace", "-z", "--index-info"]);
        let output = run_with_input(&mut call, lines.as_bytes());
        self.check_lock(output.map_err(|source| SyncError::Start { command, source })?)?;
        Ok(Some(self.write_tree(self.present(old)?, finished)?))
    }

    fn call(
        &self,
        dir: &Path,
        command: &'static str,
        arguments: &[&str],
    ) -> Result<Output, SyncError> {
        let output = git(dir).arg(command).args(arguments).output();
        self.check_lock(output.map_err(|source| SyncError::Start { command, source })?)
    }

    fn check_lock(&self, output: Output) -> Result<Output, SyncError> {
        let path = self.git_dir().join("index.lock");
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() && said.contains("index.lock") && path.exists() {
            return Err(SyncError::IndexLocked { path });
        }
        Ok(output)
    }
}

/// The index of the checkout.
struct Index(gix::worktree::Index);

impl Index {
    /// Whether exactly `entry` is staged at `path`; none asks whether nothing is.
    fn holds(&self, path: &str, entry: Option<Entry>) -> bool {
        let found = self
            .0
            .entry_by_path_and_stage(path.into(), Stage::Unconflicted);
        let found = found.map(|found| (found.id, found.mode.to_tree_entry_mode()));
        found == entry.map(|entry| (entry.oid.0, Some(entry.mode.kind().into())))
    }
}

/// Whether the file at `path` is `entry`; none asks whether there is no file.
fn is_as(path: &Path, entry: Option<Entry>) -> Result<bool, GitError> {
    use std::os::unix::fs::PermissionsExt as _;
    let (metadata, entry) = match (path.symlink_metadata(), entry) {
        (Ok(metadata), Some(entry)) => (metadata, entry),
        (Err(_), None) => return Ok(true),
        (Ok(_), None) | (Err(_), Some(_)) => return Ok(false),
    };
    let found = if metadata.is_symlink() {
        let Ok(target) = std::fs::read_link(path) else {
            return Ok(false);
        };
        (
            FileMode::Symlink,
            target.into_os_string().into_encoded_bytes(),
        )
    } else if metadata.is_file() {
        let Ok(bytes) = std::fs::read(path) else {
            return Ok(false);
        };
        let executable = metadata.permissions().mode() & 0o100 != 0;
        (
            if executable {
                FileMode::Executable
            } else {
                FileMode::File
            },
            bytes,
        )
    } else {
        return Ok(false);
    };
    Ok(found.0 == entry.mode && Oid::of_blob(&found.1)? == entry.oid)
}
