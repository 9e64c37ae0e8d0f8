//! Three-way merges in process, and the way of a change onto the target branch.
//!
//! [`merge()`] takes the recorded base, the target and the change, and answers [`Verdict::Merged`] with a
//! tree or [`Verdict::Conflict`] with every path and its reason. Files with anchored lists are settled
//! first, as sets of lines; the rest is an ordinary merge. [`prepare`] makes the commit that would land
//! a change, [`publish`] lands it by compare-and-swap; between the two the caller records the intent.
//!
//! Performing a task again on the new base is the runner's rung of the ladder, not this room's.

mod anchored;
mod external;
mod land;
mod markers;
mod three_way;

pub use external::{ExternalError, merge_by_git};
pub use land::{LandError, LandSpec, Preparation, Prepared, prepare, prepare_onto, publish};
pub use three_way::{
    Conflict, ConflictReason, ConflictedPath, MergeError, Merged, Report, Resolved, Rung,
    TreeVerdict, Verdict, merge,
};
