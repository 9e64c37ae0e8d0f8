//! All four phases of a brief at once.

use factory_spec::brief::{AUTO, Brief};

use crate::*;

/// What the program chooses for briefs that leave the choice to it.
const TEMPLATE: &str = "neoforge";

/// The artifacts of one brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authored {
    /// Who has the problem, and what was not researched.
    pub(super) market_research: Artifact,
    /// Which skills the founders have and lack.
    pub(super) founder_analysis: Artifact,
    /// What is built.
    pub(super) mvp_specification: Specification,
    /// How it is built.
    pub(super) architecture_design: Artifact,
}

/// Writes all four phases of a brief.
pub(super) fn author(brief: &Brief) -> Authored {
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
