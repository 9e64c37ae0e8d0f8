//! Where the changes of one repository are made: its staging areas, what was changed in them, and the way of a
//! change onto the target branch. Blocking; the runner calls it on threads that may block.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub(crate) use factory_core::cause::chain;
use factory_core::clock::Timestamp;
use factory_core::id::{Epoch, ObjectId, TaskId};
use factory_core::run::{Collected, Landing, TaskSpec};

use crate::git::{GitError, Oid, PublishError, Published, Repository, Sync, SyncError};
use crate::merge::{LandError, LandSpec, Preparation, Prepared, prepare_onto};
use crate::staging::{
    Area, ChangeSet, CommitFiles, ParallelCopy, Rules, Staging as _, StagingError, TreeChange,
    area_name, collect_leftovers, write_change,
};

/// File in the git folder that names the commit which the checkout was last brought to.
const CHECKOUT_NOTE: &str = "factory-checkout";

/// Older than this, the lock of an index belongs to a git that has died; a person at an editor holds it for a while.
const INDEX_LOCK_AGE_MAX: Duration = Duration::from_mins(1);
/// Older than this, the lock of a branch belongs to a git that has died: a living one holds it for moments.
const BRANCH_LOCK_AGE_MAX: Duration = Duration::from_secs(2);
/// Tries to move a branch that somebody holds, and the pause between them: five seconds in all.
const PUBLISH_TRIES: u32 = 50;
const PUBLISH_PAUSE: Duration = Duration::from_millis(100);

/// Where a workshop works.
#[derive(Debug, Clone)]
pub struct WorkshopPlace {
    /// The repository; made when it is missing.
    pub repository: PathBuf,
    /// Folder of its staging areas; ours alone.
    pub staging: PathBuf,
    /// The target branch.
    pub branch: String,
    /// Largest file of a change, in bytes.
    pub file_bytes_max: u64,
}

/// The workshop of one repository.
#[derive(Debug)]
pub struct Workshop {
    place: WorkshopPlace,
    repo: Repository,
    staging: ParallelCopy,
    areas: Mutex<BTreeMap<String, Area>>,
}

/// What an attempt changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The change.
    pub collected: Collected,
    /// What breaks the rules; any of it fails the attempt.
    pub violations: Vec<String>,
    /// Changed paths that no claim of the task covers.
    pub outside: Vec<String>,
}

/// A change on its way to the target branch.
#[derive(Debug, Clone)]
pub struct Change {
    /// The task.
    pub task_id: TaskId,
    /// The attempt.
    pub epoch: Epoch,
    /// What a person reads.
    pub title: String,
    /// What it changed.
    pub collected: Collected,
    /// Whether it was done again because it did not fit an earlier head.
    pub again: bool,
}

/// Changes merged one onto the other, not yet published.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// The head that it stands on.
    pub head: Option<ObjectId>,
    /// What would land, in order.
    pub landings: Vec<(TaskId, Epoch, Landing)>,
    /// What does not fit, and why.
    pub conflicts: Vec<(TaskId, Epoch, String)>,
}

/// The workshop could not do it.
#[derive(Debug, thiserror::Error)]
pub enum WorkshopError {
    /// The repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The target branch.
    #[error(transparent)]
    Branch(#[from] PublishError),
    /// A merge.
    #[error(transparent)]
    Land(#[from] LandError),
    /// A staging area.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The checkout.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// A folder.
    #[error("make folder `{}`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// What the log holds is no object id.
    #[error("`{0}` is no object id")]
    NotAnId(ObjectId),
    /// An attempt's area is gone.
    #[error("the staging area of task `{0}` is gone")]
    NoArea(TaskId),
    /// The thread that worked died.
    #[error("the thread that worked on the repository died")]
    Died,
}

/// Runs what blocks on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WorkshopError> + Send + 'static,
) -> Result<T, WorkshopError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(WorkshopError::Died))
}

/// How long ago a file was written; nothing if there is none.
fn age_of(path: &std::path::Path) -> Option<Duration> {
    let written = std::fs::metadata(path)
        .and_then(|found| found.modified())
        .ok()?;
    Some(written.elapsed().unwrap_or_default())
}

fn oid(id: &ObjectId) -> Result<Oid, WorkshopError> {
    id.as_str()
        .parse()
        .map_err(|_| WorkshopError::NotAnId(id.clone()))
}

fn optional(id: Option<&ObjectId>) -> Result<Option<Oid>, WorkshopError> {
    id.map(oid).transpose()
}

fn id(oid: Oid) -> ObjectId {
    ObjectId::new(oid.to_string())
}

