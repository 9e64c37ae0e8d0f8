//! The blueprint: the machine-readable specification that everything after the thinking phases is driven by.
//!
//! [`Blueprint::parse`] reads `blueprint.json` and names every fault at once, [`check`] does the same for a
//! blueprint made by a program, [`Blueprint::to_json`] writes it, always the same bytes for the same blueprint.
//! Nothing in here knows how a blueprint came about or what is built from it.

mod check;
#[cfg(test)]
pub(crate) mod conformance;
mod detail;
mod english;
mod expression;
mod layout;
mod parse;
mod reserved;
#[cfg(feature = "schema")]
mod schema;
mod shape;
mod story;
#[cfg(test)]
mod tests;
mod types;

pub use check::{
    ENTITIES_MAX, FIELDS_MAX, USER, check, is_entity_name, is_field_name, is_role_name,
    is_transition_name,
};
pub use detail::{Channel, Detail, Direction, Exchange, Format, Measure, Notify, Report, Trigger};
pub use english::{plural, singular};
pub use expression::{Expression, ExpressionError, Operator};

#[cfg(feature = "schema")]
pub use schema::json_schema;
pub use story::{Acceptance, Expect, Step, Story, StoryKind};
pub use types::{
    Assumption, Blueprint, Endpoint, Entity, Field, FieldType, Method, Model, ModelTask, OnDelete,
    Page, PageKind, Permission, Product, Quality, Reference, Role, SCHEMA_VERSION, Scope,
    Transition, Workflow,
};

pub(crate) use check::{
    Arrow, Site, computed_faults, entity_name_fault, field_faults, names_of_fields,
    required_cycles, twins,
};

pub(crate) use layout::FIELD;
pub(crate) use shape::{Shape, kind_of, shown};
