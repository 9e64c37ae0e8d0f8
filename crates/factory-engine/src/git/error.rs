//! Why the repository refused, with what was tried.

use thiserror::Error;

use super::oid::Oid;

/// Why a repository could not be read or written.
#[derive(Debug, Error)]
pub enum GitError {
    /// `gix` refused; the source says why.
    #[error("{action}")]
    Gix {
        /// What was tried, as in "read the commit `…`".
        action: String,
        /// Gix's reason.
        #[source]
        source: gix::Error,
    },
    /// A tree has a path that we do not accept: not UTF-8, or one that no checkout may write.
    #[error("the tree {tree} has the path `{path}`, which cannot be checked out")]
    UnsafePath {
        /// The tree that the path is relative to.
        tree: Oid,
        /// The path, as far as it can be shown.
        path: String,
    },
}

/// Says what was tried, for [`GitError::Gix`].
pub(super) trait Tried<T> {
    fn tried(self, action: impl FnOnce() -> String) -> Result<T, GitError>;
}

impl<T, E: Into<gix::Error>> Tried<T> for Result<T, E> {
    fn tried(self, action: impl FnOnce() -> String) -> Result<T, GitError> {
        self.map_err(|source| GitError::Gix {
            action: action(),
            source: source.into(),
        })
    }
}
