//! What a story of some kind needs to know beyond its entities.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::story::{Acceptance, Story, StoryKind};

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

/// How a person is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By electronic mail.
    #[default]
    Email,
    /// In the product.
    InApp,
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

/// What a report does with records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Their number.
    #[default]
    Count,
    /// The sum of a field.
    Sum,
    /// The mean of a field.
    Mean,
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

/// Which way records travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a file into the product.
    Import,
    /// From the product into a file.
    #[default]
    Export,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A table for spreadsheets.
    #[default]
    Csv,
    /// A document for programs.
    Json,
    /// A document for printing.
    Pdf,
}

/// A story as it stands in a file, before its kind has decided what its detail is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawStory {
    id: String,
    role: String,
    text: String,
    kind: StoryKind,
    entities: Vec<String>,
    detail: Option<Value>,
    acceptance: Vec<Acceptance>,
}

impl TryFrom<RawStory> for Story {
    type Error = String;

    fn try_from(raw: RawStory) -> Result<Self, String> {
        let detail = match (raw.kind, raw.detail) {
            (_, None | Some(Value::Null)) => None,
            (StoryKind::Notify, Some(value)) => Some(Detail::Notify(read(value)?)),
            (StoryKind::Report, Some(value)) => Some(Detail::Report(read(value)?)),
            (StoryKind::Exchange, Some(value)) => Some(Detail::Exchange(read(value)?)),
            (kind, Some(_)) => {
                return Err(format!("a story of kind `{}` has no detail", kind.name()));
            }
        };
        Ok(Self {
            id: raw.id,
            role: raw.role,
            text: raw.text,
            kind: raw.kind,
            entities: raw.entities,
            detail,
            acceptance: raw.acceptance,
        })
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}
