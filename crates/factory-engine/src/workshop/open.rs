//! Opening the repository, or refusing it before anything is made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use factory_core::id::{ObjectId, TaskId};
use factory_core::run::StartPoint;

use crate::git::{GitError, Oid, PublishError, Repository, SyncError};
use crate::merge::LandError;
use crate::staging::{Area, MergeCheckouts, ParallelCopy, StagingError};

/// The folders, the target branch and the limits of a [`Workshop`].
#[derive(Debug, Clone)]
pub struct WorkshopSpec {
    /// The main work tree; the repository is made if there is none.
    pub repository: PathBuf,
    /// Folder of the staging areas; nobody else may use it.
    pub staging: PathBuf,
    /// The target branch, created by the first landing.
    pub branch: String,
    /// What the branch grows from while it does not exist.
    pub start: StartPoint,
    /// Largest file of a change, in bytes.
    pub file_bytes_max: u64,
}

/// One repository with its staging areas.
#[derive(Debug)]
pub struct Workshop {
    pub(super) spec: WorkshopSpec,
    pub(super) repo: Repository,
    pub(super) staging: ParallelCopy,
    pub(super) areas: Mutex<BTreeMap<String, Area>>,
    pub(super) checkouts: MergeCheckouts,
    /// Why the user's checkout was behind when it was last to be updated.
    pub(super) behind: Mutex<Option<String>>,
}

/// Why the workshop could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum WorkshopError {
    /// The repository refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The target branch could not be read or moved.
    #[error(transparent)]
    Branch(#[from] PublishError),
    /// A change could not be merged.
    #[error(transparent)]
    Land(#[from] LandError),
    /// A staging area could not be made, read or removed.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The user's checkout could not be looked at.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// A folder could not be made.
    #[error("make folder `{}`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The repository's folder has a `.git` file instead of a folder.
    #[error(
        "`{}` is a linked work tree or a submodule, which is not supported; use the folder of the main work tree, \
         which `git worktree list` names first",
        path.display()
    )]
    LinkedWorkTree {
        /// The folder.
        path: PathBuf,
    },
    /// The repository does not use SHA-1.
    #[error(
        "the repository `{}` uses the object format `{format}`, but only `sha1` is supported; \
         use a repository made by `git init --object-format=sha1`",
        path.display()
    )]
    ObjectFormat {
        /// The folder.
        path: PathBuf,
        /// As its configuration names it.
        format: String,
    },
    /// The tree to start from has names that no staging area can hold.
    #[error(
        "{at} has the path `{path}`, whose name is not UTF-8 text or is reserved by git; \
         rename it in a commit first"
    )]
    UnsafeName {
        /// The branch or commit, as in "the branch `main`".
        at: String,
        /// As far as it can be shown.
        path: String,
    },
    /// The start point does not exist.
    #[error(
        "the target branch cannot start at {start}, which does not exist; name another start point"
    )]
    NoStart {
        /// As in "the branch `main`".
        start: String,
    },
    /// Another git has held the target branch for longer than we wait.
    #[error(
        "another git holds the branch by `{}`; resume when the lock is gone, or remove it if no git is running",
        lock.display()
    )]
    BranchLocked {
        /// Never removed by us.
        lock: PathBuf,
    },
    /// What has landed is not on the target branch any more: it was reset, deleted or damaged.
    #[error(
        "the branch `{branch}` of `{}` is at {}, which does not contain `{landed}`, the last change that landed",
        repository.display(),
        head.as_ref().map_or("no commit", ObjectId::as_str)
    )]
    LandedMissing {
        /// The branch.
        branch: String,
        /// The repository's folder.
        repository: PathBuf,
        /// The newest commit that the log says has landed.
        landed: ObjectId,
        /// Where the branch is.
        head: Option<ObjectId>,
    },
    /// The log holds a text that is not an object id.
    #[error("`{0}` is not a valid object id")]
    InvalidObjectId(ObjectId),
    /// There is no staging area to collect.
    #[error("the staging area of task `{0}` is gone")]
    NoArea(TaskId),
    /// Blocking work panicked or was cancelled.
    #[error("the work on the repository panicked")]
    Panicked,
}

/// Runs blocking work on a thread for it.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WorkshopError> + Send + 'static,
) -> Result<T, WorkshopError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(WorkshopError::Panicked))
}

impl Workshop {
    /// Opens the repository, or makes it.
    ///
    /// A repository that cannot be worked on is refused before anything is made.
    pub fn open(spec: WorkshopSpec) -> Result<Self, WorkshopError> {
        let found = find(&spec.repository)?;
        check_start(found.as_ref(), &spec)?;
        make_folder(&spec.staging)?;
        make_folder(&spec.repository)?;
        let repo = match found {
            Some(repo) => repo,
            None => Repository::init(&spec.repository)?,
        };
        let staging = ParallelCopy::new(repo.clone(), &spec.staging);
        Ok(Self {
            checkouts: MergeCheckouts::new(repo.clone(), staging.clone()),
            spec,
            repo,
            staging,
            areas: Mutex::default(),
            behind: Mutex::default(),
        })
    }

