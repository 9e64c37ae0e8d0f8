//! Roles and their permissions.

use serde::{Deserialize, Serialize};

use factory_core::words;

/// A kind of user and what they may do. Whatever is not listed is denied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Role {
    /// Singular name in `PascalCase`.
    pub name: String,
    /// Who these users are.
    pub description: String,
    /// Whether users may create an account with this role themselves.
    pub signs_up: bool,
    /// The entity that holds their profile, if there is one.
    pub entity: Option<String>,
    /// Their permissions.
    pub can: Vec<Permission>,
}

/// One action that a role may take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Permission {
    /// `create`, `read`, `update`, `delete` or the name of one of the entity's transitions.
    pub action: String,
    /// The entity that it acts on.
    pub entity: String,
    /// Which records it covers.
    pub scope: Scope,
}

words! {
    /// Which records a permission covers.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Scope {
        /// Records that the user owns.
        #[default]
        Own = "own",
        /// All records.
        All = "all",
    }
}
