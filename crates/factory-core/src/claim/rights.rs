//! What a task may do to which files: modes, their compatibility, and the check of a changed path.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Glob;

/// How a task uses the files it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Relies on the files; excludes `write` only. Held until collected.
    Read,
    /// Changes the files beside others; the merge settles it. Held until landed or abandoned,
    /// because a later `write` must not meet a change that is still on its way.
    Edit,
    /// Has the files alone. Held until landed or abandoned.
    Write,
}

impl Mode {
    /// Whether holders of the two modes may have a path in common.
    pub const fn is_compatible(self, other: Self) -> bool {
        !matches!((self, other), (Self::Write, _) | (_, Self::Write))
    }

    /// The word used in plans, events and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Edit => "edit",
            Self::Write => "write",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A wish for file globs; granted, it is a lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// How the files are used.
    pub mode: Mode,
    /// Which files.
    pub glob: Glob,
}

impl Claim {
    /// A claim on `glob` in `mode`.
    pub const fn new(mode: Mode, glob: Glob) -> Self {
        Self { mode, glob }
    }

    /// What a task without any claims gets: `edit: ["**"]`.
    pub fn everything() -> Self {
        Self::new(Mode::Edit, Glob::everything())
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`", self.mode, self.glob)
    }
}

/// Whether `claims` allow a change of `path`: `edit` and `write` do, `read` does not.
pub fn covers(claims: &[Claim], path: &str) -> bool {
    claims
        .iter()
        .any(|claim| claim.mode != Mode::Read && claim.glob.is_match(path))
}
