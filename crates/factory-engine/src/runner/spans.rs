//! The spans of a runner, and the names of their fields. Ids only: prompts, replies and secrets are never fields.

use factory_core::id::{Epoch, RunId, TaskId};
use factory_core::run::Subject;
use tracing::{Span, info_span};

/// Everything that the runner of one startup or repository does.
pub(super) fn runner(subject: &Subject) -> Span {
    match subject {
        Subject::Startup { slug } => info_span!("startup", startup.id = %slug),
        Subject::Repository { name } => info_span!("repository", repository.name = %name),
    }
}

/// One run, from its first task to its end or to its rest.
pub(super) fn run(run_id: &RunId) -> Span {
    info_span!("run", run.id = %run_id)
}

/// One attempt of a task, with its worker's processes.
pub(super) fn attempt(run_id: &RunId, task_id: &TaskId, epoch: Epoch) -> Span {
    info_span!("task", run.id = %run_id, task.id = %task_id, attempt = epoch.0)
}

/// One batch of the merge queue, with its quick checks.
pub(super) fn merge(run_id: &RunId, change_count: usize) -> Span {
    info_span!("merge", run.id = %run_id, change_count)
}
