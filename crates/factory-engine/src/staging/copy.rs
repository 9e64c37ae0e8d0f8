//! The backend that works everywhere: every file of the base, written from its blob by all cores.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::area::{Area, At as _, Staging, StagingError, StagingRecipe};
use super::change_set::{ChangeSet, Rules};
use super::collect::collect;
use super::manifest::{Manifest, Stamp};
use super::removal::Remover;
use crate::git::{Entry, FileMode, GitError, Listing, Oid, Repository};

/// Areas as plain folders, each a full copy of its base.
#[derive(Debug, Clone)]
pub struct ParallelCopy {
    repo: Repository,
    root: PathBuf,
    remover: Remover,
}

/// Folder of an area's files within its own; the seal is beside it.
const FILES: &str = "files";
const SEAL: &str = "seal";
/// Suffix of an area that is still being made.
const PARTIAL: &str = ".partial";

impl ParallelCopy {
    /// Areas of `repo`'s commits as folders in `root`, which belongs to us alone.
    pub fn new(repo: Repository, root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let remover = Remover::new(&root);
        Self {
            repo,
            root,
            remover,
        }
    }

    fn place(&self, name: &str) -> Result<PathBuf, StagingError> {
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_.+@=".contains(char);
        if name.is_empty()
            || name.len() > 200
            || name.starts_with('.')
            || name.ends_with(PARTIAL)
            || !name.chars().all(is_plain)
        {
            return Err(StagingError::Name {
                name: name.to_owned(),
            });
        }
        Ok(self.root.join(name))
    }
}

impl Staging for ParallelCopy {
    fn create(&self, base: Option<Oid>, name: &str) -> Result<Area, StagingError> {
        let dir = self.place(name)?;
        if dir.symlink_metadata().is_ok() {
            return Err(StagingError::Exists {
                name: name.to_owned(),
            });
        }
        let partial = self.root.join(format!("{name}{PARTIAL}"));
        self.remover.remove(&partial)?;
        let files = partial.join(FILES);
        fs::create_dir_all(&files).at("create", &files)?;
        let listing = match base {
            Some(commit) => self.repo.read_tree(commit)?,
            None => Listing::new(),
        };
        let stamps = write_all(&self.repo, &files, &listing)?;
        let manifest = Arc::new(Manifest::sealed(stamps, seal(&partial)?));
        fs::rename(&partial, &dir).at("rename", &partial)?;
        Ok(Area {
            name: name.to_owned(),
            base,
            files: dir.join(FILES),
            dir,
            manifest,
        })
    }

    fn reopen(&self, base: Option<Oid>, name: &str) -> Result<Option<Area>, StagingError> {
        let dir = self.place(name)?;
        let files = dir.join(FILES);
        let is_there = [&dir, &files].iter().all(|path| {
            path.symlink_metadata()
                .is_ok_and(|metadata| metadata.is_dir())
        });
        let manifest = Arc::default();
        Ok(is_there.then(|| Area {
            name: name.to_owned(),
            base,
            dir,
            files,
            manifest,
        }))
    }

    fn recipe(&self, area: &Area) -> StagingRecipe {
        StagingRecipe {
            lower: None,
            upper: area.files.clone(),
            target: area.files.clone(),
        }
    }

    fn changed(&self, area: &Area, rules: &Rules) -> Result<ChangeSet, StagingError> {
        collect(&self.repo, area, rules)
    }

    fn teardown(&self, area: Area) -> Result<(), StagingError> {
        self.remover.remove(&area.dir)
    }
}

impl ParallelCopy {
    /// Waits until everything that was torn down so far is deleted, or has been left to the next start.
    pub fn wait_for_removals(&self) {
        self.remover.wait();
    }
}

/// Writes the seal of the area in `dir`, after all its files.
pub(super) fn seal(dir: &Path) -> Result<Stamp, StagingError> {
    let seal = dir.join(SEAL);
    fs::write(&seal, b"").at("write", &seal)?;
    Ok(Stamp::of(&seal.symlink_metadata().at("look at", &seal)?))
}

/// Writes all files below `root`, none of which may exist, and says how each looked right after.
pub(super) fn write_all(
    repo: &Repository,
    root: &Path,
    listing: &Listing,
) -> Result<Vec<(String, Stamp)>, StagingError> {
    let folders: BTreeSet<&str> = listing
        .iter()
        .flat_map(|(path, entry)| {
            let own = (entry.mode == FileMode::Submodule).then_some(path.as_str());
            path.match_indices('/')
                .map(|(at, _)| &path[..at])
                .chain(own)
        })
        .collect();
    // Sorted, so that parents come first; made one by one, so that a link is never passed through.
    for folder in folders {
        let folder = root.join(folder);
        match fs::create_dir(&folder) {
            Err(_) if folder.symlink_metadata().is_ok_and(|found| found.is_dir()) => {}
            made => made.at("create", &folder)?,
        }
    }
    let entries: Vec<(&String, &Entry)> = listing.iter().collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = entries.len().div_ceil(workers).max(64);
    std::thread::scope(|scope| {
        let write_share = |share: &[(&String, &Entry)]| write_some(repo, root, share);
        let threads: Vec<_> = entries
            .chunks(share)
            .map(|share| scope.spawn(move || write_share(share)))
            .collect();
        let mut stamps = Vec::with_capacity(entries.len());
        for thread in threads {
            let written = thread.join().unwrap_or_else(|_| {
                Err(std::io::Error::other("a writing thread panicked")).at("write", root)
            });
            stamps.extend(written?);
        }
        Ok(stamps)
    })
}

fn write_some(
    repo: &Repository,
    root: &Path,
    entries: &[(&String, &Entry)],
) -> Result<Vec<(String, Stamp)>, StagingError> {
    let mut stamps = Vec::with_capacity(entries.len());
    let reader = repo.blobs();
    for &(path, entry) in entries {
        if entry.mode == FileMode::Submodule {
            continue;
        }
        let file = root.join(path);
        let bytes = reader.read(entry.oid)?;
        let metadata = write_one(&file, entry.mode, &bytes, path)?;
        stamps.push((path.clone(), Stamp::of(&metadata)));
    }
    Ok(stamps)
}

fn write_one(
    file: &Path,
    mode: FileMode,
    bytes: &[u8],
    path: &str,
) -> Result<fs::Metadata, StagingError> {
    if mode == FileMode::Symlink {
        let target = std::str::from_utf8(bytes)
            .ok()
            .filter(|text| !text.contains('\0'));
        let unsafe_path = || GitError::UnsafePath {
            tree: Oid::empty_tree(),
            path: path.to_owned(),
        };
        symlink(target.ok_or_else(unsafe_path)?, file).at("link", file)?;
        return file.symlink_metadata().at("look at", file);
    }
    let permissions = if mode == FileMode::Executable {
        0o755
    } else {
        0o644
    };
    let mut options = fs::OpenOptions::new();
    let opened = options
        .write(true)
        .create_new(true)
        .mode(permissions)
        .open(file);
    let mut opened = opened.at("create", file)?;
    opened.write_all(bytes).at("write", file)?;
    opened.metadata().at("look at", file)
}
