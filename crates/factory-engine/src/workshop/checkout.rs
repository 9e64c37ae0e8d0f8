//! The user's checkout follows the target branch; after a crash, both are put in order.

use super::chain;
use super::open::{Workshop, WorkshopError};
use crate::git::{Sync, SyncError};
use crate::staging::collect_leftovers;

/// File in the git folder that names the commit which the checkout was last updated to.
const CHECKOUT_NOTE: &str = "factory-checkout";

impl Workshop {
    /// Updates the user's checkout to the head, and logs why if it stays behind.
    pub fn sync(&self) -> Result<(), WorkshopError> {
        if let Some(reason) = self.update_checkout()? {
            tracing::warn!(repository = %self.spec.repository.display(), %reason,
                "the checkout stays behind its branch; do not commit there, a commit would undo what landed");
        }
        Ok(())
    }

    /// Updates the user's checkout to the head; says why it stays behind, if it does.
    ///
    /// Local edits are never overwritten, and the lock of another git is respected however old it is. The commit
    /// that the checkout was last updated to is noted beside the index, so that a crash in between is repaired the
    /// next time.
    pub fn update_checkout(&self) -> Result<Option<String>, WorkshopError> {
        let Some(head) = self.repo.branch_head(&self.spec.branch)? else {
            return Ok(None);
        };
        let note = self.repo.git_dir().join(CHECKOUT_NOTE);
        let old = std::fs::read_to_string(&note)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        if old == Some(head) {
            return Ok(None);
        }
        let synced = match self.repo.sync_checkout(&self.spec.branch, old, head) {
            Err(SyncError::IndexLocked { path }) => {
                let path = path.display();
                return Ok(Some(format!(
                    "another git holds `{path}`; the checkout follows when that lock is gone"
                )));
            }
            synced => synced?,
        };
        match synced {
            Sync::Done | Sync::NotCheckedOut => {
                let written = std::fs::write(&note, head.to_string());
                written.map_err(|source| WorkshopError::Folder { path: note, source })?;
                Ok(None)
            }
            Sync::Refused { reason } => Ok(Some(reason)),
        }
    }

    /// After a crash and before any attempt: removes the areas of dead ones and updates the checkout to the head.
    pub fn recover(&self) -> Result<(), WorkshopError> {
        if let Err(error) = collect_leftovers(&self.spec.staging, &[]) {
            // They cost disk space and delay nothing; the next start tries again.
            tracing::warn!(
                error = chain(&error),
                "areas of dead attempts could not be removed"
            );
        }
        self.sync()
    }
}
