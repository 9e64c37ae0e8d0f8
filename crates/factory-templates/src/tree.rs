//! What rendering yields: files in memory, and how they reach a disk.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::path::{PathProblem, normalise};

/// One rendered file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it may be run.
    pub executable: bool,
}

/// Rendered files by relative path with `/`; folders follow from them, empty ones do not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, File>,
    /// Lower-case spelling of every file and folder, to the spelling that is in the tree.
    spellings: BTreeMap<String, String>,
}

impl Tree {
    /// A tree without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The text of the file at a path, when it is UTF-8.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.get(path)
            .and_then(|file| std::str::from_utf8(&file.bytes).ok())
    }

    /// All files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it has no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files alone, without the tree.
    pub fn into_files(self) -> BTreeMap<String, File> {
        self.files
    }

    /// Puts a file at a path, in place of the one that is there.
    ///
    /// # Errors
    ///
    /// When the path is not below the root, or clashes with another one of the tree.
    pub fn insert(&mut self, path: &str, file: File) -> Result<(), PathProblem> {
        let path = normalise(path)?;
        let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        for folder in folders {
            if self.files.contains_key(folder) {
                return Err(PathProblem::FileAndFolder);
            }
            self.claim_spelling(folder)?;
        }
        let is_folder = !self.files.contains_key(&path)
            && self
                .spellings
                .get(&path.to_lowercase())
                .is_some_and(|known| *known == path);
        if is_folder || path.is_empty() {
            return Err(PathProblem::FileAndFolder);
        }
        self.claim_spelling(&path)?;
        self.files.insert(path, file);
        Ok(())
    }

    fn claim_spelling(&mut self, path: &str) -> Result<(), PathProblem> {
        let known = self
            .spellings
            .entry(path.to_lowercase())
            .or_insert_with(|| path.to_owned());
        if known == path {
            Ok(())
        } else {
            Err(PathProblem::CaseTwin)
        }
    }

    /// Puts all files of another tree into this one; its files win.
    ///
    /// # Errors
    ///
    /// The path that clashes, with the reason.
    pub fn extend(&mut self, other: Self) -> Result<(), (String, PathProblem)> {
        for (path, file) in other.files {
            self.insert(&path, file)
                .map_err(|problem| (path, problem))?;
        }
        Ok(())
    }

    /// Writes all files below `root`, in place of those that are there. Links below `root` are never followed.
    ///
    /// # Errors
    ///
    /// The first file that could not be written; those before it (by path) are.
    pub fn write_to(&self, root: &Path) -> Result<(), WriteError> {
        fs::create_dir_all(root).map_err(|source| WriteError::Refused {
            path: root.to_owned(),
            source,
        })?;
        for (path, file) in &self.files {
            write_file(root, path, file)?;
        }
        Ok(())
    }
}

impl<'a> IntoIterator for &'a Tree {
    type Item = (&'a String, &'a File);
    type IntoIter = std::collections::btree_map::Iter<'a, String, File>;

    fn into_iter(self) -> Self::IntoIter {
        self.files.iter()
    }
}

/// A tree could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A link or file is where a folder is needed.
    #[error("write below `{}`: it is not a folder", path.display())]
    NoFolder {
        /// The link or file.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("write `{}`", path.display())]
    Refused {
        /// What was written.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
}

fn write_file(root: &Path, path: &str, file: &File) -> Result<(), WriteError> {
    let refused = |path: &Path, source| WriteError::Refused {
        path: path.to_owned(),
        source,
    };
    let mut at = root.to_owned();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        at.push(folder);
        match fs::symlink_metadata(&at) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(WriteError::NoFolder { path: at }),
            Err(_) => fs::create_dir(&at).map_err(|source| refused(&at, source))?,
        }
    }
    at.push(name);
    if fs::symlink_metadata(&at).is_ok() {
        fs::remove_file(&at).map_err(|source| refused(&at, source))?;
    }
    // `create_new` does not follow a link that somebody puts there meanwhile.
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    set_mode(&mut options, file.executable);
    let mut handle = options.open(&at).map_err(|source| refused(&at, source))?;
    handle
        .write_all(&file.bytes)
        .map_err(|source| refused(&at, source))
}

#[cfg(unix)]
fn set_mode(options: &mut fs::OpenOptions, executable: bool) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(if executable { 0o777 } else { 0o666 });
}

#[cfg(not(unix))]
fn set_mode(_: &mut fs::OpenOptions, _: bool) {}
