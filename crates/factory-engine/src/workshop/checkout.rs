//! The user's checkout follows the target branch; after a crash, both are put in order.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::chain;
use super::open::{Workshop, WorkshopError};
use crate::git::{Oid, Repository, Sync, SyncError};
use crate::staging::collect_leftovers;

/// File in the git folder that names the commit which the checkout was last updated to.
const CHECKOUT_NOTE: &str = "factory-checkout";

impl Workshop {
    /// Updates the user's checkout to the head, and logs why if it stays behind: once for each reason, not once for
    /// each landing. Nothing waits for the checkout, so nothing fails with it.
    pub fn sync(&self) {
        let reason = match self.update_checkout() {
            Ok(reason) => reason,
            Err(error) => Some(chain(&error)),
        };
        let mut known = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = reason.as_ref().filter(|_| *known != reason) {
            tracing::warn!(repository = %self.spec.repository.display(), %reason,
                "the checkout stays behind its branch; do not commit there, a commit would undo what landed");
        }
        *known = reason;
    }

    /// Updates the user's checkout to the head; says why it stays behind, if it does.
    ///
    /// Only what has landed is brought there: a head that the person's own git moved (a commit, an amendment, a reset) is
    /// theirs, with an index and files as they left them. Local edits are never overwritten, and the lock of another git
    /// is respected however old it is. The commit that the checkout was last updated to is noted beside the index, so
    /// that a crash in between is repaired the next time.
    pub fn update_checkout(&self) -> Result<Option<String>, WorkshopError> {
        let (branch, note) = (&self.spec.branch, note_path(&self.repo));
        let Some((from, head)) = missing_from_checkout(&self.repo, branch)? else {
            return Ok(None);
        };
        let synced = match self.repo.sync_checkout(branch, from, head) {
            Err(SyncError::IndexLocked { path }) => {
                let path = path.display();
                return Ok(Some(format!(
                    "another git holds `{path}`; the checkout follows when that lock is gone"
                )));
            }
            synced => synced?,
        };
        match synced {
            Sync::Done => {
                let written = std::fs::write(&note, head.to_string());
                written.map_err(|source| WorkshopError::Folder { path: note, source })?;
                Ok(None)
            }
            Sync::NotCheckedOut => Ok(None),
            Sync::Refused { reason } => Ok(Some(reason)),
        }
    }

    /// After a crash and before any attempt: removes the areas of dead ones and updates the checkout to the head.
    pub fn recover(&self) {
        if let Err(error) = collect_leftovers(&self.spec.staging, &[]) {
            // They cost disk space and delay nothing; the next start tries again.
            tracing::warn!(
                error = chain(&error),
                "areas of dead attempts could not be removed"
            );
        }
        self.sync();
    }
}

/// Whether `branch` is checked out in `repository` and something that landed is missing from the checkout, because
/// local edits or another git were in the way.
///
/// # Errors
///
/// The repository could not be read.
pub fn is_checkout_behind(repository: &Path, branch: &str) -> Result<bool, WorkshopError> {
    let repo = Repository::open(repository)?;
    match missing_from_checkout(&repo, branch)? {
        Some((from, head)) => Ok(!repo.is_checkout_at(branch, from, head)?),
        None => Ok(false),
    }
}

/// What the checkout may not have yet: the commits after the first, up to the second. None: nothing has landed since the
/// checkout was last updated or the person's own git moved the head.
fn missing_from_checkout(
    repo: &Repository,
    branch: &str,
) -> Result<Option<(Option<Oid>, Oid)>, WorkshopError> {
    let Some(head) = repo.branch_head(branch)? else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(note_path(repo)).ok();
    let noted = text.and_then(|text| text.trim().parse().ok());
    if noted == Some(head) {
        return Ok(None);
    }
    let from = repo.newest_not_landed(head, noted)?;
    Ok((from != Some(head)).then_some((from, head)))
}

fn note_path(repo: &Repository) -> PathBuf {
    repo.git_dir().join(CHECKOUT_NOTE)
}
