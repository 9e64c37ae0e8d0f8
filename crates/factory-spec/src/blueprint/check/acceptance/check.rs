//! One acceptance test from its first step to its last expectation.

use std::collections::BTreeMap;

use super::run::Run;
use crate::blueprint::types::{Acceptance, Blueprint};
use crate::fault::{Fault, join};

/// Checks one acceptance test.
pub(in crate::blueprint::check) fn check(
    blueprint: &Blueprint,
    acceptance: &Acceptance,
    here: &str,
    faults: &mut Vec<Fault>,
) {
    let refused = acceptance.expect.iter().any(|expect| expect.refused);
    let count = acceptance.steps.len();
    if count == 0 {
        faults.push(Fault::new(
            join(here, "steps"),
            "the test has no steps",
            "add what a program does",
        ));
    }
    if acceptance.expect.is_empty() {
        faults.push(Fault::new(
            join(here, "expect"),
            "nothing is expected",
            "add what a program then sees",
        ));
    }
    let mut run = Run {
        blueprint,
        bound: BTreeMap::new(),
        faults,
    };
    for (index, step) in acceptance.steps.iter().enumerate() {
        run.step(
            step,
            refused && index + 1 == count,
            &join(&join(here, "steps"), index),
        );
    }
    for (index, expect) in acceptance.expect.iter().enumerate() {
        run.expect(expect, &join(&join(here, "expect"), index));
    }
}
