//! What has been understood of a brief so far: roles, entities, and what each feature does to them.
//!
//! `extract` fills it from clauses, the later rooms add what follows (workflows, access). All names that enter
//! are valid in a blueprint; what cannot be named is left out.

mod build;
mod clauses;
mod entities;
pub(crate) mod extract;
mod relations;
mod rest;
mod roles;
mod types;

pub(crate) use relations::shape;
pub(crate) use types::{CURRENCY, Draft, EntityDraft, FeatureDraft, Kind, Move, RoleDraft};
