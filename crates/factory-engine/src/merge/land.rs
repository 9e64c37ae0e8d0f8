//! From a collected change to a commit on the target branch.

use thiserror::Error;

use super::three_way::{MergeError, merge};
use super::verdict::{Conflict, Merged, Report, Resolved, Verdict};
use crate::git::{CommitSpec, EPOCH_TRAILER, GitError, Oid, Repository, TASK_TRAILER};

/// A change that is to land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandSpec {
    /// Id of the task that made it; becomes a trailer.
    pub task: String,
    /// Epoch of the attempt that made it; becomes a trailer.
    pub epoch: u64,
    /// The commit it was made from; none for the first of a repository.
    pub base: Option<Oid>,
    /// The whole tree after the change.
    pub tree: Oid,
    /// The message, without trailers.
    pub message: String,
    /// Seconds since 1970 for the commit.
    pub time_epoch_s: i64,
}

/// What [`prepare`] made of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preparation {
    /// The change is empty, or the head already has it.
    NothingToLand,
    /// A commit is written; record the intent, then publish it.
    Ready(Prepared),
    /// The change does not merge with what has landed since its base.
    Conflict(Conflict),
}

/// A commit that has been written and to which no branch points yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Its parent, which the branch must still point to when the commit is published.
    pub old_head: Option<Oid>,
    /// Not referenced by any branch yet.
    pub new_commit: Oid,
    /// The commit's tree, which the checks run on.
    pub tree: Oid,
    /// Counts for the merge ratio.
    pub report: Report,
    /// Paths that a rung of the ladder settled.
    pub resolved: Vec<Resolved>,
}

/// Why a change could not be prepared.
#[derive(Debug, Error)]
pub enum LandError {
    /// The merge has no verdict.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Merges a change with `head` and writes the commit: one parent, the task and its epoch as trailers.
///
/// Changes no reference and may be repeated. The head need not be published, so a batch becomes a row of commits.
pub fn prepare(
    repo: &Repository,
    head: Option<Oid>,
    spec: &LandSpec,
) -> Result<Preparation, LandError> {
    let tree_of = |commit: Option<Oid>| match commit {
        Some(commit) => repo.tree_of(commit),
        None => repo.write_tree::<&str>(Oid::empty_tree(), []),
    };
    let (base_tree, head_tree) = (tree_of(spec.base)?, tree_of(head)?);
    let change_tree = repo.tree_of(spec.tree)?;
    if change_tree == base_tree {
        return Ok(Preparation::NothingToLand);
    }
    let merged = match merge(repo, base_tree, head_tree, change_tree)? {
        Verdict::Merged(merged) => merged,
        Verdict::Conflict(conflict) => return Ok(Preparation::Conflict(conflict)),
    };
    let Merged {
        tree,
        resolved,
        report,
    } = merged;
    if tree == head_tree {
        return Ok(Preparation::NothingToLand);
    }
    let report = Report {
        base_was_behind: spec.base != head,
        ..report
    };
    let new_commit = repo.write_commit(&CommitSpec {
        tree,
        parents: head.into_iter().collect(),
        message: message(spec),
        time_epoch_s: spec.time_epoch_s,
    })?;
    Ok(Preparation::Ready(Prepared {
        old_head: head,
        new_commit,
        tree,
        report,
        resolved,
    }))
}

fn message(spec: &LandSpec) -> String {
    let text = spec.message.trim();
    let text = if text.is_empty() {
        spec.task.as_str()
    } else {
        text
    };
    let task = spec.task.replace(char::is_control, " ");
    format!(
        "{text}\n\n{TASK_TRAILER}: {task}\n{EPOCH_TRAILER}: {}\n",
        spec.epoch
    )
}
