//! Moves the files of an area from one commit to another, whatever has been done to them in between.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::area::{Area, At as _, StagingError};
use super::compare::has_folder;
use super::copy::{seal, write_all};
use super::ignore::Ignored;
use super::manifest::{Manifest, Stamp};
use super::names::folders_of;
use super::removal::remove_tree;
use crate::git::{Entry, FileMode, Listing, Oid, Repository};

/// Makes the area hold exactly the files of the commit `new`, beside ignored ones, and gives its new manifest.
///
/// Only what differs is touched. Ignored is what the `.gitignore` files of `new` say; one that somebody has made
/// in the area is a file like any other. A failure leaves the area in no known state.
pub(super) fn reset(repo: &Repository, area: &Area, new: Oid) -> Result<Manifest, StagingError> {
    let before = match area.base {
        Some(commit) => repo.read_tree(commit)?,
        None => Listing::new(),
    };
    let after = repo.read_tree(new)?;
    let mut reset = Reset {
        root: &area.files,
        manifest: &area.manifest,
        ignored: Ignored::of(repo, &after)?,
        before: &before,
        after: &after,
        kept: BTreeMap::new(),
    };
    reset.clean("", false)?;
    reset.remove_untracked()?;
    let mut stamps: Vec<(String, Stamp)> = Vec::with_capacity(after.len());
    let mut missing = after.clone();
    for (path, stamp) in reset.kept {
        missing.remove(&path);
        stamps.push((path, stamp));
    }
    stamps.extend(write_all(repo, &area.files, &missing)?);
    Ok(Manifest::sealed(stamps, seal(&area.dir)?))
}

struct Reset<'a> {
    root: &'a Path,
    manifest: &'a Manifest,
    ignored: Ignored,
    before: &'a Listing,
    after: &'a Listing,
    /// Files that already are as they have to be.
    kept: BTreeMap<String, Stamp>,
}

impl Reset<'_> {
    /// Removes from a folder what must not be there. `folder` is empty for the root, else ends with `/`.
    fn clean(&mut self, folder: &str, is_ignored: bool) -> Result<(), StagingError> {
        let dir = self.root.join(folder);
        unlock(&dir)?;
        for entry in fs::read_dir(&dir).at("read", &dir)? {
            let entry = entry.at("read", &dir)?;
            let file = entry.path();
            let metadata = entry.metadata().at("look at", &file)?;
            let stays = match path_of(folder, &entry) {
                Some(path) => self.look_at(&path, &metadata, is_ignored)?,
                None => is_ignored,
            };
            if !stays {
                remove_tree(&file)?;
            }
        }
        Ok(())
    }

    fn look_at(
        &mut self,
        path: &str,
        metadata: &Metadata,
        is_ignored: bool,
    ) -> Result<bool, StagingError> {
        let is_dir = metadata.is_dir();
        let is_ignored = is_ignored || self.ignored.matches(path, is_dir);
        let inside = format!("{path}/");
        match self.after.get(path) {
            Some(entry) if entry.mode == FileMode::Submodule => {
                if is_dir {
                    self.clean(&inside, false)?;
                }
                Ok(is_dir)
            }
            Some(entry) => {
                let stays = self.is_as(path, entry, metadata)?;
                if stays {
                    self.kept.insert(path.to_owned(), Stamp::of(metadata));
                }
                Ok(stays)
            }
            None if has_folder(self.after, path) => {
                if is_dir {
                    self.clean(&inside, is_ignored)?;
                }
                Ok(is_dir)
            }
            None if is_ignored => Ok(true),
            None if is_dir => {
                // It may hold ignored files.
                self.clean(&inside, false)?;
                let dir = self.root.join(path);
                Ok(fs::read_dir(&dir).at("read", &dir)?.next().is_some())
            }
            None => Ok(false),
        }
    }

    /// Whether the file is the one that belongs here, by what the manifest knows or else by its content.
    fn is_as(&self, path: &str, entry: &Entry, found: &Metadata) -> Result<bool, StagingError> {
        if self.before.get(path) != Some(entry) || !self.manifest.knows(path, found) {
            return Ok(false);
        }
        if self.manifest.vouches_for(path, found) {
            return Ok(true);
        }
        let file = self.root.join(path);
        let bytes = match entry.mode {
            FileMode::Symlink => {
                let target = fs::read_link(&file).at("read", &file)?;
                target.into_os_string().into_encoded_bytes()
            }
            _ => fs::read(&file).at("read", &file)?,
        };
        Ok(Oid::of_blob(&bytes)? == entry.oid)
    }

    /// Removes files that only the old commit has, in folders that are ignored now and were not cleaned.
    fn remove_untracked(&self) -> Result<(), StagingError> {
        for path in self
            .before
            .keys()
            .filter(|path| !self.after.contains_key(*path))
        {
            let is_folder = |folder: &str| {
                let found = self.root.join(folder).symlink_metadata();
                found.is_ok_and(|found| found.is_dir())
            };
            // Never through a link, and never a folder that has taken the file's place.
            if !folders_of(path).all(is_folder) || is_folder(path) {
                continue;
            }
            remove_tree(&self.root.join(path))?;
            let folders: Vec<&str> = folders_of(path).collect();
            for folder in folders.into_iter().rev() {
                if has_folder(self.after, folder) || fs::remove_dir(self.root.join(folder)).is_err()
                {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// None for a name that is not UTF-8, which no tree of ours has.
fn path_of(folder: &str, entry: &DirEntry) -> Option<String> {
    let name = entry.file_name();
    Some(format!("{folder}{}", name.to_str()?))
}

/// Makes sure that we may list and change the folder.
fn unlock(dir: &PathBuf) -> Result<(), StagingError> {
    let mode = dir.symlink_metadata().at("look at", dir)?.mode();
    if mode & 0o700 != 0o700 {
        fs::set_permissions(dir, Permissions::from_mode(0o755)).at("unlock", dir)?;
    }
    Ok(())
}
