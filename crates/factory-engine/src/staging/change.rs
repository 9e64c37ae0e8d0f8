//! What an attempt changed, what it must not, and by which rules that is judged.

use std::collections::BTreeSet;
use std::fmt;

use factory_core::claim::Claim;
use serde::{Deserialize, Serialize};

use crate::git::{Entry, Oid};

/// By what a change is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// What the attempt was granted. Empty claims grant nothing.
    pub claims: Vec<Claim>,
    /// Paths that `carry` and `setup` brought; they and all below them are never changes.
    pub carried: Vec<String>,
    /// Largest file that may be changed or added, in bytes.
    pub file_bytes_max: u64,
    /// Most files and folders that may stand in the area beside those of the base.
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
    /// Was not there.
    Added {
        /// Where.
        path: String,
        /// What.
        entry: Entry,
    },
    /// Has another content or mode.
    Modified {
        /// Where.
        path: String,
        /// What was there.
        before: Entry,
        /// What is there.
        entry: Entry,
    },
    /// Is gone.
    Deleted {
        /// Where.
        path: String,
        /// What was there.
        before: Entry,
    },
    /// Is gone from one path and stands, unchanged, at another.
    Renamed {
        /// Where it was.
        from: String,
        /// Where it is.
        path: String,
        /// What; the mode may have changed on the way.
        entry: Entry,
    },
}

/// All that an attempt changed.
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

/// A kind of file that git does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialFile {
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A block or character device.
    Device,
    /// Anything else.
    Other,
}

/// What an attempt must not do. Its text is told to the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Violation {
    /// A symbolic link that leads, or may lead, out of the project.
    LinkOut {
        /// The link.
        path: String,
        /// Where it points.
        target: String,
    },
    /// A symbolic link into `.git`.
    LinkIntoGit {
        /// The link.
        path: String,
        /// Where it points.
        target: String,
    },
    /// `.git`, in any spelling that some file system takes for it.
    DotGit {
        /// Where it stands.
        path: String,
    },
    /// A file over the limit.
    TooLarge {
        /// The file.
        path: String,
        /// Its length.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// A pipe, socket or device.
    Special {
        /// Where it stands.
        path: String,
        /// What it is.
        kind: SpecialFile,
    },
    /// Two names that some file systems take for one.
    Twins {
        /// The new name.
        path: String,
        /// The name it collides with.
        twin: String,
    },
    /// More new files and folders than allowed; those after the limit were not looked at.
    TooMany {
        /// The limit.
        files_max: usize,
    },
    /// A name or link target that is not UTF-8, or holds a control character.
    Name {
        /// The name, as far as it can be shown.
        path: String,
    },
    /// A file inside a submodule.
    InSubmodule {
        /// The file.
        path: String,
    },
    /// A file or folder that cannot be read.
    Unreadable {
        /// The path.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkOut { path, target } => {
                write!(
                    formatter,
                    "the link `{path}` to `{target}` leads out of the project"
                )
            }
            Self::LinkIntoGit { path, target } => {
                write!(
                    formatter,
                    "the link `{path}` to `{target}` leads into `.git`"
                )
            }
            Self::DotGit { path } => write!(formatter, "`{path}` belongs to git"),
            Self::TooLarge {
                path,
                bytes,
                bytes_max,
            } => {
                write!(
                    formatter,
                    "`{path}` has {bytes} bytes, at most {bytes_max} are allowed"
                )
            }
            Self::Special { path, kind } => {
                let kind = match kind {
                    SpecialFile::Fifo => "a named pipe",
                    SpecialFile::Socket => "a socket",
                    SpecialFile::Device => "a device",
                    SpecialFile::Other => "no file, folder or link",
                };
                write!(formatter, "`{path}` is {kind}")
            }
            Self::Twins { path, twin } => write!(
                formatter,
                "`{path}` and `{twin}` are one file where case or Unicode form do not count"
            ),
            Self::TooMany { files_max } => {
                write!(
                    formatter,
                    "there are more than {files_max} new files and folders"
                )
            }
            Self::Name { path } => write!(formatter, "{path:?} is not plain UTF-8 text"),
            Self::InSubmodule { path } => write!(formatter, "`{path}` is inside a submodule"),
            Self::Unreadable { path, reason } => {
                write!(formatter, "`{path}` cannot be read: {reason}")
            }
        }
    }
}
