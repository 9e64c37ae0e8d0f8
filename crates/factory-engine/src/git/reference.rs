//! Branches: reading their heads, and moving one by compare-and-swap.

use std::path::PathBuf;

use gix::refs::transaction::{Change, LogChange, PreviousValue, RefEdit, RefLog};
use gix::refs::{FullName, Target};
use thiserror::Error;

use super::error::{GitError, Tried as _};
use super::oid::Oid;
use super::repository::Repository;

/// What came of [`Repository::publish`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// The branch points to the new commit.
    Done,
    /// Somebody else moved the branch; nothing was changed.
    Moved {
        /// Its new head; none if it was deleted.
        now: Option<Oid>,
    },
    /// Another git holds the branch; nothing was changed.
    Locked {
        /// The lock, which belongs to that git and is never removed here.
        lock: PathBuf,
    },
}

/// Why a branch could not be moved.
#[derive(Debug, Error)]
pub enum PublishError {
    /// A name such as `a..b`.
    #[error("`{branch}` is not a valid branch name")]
    Name {
        /// Without `refs/heads/`.
        branch: String,
    },
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Repository {
    /// The commit that a branch points to; none if there is no such branch.
    pub fn branch_head(&self, branch: &str) -> Result<Option<Oid>, PublishError> {
        let name = full_name(branch)?;
        let local = self.local();
        let found = local.try_find_reference(name.as_ref());
        let Some(mut found) = found.tried(|| format!("find the branch `{branch}`"))? else {
            return Ok(None);
        };
        let head = found
            .peel_to_id()
            .tried(|| format!("read the branch `{branch}`"))?;
        Ok(Some(Oid(head.detach())))
    }

    /// The branch that is checked out; none when `HEAD` points to a commit.
    pub fn checked_out_branch(&self) -> Result<Option<String>, GitError> {
        let local = self.local();
        let name = local.head_name().tried(|| "read `HEAD`".to_owned())?;
        Ok(name.map(|name| name.shorten().to_string()))
    }

    /// Moves `branch` from `expected` to `new`, if it still points to `expected`; none for a branch
    /// that does not exist yet. The one step that makes a landing true. Tries once.
    pub fn publish(
        &self,
        branch: &str,
        expected: Option<Oid>,
        new: Oid,
    ) -> Result<Published, PublishError> {
        let expected_value = match expected {
            Some(old) => PreviousValue::MustExistAndMatch(Target::Object(old.0)),
            None => PreviousValue::MustNotExist,
        };
        let log = LogChange {
            mode: RefLog::AndReference,
            force_create_reflog: false,
            message: "factory: land".into(),
        };
        let change = Change::Update {
            log,
            expected: expected_value,
            new: Target::Object(new.0),
        };
        let edit = RefEdit {
            change,
            name: full_name(branch)?,
            deref: false,
        };
        // The log's time is the commit's, so that nothing here reads the clock.
        let local = self.local();
        let commit = local
            .find_commit(new.0)
            .tried(|| format!("read the commit {new}"))?;
        let time = commit.time().tried(|| format!("read the commit {new}"))?;
        let signature = self.signature(time.seconds);
        let mut buffer = gix::date::parse::TimeBuf::default();
        match local.edit_references_as([edit], Some(signature.to_ref(&mut buffer))) {
            Ok(_) => Ok(Published::Done),
            Err(source) => {
                let now = self.branch_head(branch)?;
                if now == expected {
                    if let Some(lock) = self.lock_of(branch, &source) {
                        return Ok(Published::Locked { lock });
                    }
                    let action = format!("move the branch `{branch}` to {new}");
                    return Err(GitError::Gix { action, source }.into());
                }
                Ok(Published::Moved { now })
            }
        }
    }
}

impl Repository {
    /// The lock that kept the branch from moving, which may be gone by now; none if `error` is about something else.
    fn lock_of(&self, branch: &str, error: &gix::Error) -> Option<PathBuf> {
        let branch = format!("refs/heads/{branch}.lock");
        let common = self.common_dir();
        let [of_branch, of_packed] = [&branch, "packed-refs.lock"].map(|lock| common.join(lock));
        let held = !of_branch.exists() && of_packed.exists();
        let lock = if held { of_packed } else { of_branch };
        (error.is_retryable() || lock.exists()).then_some(lock)
    }
}

fn full_name(branch: &str) -> Result<FullName, PublishError> {
    let full = format!("refs/heads/{branch}");
    FullName::try_from(full).map_err(|_| PublishError::Name {
        branch: branch.to_owned(),
    })
}
