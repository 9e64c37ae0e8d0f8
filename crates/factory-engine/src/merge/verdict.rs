//! What a merge answers: a tree, or every path in conflict with its reason.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::git::Oid;

/// A merged tree, or the paths in conflict.
pub type TreeVerdict = Result<Oid, Vec<ConflictedPath>>;

/// The answer of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Both changes are in the tree.
    Merged(Merged),
    /// They cannot be merged.
    Conflict(Conflict),
}

/// A merge that went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// All files, with both changes.
    pub tree: Oid,
    /// Paths that a merge by lines would not have settled, and what did; sorted by path.
    pub resolved: Vec<Resolved>,
    /// For the merge ratio.
    pub report: Report,
}

/// A merge that did not go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Every path in conflict, sorted.
    pub paths: Vec<ConflictedPath>,
    /// For the merge ratio.
    pub report: Report,
}

impl fmt::Display for Conflict {
    /// One line: `src/a.py: both sides changed the same lines; b: …`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, path) in self.paths.iter().enumerate() {
            let separator = if index > 0 { "; " } else { "" };
            write!(formatter, "{separator}{path}")?;
        }
        Ok(())
    }
}

/// What the merge ratio counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The target had moved since the base.
    pub base_was_behind: bool,
    /// Both sides changed at least one path.
    pub common_paths_changed: bool,
}

impl Report {
    /// Whether the landing counts as a merge.
    pub const fn is_merge(self) -> bool {
        self.base_was_behind && self.common_paths_changed
    }
}

/// A rung of the ladder that settles conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Lists between `factory:begin` and `factory:end`, merged as sets of lines.
    AnchoredList,
    /// The members of JSON objects, key by key.
    JsonKeys,
}

impl Rung {
    /// The word for events and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnchoredList => "anchored_list",
            Self::JsonKeys => "json_keys",
        }
    }
}

/// A path and what settled it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolved {
    /// Relative to the project.
    pub path: String,
    /// The rung of the ladder that did.
    pub rung: Rung,
}

impl fmt::Display for Resolved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.rung.as_str())
    }
}

/// A path in conflict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConflictedPath {
    /// The path, on the target's side where the sides differ.
    pub path: String,
    /// What the sides did to it.
    pub reason: ConflictReason,
}

impl fmt::Display for ConflictedPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.reason)
    }
}

/// Why a path is in conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictReason {
    /// Both changed the same lines.
    Content,
    /// Both changed a binary file.
    Binary,
    /// Both added it, differently.
    BothAdded,
    /// One changed it, the other deleted it.
    ChangedAndDeleted,
    /// They moved it to different places, or different files to one place.
    Renames,
    /// It is a file here and a folder, link or submodule there.
    Types,
    /// Anything else.
    Other,
}

impl fmt::Display for ConflictReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Content => "both sides changed the same lines",
            Self::Binary => "both sides changed a binary file",
            Self::BothAdded => "both sides added it, differently",
            Self::ChangedAndDeleted => "one side changed it, the other deleted it",
            Self::Renames => "the sides renamed files in incompatible ways",
            Self::Types => "it has different types on the two sides",
            Self::Other => "the changes cannot be merged",
        })
    }
}
