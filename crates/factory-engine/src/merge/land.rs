//! From a collected change to a commit on the target branch.

use thiserror::Error;

use super::three_way::{Conflict, MergeError, Merged, Report, Resolved, Verdict, merge};
use crate::git::{
    CommitSpec, EPOCH_TRAILER, GitError, Oid, PublishError, Published, Repository, TASK_TRAILER,
};

/// A change that wants to land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandSpec {
    /// The target branch; need not exist yet.
    pub branch: String,
    /// The task whose change it is.
    pub task: String,
    /// The epoch of the attempt that made it.
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
    /// The change is empty, or the branch has it already.
    NothingToLand {
        /// Where the branch stands.
        head: Option<Oid>,
    },
    /// A commit is written; record the intent, then [`publish`] it.
    Ready(Prepared),
    /// The change does not go together with what has landed since its base.
    Conflict(Conflict),
}

/// A commit that has been written and to which no branch points yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The target branch.
    pub branch: String,
    /// Where the branch must stand for the landing to be right.
    pub old_head: Option<Oid>,
    /// The commit.
    pub new_commit: Oid,
    /// Its tree, on which `verify` runs.
    pub tree: Oid,
    /// For the merge ratio.
    pub report: Report,
    /// Paths that a rung of the ladder settled.
    pub resolved: Vec<Resolved>,
}

/// Why a change could not be prepared.
#[derive(Debug, Error)]
pub enum LandError {
    /// The branch could not be read.
    #[error(transparent)]
    Branch(#[from] PublishError),
    /// The merge has no verdict.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Merges a change with the branch's head and writes the commit: one parent, the task and its epoch as
/// trailers. Changes no reference; may be repeated.
pub fn prepare(repo: &Repository, spec: &LandSpec) -> Result<Preparation, LandError> {
    prepare_onto(repo, repo.branch_head(&spec.branch)?, spec)
}

/// As [`prepare`], on a head that may not be published yet: so a batch of changes becomes a chain of commits.
pub fn prepare_onto(
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
        return Ok(Preparation::NothingToLand { head });
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
        return Ok(Preparation::NothingToLand { head });
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
    let branch = spec.branch.clone();
    Ok(Preparation::Ready(Prepared {
        branch,
        old_head: head,
        new_commit,
        tree,
        report,
        resolved,
    }))
}

/// Moves the branch to a prepared commit, if it still stands where it stood.
pub fn publish(repo: &Repository, prepared: &Prepared) -> Result<Published, PublishError> {
    repo.publish(&prepared.branch, prepared.old_head, prepared.new_commit)
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
