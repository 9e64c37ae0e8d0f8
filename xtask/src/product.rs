//! Tests of whole products, run after everything else: a list of named steps that count their own
//! results. A step that cannot run here yields a `skipped` reason.

use crate::step::Step;

/// The product tests in the order in which they run.
pub(crate) fn steps() -> Vec<Step> {
    Vec::new()
}
