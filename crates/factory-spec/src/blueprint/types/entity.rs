//! The kinds of records that a product keeps, and their states.

use serde::{Deserialize, Serialize};

use super::field::Field;

/// Default of `seed_records`.
const SEED_RECORDS: u32 = 12;

/// A kind of record that the product keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Entity {
    /// Singular name in `PascalCase`.
    pub name: String,
    /// Plural name in `PascalCase`; derived from the name when it is left out.
    pub plural: String,
    /// What one record represents.
    pub description: String,
    /// The field that identifies a record to people; derived when it is left out.
    pub display: Option<String>,
    /// Role whose users own records; null when records are shared.
    pub owner: Option<String>,
    /// Its fields, without the built-in `id`, `created_at` and `updated_at`.
    pub fields: Vec<Field>,
    /// The states of a record, if it has any.
    pub workflow: Option<Workflow>,
    /// Fields that the search box searches.
    pub search: Vec<String>,
    /// Number of sample records.
    pub seed_records: u32,
}

impl Default for Entity {
    fn default() -> Self {
        Self {
            name: String::new(),
            plural: String::new(),
            description: String::new(),
            display: None,
            owner: None,
            fields: Vec::new(),
            workflow: None,
            search: Vec::new(),
            seed_records: SEED_RECORDS,
        }
    }
}

impl Entity {
    /// Finds a field by its exact name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Finds a transition of its workflow by its exact name.
    pub fn transition(&self, name: &str) -> Option<&Transition> {
        self.workflow
            .iter()
            .flat_map(|workflow| &workflow.transitions)
            .find(|transition| transition.name == name)
    }
}

/// The states that a record goes through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Workflow {
    /// The `enum` field that holds the state.
    pub field: String,
    /// The allowed steps between states.
    pub transitions: Vec<Transition>,
}

/// A step from one state to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Transition {
    /// A verb in `snake_case`.
    pub name: String,
    /// States from which it is allowed.
    pub from: Vec<String>,
    /// The state that it leads to.
    pub to: String,
    /// Roles that may make it; it is also among the permissions of each, with a scope.
    pub roles: Vec<String>,
}
