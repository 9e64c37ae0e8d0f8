//! Git, in process: objects, trees, commits, references, and the user's checkout.
//!
//! [`Repository`] reads and writes objects by `gix` without a work tree. [`Repository::publish`] moves a
//! branch by compare-and-swap, the only point at which a landing becomes true;
//! [`Repository::find_landed`] asks the history afterwards what did. [`Repository::sync_checkout`] updates
//! the user's checkout by the external `git`, without hooks and never over local edits. The locks of other gits
//! are reported, never removed.
//!
//! Nothing here knows tasks' claims or how a change came about.

mod checkout;
mod error;
mod handle;
mod history;
mod identity;
mod object;
mod oid;
mod program;
mod reference;
mod repository;
mod tree;

pub use checkout::{Sync, SyncError};
pub use error::GitError;
pub use history::{EPOCH_TRAILER, Landed, TASK_TRAILER};
pub use identity::Identity;
pub(crate) use object::Blobs;
pub use object::CommitSpec;
pub use oid::{Oid, OidError};
pub use program::{GIT_VERSION_MIN, GitVersion, VersionError, git_version};
pub use reference::{PublishError, Published};
pub use repository::Repository;
pub(crate) use tree::diff_trees_by;
pub use tree::{Differences, Entry, FileMode, Listing};
