//! The rule author: brief to artifacts and blueprint, by rules alone.
//!
//! Each of the four thinking phases of a [`Brief`](factory_spec::brief::Brief) has its own function, which takes what a
//! gate asked for, so that it can be repeated. A sentence of the brief is read
//! into clauses (`language`), clauses become a draft of roles, records and features (`draft`), the draft is completed
//! with usual fields, workflows and permissions, and every feature becomes a story with a test that a program can run.
//!
//! The author is pure: the same brief gives the same bytes. It invents nothing: what it assumes is listed as an
//! assumption, what it cannot know is an open question.

mod acceptance;
mod access;
mod artifact;
mod draft;
mod fields;
mod language;
mod pages;
mod phases;
mod reading;
mod specify;
mod stories;
#[cfg(test)]
mod tests;
mod unconnected;
mod workflow;

pub use artifact::{Artifact, Specification};
pub use phases::{architecture_design, founder_analysis, market_research, mvp_specification};
