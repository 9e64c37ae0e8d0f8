//! States that only tables know: each says in one word what several events have led to.

use crate::portfolio;
use crate::run::End;
use crate::words;

words! {
    /// The state of a run.
    pub enum RunState {
        /// It has not ended.
        Running = "running",
        /// Every check that its tasks asked for passed.
        Verified = "verified",
        /// Everything was done, but not every check passed.
        Unverified = "unverified",
        /// A task failed for good.
        Failed = "failed",
        /// A gate was answered with `reject`.
        Rejected = "rejected",
        /// A person cancelled it.
        Cancelled = "cancelled",
    }
}

impl From<End> for RunState {
    fn from(end: End) -> Self {
        match end {
            End::Verified => Self::Verified,
            End::Unverified => Self::Unverified,
            End::Failed => Self::Failed,
            End::Rejected => Self::Rejected,
            End::Cancelled => Self::Cancelled,
        }
    }
}

words! {
    /// The state of an attempt.
    pub enum AttemptState {
        /// It works.
        Running = "running",
        /// Its result was taken.
        Succeeded = "succeeded",
        /// It failed by itself.
        Failed = "failed",
        /// Its lease ran out or its driver died.
        Lost = "lost",
        /// Its result came after its lease had been given away.
        Rejected = "rejected",
        /// The run ended while it worked.
        Cancelled = "cancelled",
    }
}

words! {
    /// The state of a gate.
    pub enum GateState {
        /// It waits for a decision.
        Open = "open",
        /// Its newest round was answered.
        Decided = "decided",
        /// The run ended while it waited.
        Closed = "closed",
    }
}

words! {
    /// The state of a product's process.
    pub enum ProductState {
        /// It was started, and its end was not recorded.
        Running = "running",
        /// Its end was recorded; the reason says why.
        Stopped = "stopped",
    }
}

words! {
    /// The state of a startup as people see it: besides the portfolio's states, whether only a person can move it.
    pub enum StartupState {
        /// Waits for an allocation.
        Queued = "queued",
        /// A run is in progress.
        Building = "building",
        /// A gate is open, and no task can work before it is decided.
        Waiting = "waiting",
        /// Every check of its product passed.
        Verified = "verified",
        /// Built, but at least one check failed or was not run.
        Unverified = "unverified",
        /// The run failed.
        Failed = "failed",
        /// A person ended it at a gate.
        Rejected = "rejected",
        /// A person cancelled it.
        Cancelled = "cancelled",
    }
}

impl StartupState {
    /// Whether no run is in progress or wanted.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Building | Self::Waiting)
    }
}

impl From<portfolio::State> for StartupState {
    fn from(state: portfolio::State) -> Self {
        match state {
            portfolio::State::Queued => Self::Queued,
            portfolio::State::Building => Self::Building,
            portfolio::State::Verified => Self::Verified,
            portfolio::State::Unverified => Self::Unverified,
            portfolio::State::Failed => Self::Failed,
            portfolio::State::Rejected => Self::Rejected,
            portfolio::State::Cancelled => Self::Cancelled,
        }
    }
}
