//! From collected changes to the target branch: merged in a row, published by compare-and-swap.

use std::sync::Arc;
use std::time::Duration;

use factory_core::clock::{Clock, Timestamp};
use factory_core::id::{Epoch, ObjectId, TaskId};
use factory_core::run::{Collected, Landing};

use super::open::{Workshop, WorkshopError, blocking, id, oid, optional};
use crate::git::Published;
use crate::merge::{LandSpec, Preparation, Prepared, prepare};

/// Tries to move a branch that another git holds, and the pause between them: five seconds in all.
const PUBLISH_TRIES: u32 = 50;
const PUBLISH_PAUSE: Duration = Duration::from_millis(100);

/// A collected change that waits to land.
#[derive(Debug, Clone)]
pub struct Change {
    /// The task that made it.
    pub task_id: TaskId,
    /// The attempt that made it.
    pub epoch: Epoch,
    /// Becomes the commit's message.
    pub title: String,
    /// The change itself.
    pub collected: Collected,
    /// Whether it was made anew because it conflicted with an earlier head.
    pub again: bool,
}

/// Changes merged one onto the other, not yet published.
#[derive(Debug, Clone, Default)]
pub struct MergedBatch {
    /// The head that the first of them was merged with.
    pub head: Option<ObjectId>,
    /// What would land, in order.
    pub landings: Vec<(TaskId, Epoch, Landing)>,
    /// What does not merge, and why.
    pub conflicts: Vec<(TaskId, Epoch, String)>,
}

impl Workshop {
    /// Merges changes one onto the other, the first onto the head. Publishes nothing.
    pub fn prepare(&self, changes: &[Change], at: Timestamp) -> Result<MergedBatch, WorkshopError> {
        let head = self.head_oid()?;
        let mut batch = MergedBatch {
            head: head.map(id),
            ..MergedBatch::default()
        };
        let mut tip = head;
        for change in changes {
            let spec = LandSpec {
                task: change.task_id.to_string(),
                epoch: change.epoch.0,
                base: optional(change.collected.base.as_ref())?,
                tree: oid(&change.collected.tree)?,
                message: change.title.clone(),
                time_epoch_s: at.0.div_euclid(1000),
            };
            let (task_id, epoch) = (change.task_id.clone(), change.epoch);
            let landing = match prepare(&self.repo, tip, &spec)? {
                Preparation::Conflict(conflict) => {
                    batch.conflicts.push((task_id, epoch, conflict.to_string()));
                    continue;
                }
                Preparation::NothingToLand => Landing {
                    old_head: tip.map(id),
                    commit: tip.map(id),
                    merge: false,
                    rungs: Vec::new(),
                },
                Preparation::Ready(prepared) => {
                    tip = Some(prepared.new_commit);
                    landing(change, &prepared)
                }
            };
            batch.landings.push((task_id, epoch, landing));
        }
        Ok(batch)
    }

    /// Moves the target branch from `old` to `new`, trying once. A branch that does not exist yet is created, if
    /// `old` is still its start point.
    pub fn publish(
        &self,
        old: Option<&ObjectId>,
        new: Option<&ObjectId>,
    ) -> Result<Published, WorkshopError> {
        let (old, Some(new)) = (optional(old)?, optional(new)?) else {
            return Ok(Published::Done);
        };
        let head = self.repo.branch_head(&self.spec.branch)?;
        let here = self.head_oid()?;
        if here != old {
            return Ok(Published::Moved { now: here });
        }
        if old == Some(new) {
            return Ok(Published::Done);
        }
        Ok(self.repo.publish(&self.spec.branch, head, new)?)
    }

    /// After a crash: removes the lock of the branch that our own dead publishing has left. It is ours if it holds the
    /// commit of an open intent, or nothing at all while there is one; any other lock is somebody else's and stays.
    ///
    /// Only the driver may call it, before it publishes: no living process of ours holds the lock then.
    pub fn remove_own_branch_lock(&self, intents: &[Landing]) -> Result<(), WorkshopError> {
        let lock = format!("refs/heads/{}.lock", self.spec.branch);
        let lock = self.repo.common_dir().join(lock);
        let Ok(held) = std::fs::read_to_string(&lock) else {
            return Ok(());
        };
        let intended = |landing: &Landing| {
            let commit = landing.commit.as_ref();
            commit.is_some_and(|commit| commit.as_str() == held.trim())
        };
        if intents.is_empty() || !(held.is_empty() || intents.iter().any(intended)) {
            return Ok(());
        }
        tracing::info!(lock = %lock.display(), "the lock of a publishing that was interrupted is removed");
        std::fs::remove_file(&lock).map_err(|source| WorkshopError::Folder { path: lock, source })
    }

    /// Whether the branch already has what an intent says.
    pub fn is_published(&self, landing: &Landing) -> Result<bool, WorkshopError> {
        let Some(commit) = optional(landing.commit.as_ref())? else {
            return Ok(true);
        };
        match self.head_oid()? {
            Some(head) => Ok(self.repo.is_ancestor(commit, head)?),
            None => Ok(false),
        }
    }
}

/// As [`Workshop::publish`], but waits for another git to let go of the branch. Whether the branch still stood at
/// `old`.
pub async fn publish_patiently(
    workshop: &Arc<Workshop>,
    clock: &dyn Clock,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
) -> Result<bool, WorkshopError> {
    let mut tries = 1;
    loop {
        let (workshop, old, new) = (Arc::clone(workshop), old.clone(), new.clone());
        match blocking(move || workshop.publish(old.as_ref(), new.as_ref())).await? {
            Published::Done => return Ok(true),
            Published::Moved { .. } => return Ok(false),
            Published::Locked { lock } if tries >= PUBLISH_TRIES => {
                return Err(WorkshopError::BranchLocked { lock });
            }
            Published::Locked { lock } => {
                tracing::debug!(lock = %lock.display(), tries, "another git holds the branch");
            }
        }
        tries += 1;
        clock.sleep_until(clock.now().plus(PUBLISH_PAUSE)).await;
    }
}

fn landing(change: &Change, prepared: &Prepared) -> Landing {
    let mut rungs: Vec<String> = prepared.resolved.iter().map(ToString::to_string).collect();
    if change.again {
        rungs.push("rendered again on the new base".to_owned());
    }
    Landing {
        old_head: prepared.old_head.map(id),
        commit: Some(id(prepared.new_commit)),
        merge: change.again || prepared.report.is_merge(),
        rungs,
    }
}
