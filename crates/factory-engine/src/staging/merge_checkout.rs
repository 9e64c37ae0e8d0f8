//! The checkout that merge checks run in: one folder, moved forward from check to check.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::area::{Area, Staging as _, StagingError};
use super::copy::ParallelCopy;
use super::reset::reset;
use crate::git::{Oid, Repository};

/// Counts the folders that this process has made.
static CHECKOUTS: AtomicU64 = AtomicU64::new(0);

/// Hands out the checkout of one repository, to one merge check at a time.
///
/// The first check gets a copy of its commit. A later one gets the same folder, restored and moved to its commit;
/// caches that `.gitignore` names are still there. A folder is only used again if the check [released] it. One whose
/// check was given up may have a process left that writes into it, so it is discarded and the next check gets a
/// fresh copy under a name never used before; so does a check that begins while another one is running. For the same
/// reason nothing is taken over from a process that died.
///
/// [released]: MergeCheckout::release
#[derive(Debug)]
pub struct MergeCheckouts {
    repo: Repository,
    staging: ParallelCopy,
    free: Arc<Mutex<Option<Area>>>,
}

/// A commit checked out for a merge check, held until [`release`](Self::release). Dropped without it, the folder is
/// discarded.
#[derive(Debug)]
pub struct MergeCheckout {
    staging: ParallelCopy,
    /// Taken by release and drop only.
    area: Option<Area>,
    files: std::path::PathBuf,
    free: Arc<Mutex<Option<Area>>>,
}

impl MergeCheckouts {
    /// Checkouts of `repo`'s commits as areas of `staging`.
    pub fn new(repo: Repository, staging: ParallelCopy) -> Self {
        Self {
            repo,
            staging,
            free: Arc::default(),
        }
    }

    /// Checks out `commit`.
    pub fn check_out(&self, commit: Oid) -> Result<MergeCheckout, StagingError> {
        let free = lock(&self.free).take();
        let area = match free.map(|area| self.moved(area, commit)) {
            Some(Some(area)) => area,
            _ => self.fresh(commit)?,
        };
        Ok(MergeCheckout {
            staging: self.staging.clone(),
            files: area.files.clone(),
            area: Some(area),
            free: Arc::clone(&self.free),
        })
    }

    /// Discards the folder that waits for the next check.
    pub fn discard_free(&self) {
        if let Some(area) = lock(&self.free).take() {
            discard(&self.staging, area);
        }
    }

    /// The area at `commit`; none if it could not be moved, and then it is discarded.
    fn moved(&self, area: Area, commit: Oid) -> Option<Area> {
        match reset(&self.repo, &area, commit) {
            Ok(manifest) => Some(Area {
                base: Some(commit),
                manifest: Arc::new(manifest),
                ..area
            }),
            Err(error) => {
                let error = factory_core::cause::chain(&error);
                tracing::warn!(error, "the merge checkout is made anew");
                discard(&self.staging, area);
                None
            }
        }
    }

    fn fresh(&self, commit: Oid) -> Result<Area, StagingError> {
        // `+` keeps the name apart from those of attempts, the process id from those of dead drivers.
        let number = CHECKOUTS.fetch_add(1, Ordering::Relaxed);
        let name = format!("merge-check+{}+{number}", std::process::id());
        self.staging.create(Some(commit), &name)
    }
}

impl MergeCheckout {
    /// The folder with the commit's files.
    pub fn path(&self) -> &Path {
        &self.files
    }

    /// Gives the folder back for the next check. No process of this one may be alive any more.
    pub fn release(mut self) {
        if let Some(area) = self.area.take()
            && let Some(other) = lock(&self.free).replace(area)
        {
            discard(&self.staging, other);
        }
    }
}

impl Drop for MergeCheckout {
    fn drop(&mut self) {
        if let Some(area) = self.area.take() {
            discard(&self.staging, area);
        }
    }
}

fn discard(staging: &ParallelCopy, area: Area) {
    let name = area.name.clone();
    if let Err(error) = staging.teardown(area) {
        let error = factory_core::cause::chain(&error);
        tracing::warn!(area = name, error, "a merge checkout could not be removed");
    }
}

fn lock(free: &Mutex<Option<Area>>) -> std::sync::MutexGuard<'_, Option<Area>> {
    free.lock().unwrap_or_else(PoisonError::into_inner)
}