impl Workshop {
    /// Opens the repository, or makes it.
    pub fn open(place: WorkshopPlace) -> Result<Self, WorkshopError> {
        let folder = |path: &PathBuf| {
            std::fs::create_dir_all(path).map_err(|source| WorkshopError::Folder {
                path: path.clone(),
                source,
            })
        };
        folder(&place.staging)?;
        folder(&place.repository)?;
        let exists = place.repository.join(".git").join("HEAD").is_file();
        let repo = if exists {
            Repository::open(&place.repository)?
        } else {
            Repository::init(&place.repository)?
        };
        let staging = ParallelCopy::new(repo.clone(), &place.staging);
        Ok(Self {
            place,
            repo,
            staging,
            areas: Mutex::default(),
        })
    }

    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repo
    }

    /// Where the target branch stands.
    pub fn head(&self) -> Result<Option<ObjectId>, WorkshopError> {
        Ok(self.repo.branch_head(&self.place.branch)?.map(id))
    }

    /// Makes the staging area of an attempt with the files of `base`.
    pub fn stage(
        &self,
        task_id: &TaskId,
        epoch: Epoch,
        base: Option<&ObjectId>,
    ) -> Result<PathBuf, WorkshopError> {
        let name = area_name(task_id.as_str(), epoch.0);
        self.drop_area(task_id, epoch)?;
        let area = self.staging.create(optional(base)?, &name)?;
        let target = self.staging.recipe(&area).target;
        self.areas
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, area);
        Ok(target)
    }

    /// What was changed in an attempt's area.
    pub fn collect(&self, task: &TaskSpec, epoch: Epoch) -> Result<Collection, WorkshopError> {
        let name = area_name(task.id.as_str(), epoch.0);
        let area = self
            .areas
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&name);
        let area = area.ok_or_else(|| WorkshopError::NoArea(task.id.clone()))?;
        let set = self.staging.changed(&area, &self.rules(task));
        let base = area.base().map(id);
        self.areas
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, area);
        Ok(collection(base, set?))
    }

    /// Writes a change that was made in memory, judged as if it had been collected from an area.
    pub fn write_change(
        &self,
        task: &TaskSpec,
        base: Option<&ObjectId>,
        change: &TreeChange,
    ) -> Result<Collection, WorkshopError> {
        let set = write_change(&self.repo, optional(base)?, change, &self.rules(task))?;
        Ok(collection(base.cloned(), set))
    }

    /// The files of `base`, for a worker that makes a change in memory.
    pub fn files(&self, base: Option<&ObjectId>) -> Result<CommitFiles, WorkshopError> {
        Ok(CommitFiles::open(self.repo.clone(), optional(base)?)?)
    }

    fn rules(&self, task: &TaskSpec) -> Rules {
        let mut claims = task.claims.clone();
        if claims.is_empty() {
            claims.push(factory_core::claim::Claim::everything());
        }
        Rules {
            file_bytes_max: self.place.file_bytes_max,
            ..Rules::new(claims)
        }
    }

    /// Removes an attempt's area, if there is one.
    pub fn drop_area(&self, task_id: &TaskId, epoch: Epoch) -> Result<(), WorkshopError> {
        let name = area_name(task_id.as_str(), epoch.0);
        let known = self
            .areas
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&name);
        let area = match known {
            Some(area) => Some(area),
            None => self.staging.reopen(None, &name)?,
        };
        Ok(area.map_or(Ok(()), |area| self.staging.teardown(area))?)
    }

    /// Merges changes one onto the other, the first onto the head. Publishes nothing.
    pub fn prepare(&self, changes: &[Change], at: Timestamp) -> Result<Chain, WorkshopError> {
        let head = self.repo.branch_head(&self.place.branch)?;
        let mut chain = Chain {
            head: head.map(id),
            ..Chain::default()
        };
        let mut tip = head;
        for change in changes {
            let spec = LandSpec {
                branch: self.place.branch.clone(),
                task: change.task_id.to_string(),
                epoch: change.epoch.0,
                base: optional(change.collected.base.as_ref())?,
                tree: oid(&change.collected.tree)?,
                message: change.title.clone(),
                time_epoch_s: at.0.div_euclid(1000),
            };
            let key = || (change.task_id.clone(), change.epoch);
            match prepare_onto(&self.repo, tip, &spec)? {
                Preparation::NothingToLand { .. } => {
                    let landing = Landing {
                        old_head: tip.map(id),
                        commit: tip.map(id),
                        merge: false,
                        rungs: Vec::new(),
                    };
                    let (task_id, epoch) = key();
                    chain.landings.push((task_id, epoch, landing));
                }
                Preparation::Ready(prepared) => {
                    tip = Some(prepared.new_commit);
                    let (task_id, epoch) = key();
                    chain
                        .landings
                        .push((task_id, epoch, landing(change, &prepared)));
                }
                Preparation::Conflict(conflict) => {
                    let (task_id, epoch) = key();
                    chain.conflicts.push((task_id, epoch, conflict.to_string()));
                }
            }
        }
        Ok(chain)
    }

    /// Moves the target branch from `old` to `new`; whether it still stood at `old`.
    pub fn publish(
        &self,
        old: Option<&ObjectId>,
        new: Option<&ObjectId>,
    ) -> Result<bool, WorkshopError> {
        let (old, Some(new)) = (optional(old)?, optional(new)?) else {
            return Ok(true);
        };
        if old == Some(new) {
            return Ok(self.repo.branch_head(&self.place.branch)? == old);
        }
        // Somebody's own git may hold the branch for a moment.
        let mut tries = 0;
        loop {
            match self.repo.publish(&self.place.branch, old, new) {
                Ok(published) => return Ok(published == Published::Done),
                Err(error) if tries >= PUBLISH_TRIES => return Err(error.into()),
                Err(error) => {
                    tracing::debug!(error = chain(&error), "the branch cannot be moved now");
                    tries += 1;
                    std::thread::sleep(PUBLISH_PAUSE);
                }
            }
        }
    }

    /// Whether the branch holds what an intent says.
    pub fn is_published(&self, landing: &Landing) -> Result<bool, WorkshopError> {
        let Some(commit) = optional(landing.commit.as_ref())? else {
            return Ok(true);
        };
        match self.repo.branch_head(&self.place.branch)? {
            Some(head) => Ok(self.repo.is_ancestor(commit, head)?),
            None => Ok(false),
        }
    }

    /// Brings the user's checkout to the head; local edits are never overwritten. What the checkout was last
    /// brought to is noted beside the index, so that a crash in between is made good the next time.
    pub fn sync(&self) -> Result<(), WorkshopError> {
        if let Some(reason) = self.bring_checkout()? {
            tracing::warn!(repository = %self.place.repository.display(), %reason, "checkout stays behind");
        }
        Ok(())
    }

    /// As [`Self::sync`]; says why the checkout stays behind, if it does.
    pub fn bring_checkout(&self) -> Result<Option<String>, WorkshopError> {
        let Some(head) = self.repo.branch_head(&self.place.branch)? else {
            return Ok(None);
        };
        let note = self.repo.git_dir().join(CHECKOUT_NOTE);
        let old = std::fs::read_to_string(&note)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        if old == Some(head) {
            return Ok(None);
        }
        let synced = match self.repo.sync_checkout(&self.place.branch, old, head) {
            Err(SyncError::IndexLocked { path }) => {
                let path = path.display();
                return Ok(Some(format!("another git holds `{path}`")));
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

    /// Removes locks that a git which died has left: at the start of a driver none of ours is at work, and a
    /// person's takes moments.
    fn drop_stale_locks(&self) {
        let branch = format!("refs/heads/{}.lock", self.place.branch);
        for (lock, age_max) in [
            ("index.lock", INDEX_LOCK_AGE_MAX),
            (branch.as_str(), BRANCH_LOCK_AGE_MAX),
        ] {
            let path = self.repo.git_dir().join(lock);
            while let Some(age) = age_of(&path) {
                if age > age_max {
                    if std::fs::remove_file(&path).is_ok() {
                        tracing::warn!(lock = %path.display(), "a lock that nobody holds any more is removed");
                    }
                    break;
                }
                if age_max > BRANCH_LOCK_AGE_MAX {
                    break;
                }
                std::thread::sleep(PUBLISH_PAUSE);
            }
        }
    }

    /// After a crash: removes what dead attempts left, and brings the checkout to the head.
    pub fn recover(&self) -> Result<(), WorkshopError> {
        if let Err(error) = collect_leftovers(&self.place.staging, &[]) {
            // They cost room and delay nothing; the next start tries again.
            tracing::warn!(error = chain(&error), "left-overs of dead attempts stay");
        }
        self.drop_stale_locks();
        self.sync()
    }
}

fn collection(base: Option<ObjectId>, set: ChangeSet) -> Collection {
    Collection {
        collected: Collected {
            base,
            tree: id(set.tree),
            paths: set.paths(),
        },
        violations: set.violations.iter().map(ToString::to_string).collect(),
        outside: set.outside_claims,
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
