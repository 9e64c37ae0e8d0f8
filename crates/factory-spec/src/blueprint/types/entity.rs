//! What a product keeps records of, and the states that a record goes through.

use serde::{Deserialize, Serialize};

use super::field::Field;

/// Number of sample records of an entity when nobody says another.
const SEED_RECORDS: u32 = 12;

/// What the product keeps records of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Entity {
    /// Singular name in `PascalCase`.
    pub name: String,
    /// Plural name in `PascalCase`; derived from the name when it is left out.
    pub plural: String,
    /// What one record stands for.
    pub description: String,
    /// The field that names a record to people; derived when it is left out.
    pub display: Option<String>,
    /// Role whose member owns a record; null when records are shared.
    pub owner: Option<String>,
    /// Its fields, without the built-in `id`, `created_at` and `updated_at`.
    pub fields: Vec<Field>,
    /// The states that a record goes through.
    pub workflow: Option<Workflow>,
    /// Fields that the search box looks into.
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
    /// The steps between states.
    pub transitions: Vec<Transition>,
}

/// One step from a state to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Transition {
    /// A verb in `snake_case`.
    pub name: String,
    /// States in which it is allowed.
    pub from: Vec<String>,
    /// State after it.
    pub to: String,
    /// Roles that may do it; each also stands among the role's permissions, with its scope.
    pub roles: Vec<String>,
}
