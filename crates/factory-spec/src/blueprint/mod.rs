//! The blueprint: the machine-readable specification that everything after the thinking phases is driven by.
//!
//! [`read()`] reads `blueprint.json` and names every fault at once with its line and column, [`check`] does the same for
//! a blueprint made by a program, [`Blueprint::to_json`] writes it, always the same bytes for the same blueprint.
//! Nothing in here knows how a blueprint came about or what is built from it.

mod check;
#[cfg(test)]
pub(crate) mod conformance;
mod english;
mod expression;
mod layout;
mod read;
mod reserved;
#[cfg(feature = "schema")]
mod schema;
#[cfg(test)]
mod tests;
mod types;

pub use check::{
    ENTITIES_MAX, FIELDS_MAX, USER, check, is_entity_name, is_field_name, is_role_name,
    is_transition_name,
};
pub use english::{plural, singular};
pub use expression::{Expression, ExpressionError, Operator};
pub use read::read;

#[cfg(feature = "schema")]
pub use schema::json_schema;
pub use types::{
    Acceptance, Assumption, Blueprint, Channel, Detail, Direction, Endpoint, Entity, Exchange,
    Expect, Field, FieldType, Format, Measure, Method, Model, ModelTask, Notify, OnDelete, Page,
    PageKind, Permission, Product, Quality, Reference, Report, Role, SCHEMA_VERSION, Scope, Step,
    Story, StoryKind, Transition, Trigger, Workflow,
};

pub(crate) use check::{
    Arrow, Site, computed_faults, entity_name_fault, field_faults, names_of_fields,
    required_cycles, twins,
};

pub(crate) use layout::FIELD;
