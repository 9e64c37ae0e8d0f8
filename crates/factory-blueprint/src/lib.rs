//! The rule author: brief to artifacts and blueprint.
mod language;
