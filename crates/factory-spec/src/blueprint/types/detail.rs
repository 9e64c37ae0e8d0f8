//! What stories of some kinds need beyond their entities.

use serde::{Deserialize, Serialize};

use factory_core::words;

/// What stories of some kinds also need; the kind of the story decides the variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Detail {
    /// For `notify`.
    Notify(Notify),
    /// For `report`.
    Report(Report),
    /// For `exchange`.
    Exchange(Exchange),
}

/// A notification: when, to whom and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// What triggers it.
    pub on: Trigger,
    /// A role, or a field of the entity that identifies a person.
    pub to: String,
    /// How it is sent.
    pub channel: Channel,
    /// Days before the date in the trigger's field.
    pub days_before: Option<u32>,
}

/// What triggers a notification: a transition, a date in a field or, with neither, a new record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Trigger {
    /// The entity whose records are watched.
    pub entity: String,
    /// The transition that triggers it.
    pub transition: Option<String>,
    /// The date field that triggers it, or the field whose changes do.
    pub field: Option<String>,
}

words! {
    /// How a notification is sent.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Channel {
        /// By email.
        #[default]
        Email = "email",
        /// In the product.
        InApp = "in_app",
    }
}

/// A figure over records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    /// The entity whose records it is about.
    pub entity: String,
    /// How it is calculated.
    pub measure: Measure,
    /// The numeric field that is added up or averaged; null for a count.
    pub field: Option<String>,
    /// The field to group by; null for a single figure.
    pub group_by: Option<String>,
}

words! {
    /// How a report is calculated.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Measure {
        /// Their number.
        #[default]
        Count = "count",
        /// The sum of a field.
        Sum = "sum",
        /// The mean of a field.
        Mean = "mean",
    }
}

/// An import or an export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Exchange {
    /// The entity whose records are exchanged.
    pub entity: String,
    /// Import or export.
    pub direction: Direction,
    /// The file format.
    pub format: Format,
}

words! {
    /// Whether records are read or written.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Direction {
        /// From a file into the product.
        Import = "import",
        /// From the product into a file.
        #[default]
        Export = "export",
    }
}

words! {
    /// A file format.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Format {
        /// For spreadsheets.
        #[default]
        Csv = "csv",
        /// For programs.
        Json = "json",
        /// For printing.
        Pdf = "pdf",
    }
}
