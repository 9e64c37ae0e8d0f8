//! What is known while an acceptance test is followed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::blueprint::types::{Blueprint, Entity};
use crate::fault::Fault;

/// What a step has left behind under its name.
pub(super) struct Bound<'a> {
    pub(super) entity: &'a Entity,
    pub(super) is_list: bool,
    /// Role that made the record.
    pub(super) role: &'a str,
    /// State of the record's workflow, if it has one.
    pub(super) state: Option<String>,
    /// Values that were given.
    pub(super) values: Map<String, Value>,
}

pub(super) struct Run<'a> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) bound: BTreeMap<&'a str, Bound<'a>>,
    pub(super) faults: &'a mut Vec<Fault>,
}

impl Run<'_> {
    pub(super) fn fault(
        &mut self,
        pointer: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(Fault::new(pointer, problem, remedy));
    }
}
