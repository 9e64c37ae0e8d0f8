//! Stories of a blueprint and their acceptance tests.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::detail::Detail;
use factory_core::words;

/// Something that users of a role do with the product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(!try_from, default, deny_unknown_fields)
)]
#[serde(try_from = "RawStory")]
pub struct Story {
    /// Unique within the blueprint: `S1`, `S2`, …
    pub id: String,
    /// Who does it, by the name of a role.
    pub role: String,
    /// The sentence of the brief.
    pub text: String,
    /// The kind of work, which decides who builds it.
    pub kind: StoryKind,
    /// The entities that it touches, the main one first.
    pub entities: Vec<String>,
    /// What stories of this kind also need; null for kinds without detail.
    pub detail: Option<Detail>,
    /// Acceptance tests; never empty.
    pub acceptance: Vec<Acceptance>,
}

words! {
    /// The kinds of stories.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum StoryKind {
        /// Records are created, read, changed and deleted.
        #[default]
        Crud = "crud",
        /// A record goes from one state to another.
        Workflow = "workflow",
        /// Records are counted or added up.
        Report = "report",
        /// Somebody is notified.
        Notify = "notify",
        /// Records come from a file or go into one.
        Exchange = "exchange",
        /// A value is predicted by a model trained on the records.
        Predict = "predict",
        /// Logic of its own, written by an agent or a person.
        Custom = "custom",
    }
}

/// One acceptance test, for people and for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Acceptance {
    /// The situation, for people.
    pub given: String,
    /// What is done, for people.
    pub when: String,
    /// The outcome, for people.
    pub then: String,
    /// The same for a program, in order, on an empty product.
    pub steps: Vec<Step>,
    /// What holds after the last step.
    pub expect: Vec<Expect>,
}

/// One action of a program, acting as a user with a role.
///
/// The program itself fills in required fields and references that `with` does not name; records that it
/// creates for that are owned by the acting user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Role of the acting user; the same user throughout a test.
    #[serde(rename = "as")]
    pub role: String,
    /// `create`, `update`, `delete`, `read`, `list` or a transition's name.
    #[serde(rename = "do")]
    pub action: String,
    /// The entity that it acts on.
    pub entity: String,
    /// The record that it acts on, `$name`; null for `create` and `list`.
    pub of: Option<String>,
    /// Values of fields for `create` and `update`, a filter for `list`; `$name` is an earlier record.
    pub with: Map<String, Value>,
    /// Name for the result.
    pub bind: Option<String>,
}

/// One thing that holds after the last step: the value of a field, a count, or the refusal of that step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// The bound record or list, `$name`.
    pub of: Option<String>,
    /// Field of the record, compared with `equals`.
    pub field: Option<String>,
    /// The expected value; null means empty.
    pub equals: Option<Value>,
    /// Number of records in the list.
    pub count: Option<u64>,
    /// Whether the last step must be refused.
    pub refused: bool,
}

/// A story as it is written, before its kind has decided what its detail is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawStory {
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
                return Err(format!("a story of kind `{}` has no detail", kind.as_str()));
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
