//! The same merge by the external `git`: the fallback, and the reference in tests.

use thiserror::Error;

use super::verdict::{ConflictReason, ConflictedPath, TreeVerdict};
use crate::git::{CommitSpec, GitError, Oid, OidError, Repository};

/// Why the external `git` gave no verdict.
#[derive(Debug, Error)]
pub enum ExternalError {
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// `git` did not start.
    #[error("run `git merge-tree`")]
    Start(#[source] std::io::Error),
    /// `git` failed.
    #[error("`git merge-tree` failed: {said}")]
    Failed {
        /// Its error output.
        said: String,
    },
    /// `git` answered something other than a tree id.
    #[error("read the answer of `git merge-tree`")]
    Answer(#[source] OidError),
}

/// Merges the trees `[base, ours, theirs]` by `git merge-tree --write-tree`.
pub fn merge_by_git(
    repo: &Repository,
    [base, ours, theirs]: [Oid; 3],
) -> Result<TreeVerdict, ExternalError> {
    // Trees as merge base need git 2.45; commits that nobody refers to serve every version.
    let commit = |tree, parents: Vec<Oid>| {
        let message = "factory: merge\n".to_owned();
        repo.write_commit(&CommitSpec {
            tree,
            parents,
            message,
            time_epoch_s: 0,
        })
    };
    let root = commit(base, Vec::new())?;
    let (ours, theirs) = (commit(ours, vec![root])?, commit(theirs, vec![root])?);
    let mut call = repo.git();
    call.args(["-c", "merge.conflictStyle=merge", "-c", "diff.renames=true"]);
    call.args([
        "merge-tree",
        "--write-tree",
        "-z",
        "--name-only",
        "--no-messages",
    ]);
    let output = call.args([ours.to_string(), theirs.to_string()]).output();
    let output = output.map_err(ExternalError::Start)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let mut fields = said.split('\0').filter(|field| !field.is_empty());
    match output.status.code() {
        Some(0) => {
            let tree = fields.next().unwrap_or_default().trim();
            Ok(Ok(tree.parse().map_err(ExternalError::Answer)?))
        }
        Some(1) => {
            let reason = ConflictReason::Other;
            let path = |path: &str| ConflictedPath {
                path: path.to_owned(),
                reason,
            };
            Ok(Err(fields.skip(1).map(path).collect()))
        }
        _ => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(ExternalError::Failed { said })
        }
    }
}
