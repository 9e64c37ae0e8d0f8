//! All four phases of a brief at once.

use factory_spec::brief::{AUTO, Brief};

use crate::artifact::{Artifact, Specification};
use crate::phases::{architecture_design, founder_analysis, market_research, mvp_specification};

/// The template of briefs that leave the choice to the factory.
const TEMPLATE: &str = "neoforge";

/// The artifacts of one brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authored {
    /// Who has the problem, and what was not researched.
    pub market_research: Artifact,
    /// Which skills the founders have and lack.
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
