//! Staging areas by attempt, and changes that need none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};

use factory_core::claim::Claim;
use factory_core::id::{Epoch, ObjectId, TaskId};
use factory_core::run::{Collected, TaskSpec};

use super::open::{Workshop, WorkshopError, id, oid, optional};
use crate::staging::{
    Area, ChangeSet, CommitFiles, MergeCheckout, Rules, Staging as _, TreeChange, area_name,
    write_change,
};

/// What an attempt changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The change; with violations, its tree is the base's.
    pub collected: Collected,
    /// Broken rules, in words; any of them fails the attempt.
    pub violations: Vec<String>,
    /// Changed paths that no claim of the task covers.
    pub outside: Vec<String>,
}

impl Workshop {
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
        self.areas().insert(name, area);
        Ok(target)
    }

    /// What was changed in an attempt's area.
    pub fn collect(&self, task: &TaskSpec, epoch: Epoch) -> Result<Collection, WorkshopError> {
        let name = area_name(task.id.as_str(), epoch.0);
        let area = self.areas().get(&name).cloned();
        let area = area.ok_or_else(|| WorkshopError::NoArea(task.id.clone()))?;
        let set = self.staging.changed(&area, &self.rules(task))?;
        Ok(collection(area.base().map(id), set))
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

    /// Gets an attempt's area out of the way, if there is one; its files are deleted in the background.
    ///
    /// An area that cannot be moved stays until the next start, with a warning.
    pub fn drop_area(&self, task_id: &TaskId, epoch: Epoch) -> Result<(), WorkshopError> {
        let name = area_name(task_id.as_str(), epoch.0);
        let known = self.areas().remove(&name);
        let area = match known {
            Some(area) => Some(area),
            None => self.staging.reopen(None, &name)?,
        };
        if let Some(area) = area {
            self.tear_down(&name, area);
        }
        Ok(())
    }

    /// Checks `commit` out for a merge check, in the one folder that is moved forward from check to check.
    pub fn check_out_for_check(&self, commit: &ObjectId) -> Result<MergeCheckout, WorkshopError> {
        Ok(self.checkouts.check_out(oid(commit)?)?)
    }

    /// When nothing works here for a while: leaves no folder behind, blocks until they are deleted, and updates the
    /// checkout once more, should something have been in its way.
    pub fn rest(&self) {
        for (name, area) in std::mem::take(&mut *self.areas()) {
            self.tear_down(&name, area);
        }
        self.checkouts.discard_free();
        self.staging.wait_for_removals();
        self.sync();
    }

    /// Gets an area out of the way; one that cannot be moved stays until the next start.
    fn tear_down(&self, name: &str, area: Area) {
        if let Err(error) = self.staging.teardown(area) {
            let error = super::chain(&error);
            tracing::warn!(area = name, error, "a staging area could not be removed");
        }
    }

    pub(super) fn areas(&self) -> MutexGuard<'_, BTreeMap<String, Area>> {
        self.areas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rules(&self, task: &TaskSpec) -> Rules {
        let mut claims = task.claims.clone();
        if claims.is_empty() {
            claims.push(Claim::everything());
        }
        Rules {
            file_bytes_max: self.spec.file_bytes_max,
            ..Rules::new(claims)
        }
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
