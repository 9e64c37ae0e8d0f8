//! Three-way merges in process, and the commit by which a change lands on the target branch.
//!
//! [`merge()`] takes the recorded base, the target and the change, and answers [`Verdict::Merged`] with a
//! tree or [`Verdict::Conflict`] with every path and its reason. It is an ordinary merge of trees; only files whose
//! contents conflict are offered to the ladder: anchored lists that are sorted sets merge as sets. [`prepare`] writes the commit that would land
//! a change; the caller records the intent and then publishes the commit.
//!
//! Performing a task again on the new base is the runner's rung of the ladder, not one of these.

mod anchored;
mod external;
mod json_keys;
mod land;
mod markers;
mod sides;
mod three_way;
mod verdict;

pub use external::{ExternalError, merge_by_git};
pub use land::{LandError, LandSpec, Preparation, Prepared, prepare};
pub use three_way::{MergeError, merge};
pub use verdict::{
    Conflict, ConflictReason, ConflictedPath, Merged, Report, Resolved, Rung, TreeVerdict, Verdict,
};
