//! The blueprint: the machine-readable specification that everything after the thinking phases is driven by.
//!
//! [`Blueprint::parse`] reads `blueprint.json` and names every fault at once, [`check`] does the same for a
//! blueprint made by a program, [`Blueprint::to_json`] writes it, always the same bytes for the same blueprint.
//! Nothing in here knows how a blueprint came about or what is built from it.

mod detail;
mod fault;
mod types;

pub use detail::{Channel, Detail, Direction, Exchange, Format, Measure, Notify, Report, Trigger};
pub use fault::Fault;
pub use types::{
    Acceptance, Assumption, Blueprint, Endpoint, Entity, Expect, Field, FieldType, Method, Model, ModelTask, OnDelete,
    Page, PageKind, Permission, Product, Quality, Reference, Role, SCHEMA_VERSION, Scope, Step, Story, StoryKind,
    Transition, Workflow,
};
