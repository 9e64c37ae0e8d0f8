//! The port: what every backend of staging areas does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::change_set::{ChangeSet, Rules};
use super::manifest::Manifest;
use crate::git::{GitError, Oid};

/// A backend of staging areas. Its calls block.
pub trait Staging: Send + Sync {
    /// Makes the area `name` with the files of `base`; none for an empty one.
    ///
    /// `name` is one path component and belongs to one attempt: task and epoch.
    fn create(&self, base: Option<Oid>, name: &str) -> Result<Area, StagingError>;

    /// Reopens an area that an earlier process has finished making; none if there is no such area.
    fn reopen(&self, base: Option<Oid>, name: &str) -> Result<Option<Area>, StagingError>;

    /// Where a child finds the area's files, and what the sandbox has to mount for that.
    fn recipe(&self, area: &Area) -> StagingRecipe;

    /// What differs from the base, written to the repository's objects, and what breaks the rules.
    fn changed(&self, area: &Area, rules: &Rules) -> Result<ChangeSet, StagingError>;

    /// Removes the area with everything in it. Returns as soon as its name is free; deleting may take longer.
    fn teardown(&self, area: Area) -> Result<(), StagingError>;
}

/// The area's name of one attempt: the task's text, with `=xx` for what a path component should not
/// hold, and the epoch.
pub fn area_name(task: &str, epoch: u64) -> String {
    let mut name = String::with_capacity(task.len() + 8);
    for byte in task.bytes() {
        if byte.is_ascii_alphanumeric()
            || b"-_".contains(&byte)
            || (byte == b'.' && !name.is_empty())
        {
            name.push(char::from(byte));
        } else {
            name.extend(["=", &format!("{byte:02x}")]);
        }
    }
    name.extend([".", &epoch.to_string()]);
    name
}

/// One staging area. Clones speak of the same one.
#[derive(Debug, Clone)]
pub struct Area {
    pub(super) name: String,
    pub(super) base: Option<Oid>,
    pub(super) dir: PathBuf,
    pub(super) files: PathBuf,
    pub(super) manifest: Arc<Manifest>,
}

impl Area {
    /// The name under which it was made.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The commit that it started from.
    pub const fn base(&self) -> Option<Oid> {
        self.base
    }

    /// The folder in which the attempt works, as the host sees it.
    pub fn path(&self) -> &Path {
        &self.files
    }
}

/// What must be mounted so that a child sees the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagingRecipe {
    /// Files below the attempt's own, never written; none when nothing needs mounting.
    pub lower: Option<PathBuf>,
    /// Receives all writes.
    pub upper: PathBuf,
    /// The child's view of both.
    pub target: PathBuf,
}

/// Why a staging area could not be made, read or removed.
#[derive(Debug, Error)]
pub enum StagingError {
    /// The name is not a plain path component.
    #[error("`{name}` is not a valid name for a staging area")]
    Name {
        /// As it was asked for.
        name: String,
    },
    /// There is an area of this name; an attempt has exactly one.
    #[error("the staging area `{name}` already exists")]
    Exists {
        /// As it was asked for.
        name: String,
    },
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The file system refused.
    #[error("{action} `{}`", path.display())]
    Io {
        /// As in "write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Names the path in an error.
pub(super) trait At<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, StagingError>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, StagingError> {
        let path = || path.to_path_buf();
        self.map_err(|source| StagingError::Io {
            action,
            path: path(),
            source,
        })
    }
}
