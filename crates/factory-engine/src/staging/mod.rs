//! Changes to a commit: made by somebody in a staging area, or handed in as data; judged by the same rules.
//!
//! [`Staging`] is the port for areas, isolated copies of a commit: `create` one, let somebody work in it, ask what
//! `changed`, `teardown`. [`ParallelCopy`] is the backend that works everywhere: a fresh folder without any `.git`,
//! written from blobs. A [`TreeChange`] needs no area: [`write_change`] puts it into git objects straight from memory.
//! Either way the result is a [`ChangeSet`]: exactly what differs from the base, and every [`Violation`] of the rules;
//! nothing is dropped silently.
//!
//! Collecting assumes that no process of the attempt is alive any more; the sandbox sees to that.

mod area;
mod base;
mod change_set;
mod collect;
mod compare;
mod copy;
mod ignore;
mod leftovers;
mod manifest;
mod merge_checkout;
mod names;
mod removal;
mod reset;
mod tree_change;
mod violation;
mod walk;

pub use area::{Area, Staging, StagingError, StagingRecipe, area_name};
pub use base::{BaseFiles, CommitFiles, ReadBaseError};
pub use change_set::{Change, ChangeSet, Rules};
pub use copy::ParallelCopy;
pub use leftovers::collect_leftovers;
pub use merge_checkout::{MergeCheckout, MergeCheckouts};
pub use removal::remove_tree;
pub use tree_change::{FileContent, TreeChange, write_change};
pub use violation::{SpecialFile, Violation};
