//! What a branch's history says: ancestry, and which task landed as which commit.

use super::error::{GitError, Tried as _};
use super::oid::Oid;
use super::repository::Repository;

/// The trailer that names the task a commit landed.
pub const TASK_TRAILER: &str = "Factory-Task";
/// The trailer with the epoch of the attempt that landed.
pub const EPOCH_TRAILER: &str = "Factory-Epoch";

/// A landing found in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landed {
    /// On the branch's first-parent line.
    pub commit: Oid,
    /// From the commit's trailer.
    pub epoch: u64,
}

impl Repository {
    /// The newest landing of `task` among the commits of `head` that are not in `since`.
    pub fn find_landed(
        &self,
        head: Oid,
        task: &str,
        since: Option<Oid>,
    ) -> Result<Option<Landed>, GitError> {
        let local = self.local();
        let walk = local.rev_walk([head.0]).first_parent_only();
        let walk = walk.with_hidden(since.map(|since| since.0)).all();
        let walk = walk.tried(|| format!("walk the history of {head}"))?;
        for commit in walk {
            let commit = commit.tried(|| format!("walk the history of {head}"))?;
            let object = commit
                .object()
                .tried(|| format!("read the commit {}", commit.id))?;
            let message = object.message_raw_sloppy().to_string();
            if trailer(&message, TASK_TRAILER) == Some(task)
                && let Some(Ok(epoch)) = trailer(&message, EPOCH_TRAILER).map(str::parse)
            {
                return Ok(Some(Landed {
                    commit: Oid(commit.id),
                    epoch,
                }));
            }
        }
        Ok(None)
    }

    /// The newest commit up to `head`, `head` included, that no landing made, or `known`, or what `known` and `head` have
    /// in common; whichever comes first on the way back from `head`. None: there is no such commit.
    pub fn newest_not_landed(
        &self,
        head: Oid,
        known: Option<Oid>,
    ) -> Result<Option<Oid>, GitError> {
        let known = known.filter(|known| self.has_commit(*known));
        // Unrelated histories have nothing in common.
        let stop = known.and_then(|known| self.merge_base(known, head).ok().flatten());
        let local = self.local();
        let walk = local.rev_walk([head.0]).first_parent_only().all();
        for commit in walk.tried(|| format!("walk the history of {head}"))? {
            let commit = commit.tried(|| format!("walk the history of {head}"))?;
            let object = commit
                .object()
                .tried(|| format!("read the commit {}", commit.id))?;
            let message = object.message_raw_sloppy().to_string();
            if Some(Oid(commit.id)) == stop || trailer(&message, TASK_TRAILER).is_none() {
                return Ok(Some(Oid(commit.id)));
            }
        }
        Ok(None)
    }

    /// Whether `ancestor` is `descendant` or in its history.
    pub fn is_ancestor(&self, ancestor: Oid, descendant: Oid) -> Result<bool, GitError> {
        if ancestor == descendant {
            return Ok(true);
        }
        let base = self.merge_base(ancestor, descendant)?;
        Ok(base == Some(ancestor))
    }

    /// The best common ancestor of two commits.
    pub fn merge_base(&self, one: Oid, other: Oid) -> Result<Option<Oid>, GitError> {
        let local = self.local();
        let base = local.merge_base(one.0, other.0);
        let base = base.tried(|| format!("find the merge base of {one} and {other}"))?;
        Ok(base.map(|base| Oid(base.detach())))
    }
}

/// The value of a trailer: a line `name: value` in the message's last paragraph.
fn trailer<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let lines = message.trim_end().lines().rev();
    lines
        .take_while(|line| !line.trim().is_empty())
        .find_map(|line| {
            let value = line.strip_prefix(name)?.strip_prefix(':')?;
            Some(value.trim())
        })
}
