//! What people see and what programs call.

use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

/// What people see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    /// Address below the product's root.
    pub path: String,
    /// How it is laid out.
    pub kind: PageKind,
    /// The entity that it shows; null for pages of several or of none.
    pub entity: Option<String>,
    /// Heading.
    pub title: String,
    /// Id of the story that needs it.
    pub story: Option<String>,
}

vocabulary! {
    /// How a page is laid out.
    pub enum PageKind {
        /// Many records.
        #[default]
        List = "list",
        /// One record.
        Detail = "detail",
        /// One record to be filled in.
        Form = "form",
        /// Records in columns by state.
        Board = "board",
        /// Figures.
        Dashboard = "dashboard",
        /// Its own layout.
        Custom = "custom",
    }
}

/// What programs call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Endpoint {
    /// HTTP method.
    pub method: Method,
    /// Path with parameters in braces.
    pub path: String,
    /// The entity that it serves.
    pub entity: Option<String>,
    /// Id of the story that needs it.
    pub story: Option<String>,
}

vocabulary! {
    /// An HTTP method.
    pub enum Method {
        /// Reads.
        #[default]
        Get = "GET",
        /// Creates or acts.
        Post = "POST",
        /// Replaces.
        Put = "PUT",
        /// Changes.
        Patch = "PATCH",
        /// Deletes.
        Delete = "DELETE",
    }
}
