//! The rules that a blueprint must keep, all checked, every fault named at once.
//!
//! [`check`] walks the document once per group of rules: roles and permissions, entities and their fields,
//! references, stories with their acceptance, pages. A rule that cannot be judged because of another fault (a step on
//! an unknown entity) stays silent, so that one mistake gives one fault.

mod acceptance;
mod access;
mod document;
mod entities;
mod field;
mod limits;
mod names;
mod pages;
mod references;
mod stories;
mod unknown;
mod values;

pub use document::check;
pub use limits::{ENTITIES_MAX, FIELDS_MAX, USER};
pub use names::{is_entity_name, is_field_name, is_role_name, is_transition_name};

pub(crate) use field::{Site, field_faults, names_of_fields};
pub(crate) use names::{entity_name_fault, twins};
pub(crate) use references::{Arrow, computed_faults, required_cycles};
