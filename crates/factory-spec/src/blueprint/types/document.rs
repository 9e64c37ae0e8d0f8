//! The whole document, and the parts of it that are neither roles nor records.

use serde::{Deserialize, Serialize};

use super::entity::Entity;
use super::model::Model;
use super::page::{Endpoint, Page};
use super::role::Role;
use super::story::Story;

/// The version of the format that this program writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// Default of `records_expected`.
const RECORDS_EXPECTED: u64 = 10_000;

/// The machine-readable specification of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Blueprint {
    /// Version of the format.
    pub schema_version: u32,
    /// The product itself.
    pub product: Product,
    /// User roles and their permissions.
    pub roles: Vec<Role>,
    /// The kinds of records that it keeps.
    pub entities: Vec<Entity>,
    /// What people do with it, each with acceptance tests.
    pub stories: Vec<Story>,
    /// Pages for people.
    pub pages: Vec<Page>,
    /// Endpoints for programs.
    pub endpoints: Vec<Endpoint>,
    /// The predictive model; only for products that learn from their records.
    pub model: Option<Model>,
    /// Languages, sizes and other goals.
    pub quality: Quality,
    /// What the author assumed because the brief does not say.
    pub assumptions: Vec<Assumption>,
}

impl Default for Blueprint {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::default(),
            roles: Vec::new(),
            entities: Vec::new(),
            stories: Vec::new(),
            pages: Vec::new(),
            endpoints: Vec::new(),
            model: None,
            quality: Quality::default(),
            assumptions: Vec::new(),
        }
    }
}

impl Blueprint {
    /// Finds an entity by its exact name.
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.name == name)
    }

    /// Finds a role by its exact name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// Writes the blueprint as indented JSON with a trailing newline; the same blueprint gives the same bytes.
    pub fn to_json(&self) -> String {
        // Invariant: no type in here has a map with keys that are not strings, so writing cannot fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// The product: what it is called and what it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Product {
    /// Display name.
    pub name: String,
    /// Name for folders and URLs: lower-case words joined by `-`.
    pub slug: String,
    /// What it is, in one line.
    pub one_liner: String,
    /// The problem that it solves.
    pub problem: Option<String>,
    /// Industry, such as `fintech`.
    pub industry: Option<String>,
    /// Kind of product within the industry.
    pub category: Option<String>,
}

/// Non-functional requirements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Quality {
    /// Languages of the pages, as BCP 47 tags.
    pub languages: Vec<String>,
    /// Number of records that it must handle.
    pub records_expected: u64,
    /// Anything else, one sentence each.
    pub notes: Vec<String>,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            languages: vec!["en".to_owned()],
            records_expected: RECORDS_EXPECTED,
            notes: Vec::new(),
        }
    }
}

/// What the author assumed because the brief does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Assumption {
    /// The assumption.
    pub text: String,
    /// Its reason: a story's id or a few words.
    pub because: Option<String>,
    /// Who can confirm it.
    pub confirm_with: Option<String>,
}
