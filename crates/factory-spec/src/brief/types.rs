//! The founder's input, checked and with its defaults filled in.

use factory_core::resources::{Budget, Resources};
use serde::{Deserialize, Serialize};

use crate::blueprint::{Entity, SCHEMA_VERSION};

/// The founder's input for one startup. Made by [`check`](super::check) only; written to and read from the event
/// log in this form, which is not the form that people type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brief {
    /// Version of the format.
    pub schema_version: u32,
    /// Name for people.
    pub name: String,
    /// What it is, in one line.
    pub one_liner: String,
    /// Branch of trade.
    pub industry: Option<String>,
    /// Kind of product within the branch.
    pub category: Option<String>,
    /// Name of the template, or `auto`.
    pub template: String,
    /// What is wrong without it.
    pub problem: Option<String>,
    /// Who it is for.
    pub audience: Vec<String>,
    /// Who founds it.
    pub founder: Founder,
    /// What it does, one sentence each; never empty.
    pub features: Vec<String>,
    /// What it keeps records of, as far as the founder fixed it: names and fields only.
    pub entities: Vec<Entity>,
    /// What may be spent.
    pub budget: Budget,
    /// What the running product may use.
    pub resources: Resources,
}

impl Default for Brief {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            name: String::new(),
            one_liner: String::new(),
            industry: None,
            category: None,
            template: AUTO.to_owned(),
            problem: None,
            audience: Vec::new(),
            founder: Founder::default(),
            features: Vec::new(),
            entities: Vec::new(),
            budget: Budget::default(),
            resources: Resources::default(),
        }
    }
}

/// The template's name that leaves the choice to the factory.
pub const AUTO: &str = "auto";

/// Who founds the startup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founder {
    /// What they can do.
    pub skills: Vec<String>,
    /// Time they have.
    pub hours_per_week: Option<u32>,
}
