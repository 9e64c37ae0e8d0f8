//! The types of blueprint version 1, one struct per kind of thing in `blueprint.json`.
//!
//! Every key is always written (null or `[]` when absent), so that a template can read any of them; every key may be
//! left out when reading. Unknown keys are refused. What the values must keep among each other is decided in `check`,
//! never here.

mod detail;
mod document;
mod entity;
mod field;
mod model;
mod page;
mod role;
mod story;

pub use detail::{Channel, Detail, Direction, Exchange, Format, Measure, Notify, Report, Trigger};
pub use document::{Assumption, Blueprint, Product, Quality, SCHEMA_VERSION};
pub use entity::{Entity, Transition, Workflow};
pub use field::{Field, FieldType, OnDelete, Reference};
pub use model::{Model, ModelTask};
pub use page::{Endpoint, Method, Page, PageKind};
pub use role::{Permission, Role, Scope};
pub use story::{Acceptance, Expect, Step, Story, StoryKind};
