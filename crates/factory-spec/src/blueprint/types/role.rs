//! Who uses a product, and what they may do.

use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

/// Who uses the product, and what they may do. Whatever is not listed is denied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Role {
    /// Singular name in `PascalCase`.
    pub name: String,
    /// Who they are.
    pub description: String,
    /// Whether people of this role may create their own account.
    pub signs_up: bool,
    /// Their profile entity, when people of this role are also records.
    pub entity: Option<String>,
    /// What they may do.
    pub can: Vec<Permission>,
}

/// One thing that a role may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Permission {
    /// `create`, `read`, `update`, `delete` or the name of one of the entity's transitions.
    pub action: String,
    /// The entity that it is done to.
    pub entity: String,
    /// Whether only to records that the member owns.
    pub scope: Scope,
}

vocabulary! {
    /// Which records a permission covers.
    pub enum Scope {
        /// Records that the member owns.
        #[default]
        Own = "own",
        /// All records.
        All = "all",
    }
}
