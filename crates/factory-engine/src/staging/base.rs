//! The files of a commit, for workers that render a change instead of working in a staging area.

use std::fmt;

use thiserror::Error;

use crate::git::{FileMode, GitError, Listing, Oid, Repository};

/// The files that a change starts from. Calls block.
pub trait BaseFiles: Send + Sync + fmt::Debug {
    /// The bytes of a file; none if there is no file at `path`. A symbolic link is not followed: its bytes are its
    /// target.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadBaseError>;

    /// The paths of all files, sorted.
    fn paths(&self) -> Box<dyn Iterator<Item = &str> + '_>;
}

/// Why a file of the base could not be read.
#[derive(Debug, Error)]
#[error("read `{path}` from the base")]
pub struct ReadBaseError {
    /// Relative to the project.
    pub path: String,
    /// What the implementation met.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// The files of a commit, read from git objects.
#[derive(Debug, Clone)]
pub struct CommitFiles {
    repo: Repository,
    listing: Listing,
}

impl CommitFiles {
    /// The files of `commit`; none has no files. Submodules are left out.
    pub fn open(repo: Repository, commit: Option<Oid>) -> Result<Self, GitError> {
        let mut listing = match commit {
            Some(commit) => repo.read_tree(commit)?,
            None => Listing::new(),
        };
        listing.retain(|_, entry| entry.mode != FileMode::Submodule);
        Ok(Self { repo, listing })
    }
}

impl BaseFiles for CommitFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadBaseError> {
        let Some(entry) = self.listing.get(path) else {
            return Ok(None);
        };
        let bytes = self.repo.read_blob(entry.oid);
        bytes.map(Some).map_err(|error| ReadBaseError {
            path: path.to_owned(),
            source: error.into(),
        })
    }

    fn paths(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.listing.keys().map(String::as_str))
    }
}
