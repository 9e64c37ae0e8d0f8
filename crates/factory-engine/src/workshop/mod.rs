//! Where the changes of one repository are made, checked and landed on its target branch.
//!
//! A [`Workshop`] is opened once per repository. An attempt works in a staging area or hands in a change as data;
//! either way a [`Collection`] says what changed. [`Change`]s are merged one onto the other into a [`MergedBatch`],
//! checked in a [`MergeCheckout`], and published by compare-and-swap; then the user's checkout follows.
//!
//! Everything here blocks; the runner calls it on threads that may. Nothing here knows tasks' order or retries.

mod areas;
mod checkout;
mod landing;
mod open;

pub use areas::Collection;
pub use checkout::is_checkout_behind;
pub(crate) use factory_core::cause::chain;
pub use landing::{Change, MergedBatch, publish_patiently};
pub(crate) use open::blocking;
pub use open::{Workshop, WorkshopError, WorkshopSpec};

pub use crate::staging::MergeCheckout;
