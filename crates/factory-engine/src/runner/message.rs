//! What reaches the loop of a runner from beside it: ended attempts, merged batches, people's requests.

use factory_core::id::{Epoch, GateId, ObjectId, RunId, TaskId};
use factory_core::portfolio::{self, Decision};
use factory_core::run::{self, Landing};
use tokio::sync::oneshot;

use crate::worker::{Report, WorkError};
use crate::workshop::{Collection, WorkshopError};

/// Something that happened beside the loop.
pub(super) enum Message {
    Ended(Box<Ended>),
    Merged(Batch),
    Request(Request),
    Woken,
}

/// An attempt that reported.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) task_id: TaskId,
    pub(super) epoch: Epoch,
    pub(super) result: Result<Done, WorkError>,
}

/// What a successful attempt left.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) report: Report,
    pub(super) collection: Option<Collection>,
}

/// A batch that was merged and checked, not yet published.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) head: Option<ObjectId>,
    pub(super) landings: Vec<(TaskId, Epoch, Landing)>,
    pub(super) conflicts: Vec<(TaskId, Epoch, String)>,
    pub(super) red: Option<(TaskId, Epoch, String)>,
    pub(super) error: Option<WorkshopError>,
}

/// What reaches a runner from outside.
#[derive(Debug)]
pub(super) enum Request {
    Decide {
        gate_id: GateId,
        round: Option<u32>,
        decision: Decision,
        reply: oneshot::Sender<Result<(), RequestError>>,
    },
    Cancel {
        run_id: RunId,
        reason: String,
        reply: oneshot::Sender<Result<(), RequestError>>,
    },
}

/// A person's request was refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The portfolio does not allow it.
    #[error(transparent)]
    Portfolio(#[from] portfolio::Refusal),
    /// The run does not allow it.
    #[error(transparent)]
    Run(#[from] run::Refusal),
    /// The run has ended meanwhile.
    #[error("the run has ended")]
    Ended,
    /// The event log failed.
    #[error("record the decision: {0}")]
    Journal(String),
}
