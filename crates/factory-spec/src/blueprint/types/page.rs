//! Pages for people, endpoints for programs.

use serde::{Deserialize, Serialize};

use factory_core::words;

/// A page for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    /// URL path.
    pub path: String,
    /// How it is laid out.
    pub kind: PageKind,
    /// The entity that it shows; null when it shows several or none.
    pub entity: Option<String>,
    /// Heading.
    pub title: String,
    /// Id of the story that it belongs to.
    pub story: Option<String>,
}

words! {
    /// How a page is laid out.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum PageKind {
        /// Many records.
        #[default]
        List = "list",
        /// One record.
        Detail = "detail",
        /// A form for one record.
        Form = "form",
        /// Records in columns by state.
        Board = "board",
        /// Figures and charts.
        Dashboard = "dashboard",
        /// A layout of its own.
        Custom = "custom",
    }
}

/// An endpoint for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Endpoint {
    /// HTTP method.
    pub method: Method,
    /// Path with parameters in braces.
    pub path: String,
    /// The entity whose records it serves.
    pub entity: Option<String>,
    /// Id of the story that it belongs to.
    pub story: Option<String>,
}

words! {
    /// An HTTP method.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
