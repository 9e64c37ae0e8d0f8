//! The differences between a base and what an attempt made of it, and the rules they are judged by.

use std::collections::BTreeSet;

use factory_core::claim::Claim;
use serde::{Deserialize, Serialize};

use super::violation::Violation;
use crate::git::{Entry, Oid};

/// The rules a change is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// What the attempt was granted. Empty claims grant nothing.
    pub claims: Vec<Claim>,
    /// Paths that `carry` and `setup` brought; they and all below them are never changes.
    pub carried: Vec<String>,
    /// Largest file that may be changed or added, in bytes.
    pub file_bytes_max: u64,
    /// The most files and folders that a change may add to those of the base.
    pub new_files_max: usize,
}

impl Rules {
    /// The default limits, under `claims`.
    pub const fn new(claims: Vec<Claim>) -> Self {
        Self {
            claims,
            carried: Vec::new(),
            file_bytes_max: 50 << 20,
            new_files_max: 100_000,
        }
    }

    /// Refuses a file over the size limit.
    pub(super) fn check_size(&self, path: &str, bytes: u64) -> Result<(), Violation> {
        if bytes <= self.file_bytes_max {
            return Ok(());
        }
        Err(Violation::TooLarge {
            path: path.to_owned(),
            bytes,
            bytes_max: self.file_bytes_max,
        })
    }

    /// Whether `carry` or `setup` brought the path.
    pub(super) fn is_carried(&self, path: &str) -> bool {
        self.carried.iter().any(|carried| {
            let rest = path.strip_prefix(carried.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

/// One path that differs from the base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// A path that the base does not have.
    Added {
        /// Relative to the project.
        path: String,
        /// Its mode and content.
        entry: Entry,
    },
    /// A path with another content or mode.
    Modified {
        /// Relative to the project.
        path: String,
        /// In the base.
        before: Entry,
        /// After the change.
        entry: Entry,
    },
    /// A path of the base that is gone.
    Deleted {
        /// Relative to the project.
        path: String,
        /// In the base.
        before: Entry,
    },
    /// A file that moved with its content unchanged.
    Renamed {
        /// The old path.
        from: String,
        /// The new path.
        path: String,
        /// After the change; the mode may differ from the base's.
        entry: Entry,
    },
}

/// Everything that an attempt changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// The whole tree after the change. With violations, the base's tree.
    pub tree: Oid,
    /// Differences from the base, sorted by path.
    pub changes: Vec<Change>,
    /// What breaks the rules; any of these fails the attempt.
    pub violations: Vec<Violation>,
    /// Changed paths that no claim covers, sorted; they become a claim request.
    pub outside_claims: Vec<String>,
}

impl ChangeSet {
    /// Whether nothing differs and nothing is wrong.
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.violations.is_empty()
    }

    /// All paths touched, both ends of a rename among them, sorted.
    pub fn paths(&self) -> Vec<String> {
        let paths: BTreeSet<&str> = self.changes.iter().flat_map(Change::paths).collect();
        paths.into_iter().map(str::to_owned).collect()
    }
}

impl Change {
    /// The paths touched: two for a rename, else one.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let (path, from) = match self {
            Self::Added { path, .. } | Self::Modified { path, .. } | Self::Deleted { path, .. } => {
                (path, None)
            }
            Self::Renamed { from, path, .. } => (path, Some(from)),
        };
        from.into_iter().chain([path]).map(String::as_str)
    }

    /// The path by which changes are sorted: where the file is, or was.
    pub fn path(&self) -> &str {
        match self {
            Self::Added { path, .. }
            | Self::Modified { path, .. }
            | Self::Deleted { path, .. }
            | Self::Renamed { path, .. } => path,
        }
    }

    /// The edits of a tree that this change is.
    pub(super) fn edits(&self) -> impl Iterator<Item = (&str, Option<Entry>)> {
        let (gone, there) = match self {
            Self::Added { path, entry } | Self::Modified { path, entry, .. } => {
                (None, Some((path.as_str(), Some(*entry))))
            }
            Self::Deleted { path, .. } => (Some((path.as_str(), None)), None),
            Self::Renamed { from, path, entry } => (
                Some((from.as_str(), None)),
                Some((path.as_str(), Some(*entry))),
            ),
        };
        gone.into_iter().chain(there)
    }
}
