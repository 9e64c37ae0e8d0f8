//! Staging areas: isolated copies of a commit in which attempts work, and what was changed there.
//!
//! [`Staging`] is the port: `create` an area, let somebody work in it, ask what `changed`, `teardown`.
//! [`ParallelCopy`] is the backend that works everywhere: a fresh folder without any `.git`, written
//! from blobs. What comes back is a [`ChangeSet`]: exactly what differs from the base, and every
//! [`Violation`] of the rules, never a part of it in silence.
//!
//! Collecting assumes that no process of the attempt is alive any more; the sandbox sees to that.

mod area;
mod change;
mod collect;
mod copy;
mod leftovers;
mod manifest;
mod names;
mod walk;

pub use area::{Area, Staging, StagingError, StagingRecipe, area_name};
pub use change::{Change, ChangeSet, Rules, SpecialFile, Violation};
pub use copy::ParallelCopy;
pub use leftovers::collect_leftovers;
