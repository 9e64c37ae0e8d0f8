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
    /// Display name.
    pub name: String,
    /// What it is, in one line.
    pub one_liner: String,
    /// Industry, such as `fintech`.
    pub industry: Option<String>,
    /// Kind of product within the industry.
    pub category: Option<String>,
    /// Name of the template, or [`AUTO`].
    pub template: String,
    /// The problem that it solves.
    pub problem: Option<String>,
    /// Target customers, one kind each.
    pub audience: Vec<String>,
    /// The founder's skills and time.
    pub founder: Founder,
    /// Features, one sentence each; never empty.
    pub features: Vec<String>,
    /// Entities that the founder fixed, with names and fields only.
    pub entities: Vec<Entity>,
    /// Limits on spending.
    pub budget: Budget,
    /// Limits of the running product.
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

/// The template name that leaves the choice to the factory.
pub const AUTO: &str = "auto";

/// What a brief gets when it does not mention money or machines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Each key is taken where the brief's own `budget` leaves it out.
    pub budget: Budget,
    /// Likewise for `resources`.
    pub resources: Resources,
}

/// The founder of the startup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founder {
    /// One skill each, such as `python`.
    pub skills: Vec<String>,
    /// 0 to 168.
    pub hours_per_week: Option<u32>,
}
