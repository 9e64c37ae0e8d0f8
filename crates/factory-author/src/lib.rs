//! The rule author: brief to artifacts and blueprint, by rules alone.
//!
//! [`author`] writes all four thinking phases of a [`Brief`]; each phase also has its
//! own function, which takes what a gate asked for, so that it can be repeated. A sentence of the brief is read
//! into clauses (`language`), clauses become a draft of roles, records and deeds (`draft`), the draft is completed
//! with usual fields, workflows and permissions, and every deed becomes a story with a test that a program can run.
//!
//! The author is pure: the same brief gives the same bytes. It invents nothing: what it supposes is an assumption,
//! what it cannot know is an open question.

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

use factory_spec::brief::{AUTO, Brief};

pub use artifact::{Artifact, Specification};
pub use phases::{architecture_design, founder_analysis, market_research, mvp_specification};

/// Currency of amounts when nobody says another.
const CURRENCY: &str = "EUR";

/// The template of briefs that leave the choice to the factory.
const TEMPLATE: &str = "neoforge";

/// All that the rules say about a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authored {
    /// Who has the problem, and what was not researched.
    pub market_research: Artifact,
    /// What the founders bring and lack.
    pub founder_analysis: Artifact,
    /// What is built.
    pub mvp_specification: Specification,
    /// How it is built.
    pub architecture_design: Artifact,
}

/// Writes all four phases of a brief.
pub fn author(brief: &Brief) -> Authored {
    let mvp_specification = mvp_specification(brief, None);
    let template = if brief.template == AUTO {
        TEMPLATE
    } else {
        &brief.template
    };
    Authored {
        market_research: market_research(brief, None),
        founder_analysis: founder_analysis(brief, None),
        architecture_design: architecture_design(
            brief,
            &mvp_specification.blueprint,
            template,
            None,
        ),
        mvp_specification,
    }
}
