//! The spans of a runner, and the names of their fields. Ids only: prompts, replies and secrets are never fields.

use factory_core::id::{Epoch, RunId, Slug, TaskId};
use tracing::{Span, info_span};

/// Everything that one repository's runner does.
pub(super) fn repository(name: &Slug) -> Span {
    info_span!("repository", repository.name = %name)
}

/// One attempt of a task, with its worker's processes.
pub(super) fn attempt(run_id: &RunId, task_id: &TaskId, epoch: Epoch) -> Span {
    info_span!("attempt", run.id = %run_id, task.id = %task_id, attempt = epoch.0)
}

/// One batch of the merge queue, with its quick checks.
pub(super) fn merge(run_id: &RunId, change_count: usize) -> Span {
    info_span!("merge", run.id = %run_id, change_count)
}
