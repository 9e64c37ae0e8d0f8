//! States that only tables know: each says in one word what several events have led to.

use crate::run::End;
use crate::words::words;

words! {
    /// Where a run stands.
    RunState {
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
    /// Where an attempt stands.
    AttemptState {
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
    /// Where a gate stands.
    GateState {
        /// It waits for a decision.
        Open = "open",
        /// Its newest round was answered.
        Decided = "decided",
        /// The run ended while it waited.
        Closed = "closed",
    }
}
