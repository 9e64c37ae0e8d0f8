//! What a story of some kind needs to know beyond its entities.

use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

/// What a story of some kind needs to know; which variant is fixed by the story's kind.
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

/// Who is told what, when and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// What it waits for.
    pub on: Trigger,
    /// A role, or a field of the entity that leads to a person.
    pub to: String,
    /// How the person is told.
    pub channel: Channel,
    /// Number of days before the date in the trigger's field.
    pub days_before: Option<u32>,
}

/// What a notification waits for: a transition, a date in a field, or, with neither, a new record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Trigger {
    /// The entity that is watched.
    pub entity: String,
    /// The transition that is waited for.
    pub transition: Option<String>,
    /// The date or changing field that is watched.
    pub field: Option<String>,
}

vocabulary! {
    /// How a person is told.
    pub enum Channel {
        /// By electronic mail.
        #[default]
        Email = "email",
        /// In the product.
        InApp = "in_app",
    }
}

/// What is counted or added up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    /// The entity whose records are measured.
    pub entity: String,
    /// What is done with them.
    pub measure: Measure,
    /// The number that is added up or averaged; null for a count.
    pub field: Option<String>,
    /// The field by which results are split; null for one figure.
    pub group_by: Option<String>,
}

vocabulary! {
    /// What a report does with records.
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

/// Which records come from a file or go into one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Exchange {
    /// The entity whose records travel.
    pub entity: String,
    /// Which way.
    pub direction: Direction,
    /// In what kind of file.
    pub format: Format,
}

vocabulary! {
    /// Which way records travel.
    pub enum Direction {
        /// From a file into the product.
        Import = "import",
        /// From the product into a file.
        #[default]
        Export = "export",
    }
}

vocabulary! {
    /// A kind of file.
    pub enum Format {
        /// A table for spreadsheets.
        #[default]
        Csv = "csv",
        /// A document for programs.
        Json = "json",
        /// A document for printing.
        Pdf = "pdf",
    }
}