    /// The repository's objects and references.
    pub fn repository(&self) -> &Repository {
        &self.repo
    }

    /// The head of the target branch, or where it will start; none if its first commit will have no parent.
    pub fn head(&self) -> Result<Option<ObjectId>, WorkshopError> {
        Ok(self.head_oid()?.map(id))
    }

    /// As [`Self::head`], which must contain the newest commit that the log says has landed.
    ///
    /// # Errors
    ///
    /// [`WorkshopError::LandedMissing`] if it does not: nothing may be built on such a branch or said of it.
    pub fn head_with(&self, landed: Option<&ObjectId>) -> Result<Option<ObjectId>, WorkshopError> {
        let (head, commit) = (self.head_oid()?, optional(landed)?);
        let is_there = match (head, commit) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(head), Some(commit)) => {
                head == commit
                    || (self.repo.has_commit(commit) && self.repo.is_ancestor(commit, head)?)
            }
        };
        match landed {
            Some(landed) if !is_there => Err(WorkshopError::LandedMissing {
                branch: self.spec.branch.clone(),
                repository: self.spec.repository.clone(),
                landed: landed.clone(),
                head: head.map(id),
            }),
            _ => Ok(head.map(id)),
        }
    }

    pub(super) fn head_oid(&self) -> Result<Option<Oid>, WorkshopError> {
        match self.repo.branch_head(&self.spec.branch)? {
            Some(head) => Ok(Some(head)),
            None => start_of(&self.repo, &self.spec.start),
        }
    }
}

/// The repository of a main work tree; none if the folder has none.
fn find(path: &Path) -> Result<Option<Repository>, WorkshopError> {
    let git_dir = path.join(".git");
    if git_dir.is_file() {
        let path = path.to_path_buf();
        return Err(WorkshopError::LinkedWorkTree { path });
    }
    if !git_dir.join("HEAD").is_file() {
        return Ok(None);
    }
    let format = Repository::object_format(&git_dir)?;
    if format != "sha1" {
        let path = path.to_path_buf();
        return Err(WorkshopError::ObjectFormat { path, format });
    }
    Ok(Some(Repository::open(path)?))
}

/// Refuses a start point that is missing, and names that cannot be checked out.
fn check_start(repo: Option<&Repository>, spec: &WorkshopSpec) -> Result<(), WorkshopError> {
    let Some(repo) = repo else {
        return match &spec.start {
            StartPoint::Empty => Ok(()),
            start => Err(no_start(start)),
        };
    };
    let branch = format!("the branch `{}`", spec.branch);
    let (at, commit) = match repo.branch_head(&spec.branch)? {
        Some(head) => (branch, Some(head)),
        None => (describe(&spec.start), start_of(repo, &spec.start)?),
    };
    let Some(commit) = commit else {
        return Ok(());
    };
    match repo.read_tree(commit) {
        Ok(_) => Ok(()),
        Err(GitError::UnsafePath { path, .. }) => Err(WorkshopError::UnsafeName { at, path }),
        Err(error) => Err(error.into()),
    }
}

fn start_of(repo: &Repository, start: &StartPoint) -> Result<Option<Oid>, WorkshopError> {
    match start {
        StartPoint::Empty => Ok(None),
        StartPoint::Branch { branch } => match repo.branch_head(branch)? {
            Some(head) => Ok(Some(head)),
            None => Err(no_start(start)),
        },
        StartPoint::Commit { commit } => {
            let commit = oid(commit)?;
            if !repo.has_commit(commit) {
                return Err(no_start(start));
            }
            Ok(Some(commit))
        }
    }
}

fn no_start(start: &StartPoint) -> WorkshopError {
    let start = describe(start);
    WorkshopError::NoStart { start }
}

fn describe(start: &StartPoint) -> String {
    match start {
        StartPoint::Empty => "the empty tree".to_owned(),
        StartPoint::Branch { branch } => format!("the branch `{branch}`"),
        StartPoint::Commit { commit } => format!("the commit `{commit}`"),
    }
}

fn make_folder(path: &Path) -> Result<(), WorkshopError> {
    std::fs::create_dir_all(path).map_err(|source| WorkshopError::Folder {
        path: path.to_path_buf(),
        source,
    })
}

pub(super) fn oid(id: &ObjectId) -> Result<Oid, WorkshopError> {
    Oid::try_from(id).map_err(|_| WorkshopError::InvalidObjectId(id.clone()))
}

pub(super) fn optional(id: Option<&ObjectId>) -> Result<Option<Oid>, WorkshopError> {
    id.map(oid).transpose()
}

pub(super) fn id(oid: Oid) -> ObjectId {
    oid.into()
}
