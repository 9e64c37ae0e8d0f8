//! The types of blueprint version 1, one struct per kind of thing in `blueprint.json`; stories stand in `story`.
//!
//! Every key is always written (null or `[]` when absent), so that a template can read any of them; every key
//! may be left out when reading. Unknown keys are refused. What the values must keep among each other is
//! decided in `check`, never here.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::story::Story;

/// The version of the format that this program writes and reads.
pub const SCHEMA_VERSION: u32 = 1;

/// Number of sample records of an entity when nobody says another.
const SEED_RECORDS: u32 = 12;

/// Number of records to size for when nobody says another.
const RECORDS_EXPECTED: u64 = 10_000;

/// The machine-readable specification of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Blueprint {
    /// Version of the format.
    pub schema_version: u32,
    /// What is built, and for whom.
    pub product: Product,
    /// Who uses it, and what they may do.
    pub roles: Vec<Role>,
    /// What it keeps records of.
    pub entities: Vec<Entity>,
    /// What people do with it, each with a test.
    pub stories: Vec<Story>,
    /// What people see.
    pub pages: Vec<Page>,
    /// What programs call.
    pub endpoints: Vec<Endpoint>,
    /// What is predicted; only for products that learn from their records.
    pub model: Option<Model>,
    /// Languages, sizes and other goals.
    pub quality: Quality,
    /// What the author supposed without being told.
    pub assumptions: Vec<Assumption>,
}

impl Default for Blueprint {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::default(),
            roles: Vec::new(),
            entities: Vec::new(),
            stories: Vec::new(),
            pages: Vec::new(),
            endpoints: Vec::new(),
            model: None,
            quality: Quality::default(),
            assumptions: Vec::new(),
        }
    }
}

impl Blueprint {
    /// Finds an entity by its exact name.
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.name == name)
    }

    /// Finds a role by its exact name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// Writes the blueprint as indented JSON with a trailing newline; the same blueprint gives the same bytes.
    pub fn to_json(&self) -> String {
        // Invariant: no type in here has a map with keys that are not strings, so writing cannot fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// What is built, and for whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Product {
    /// Name for people.
    pub name: String,
    /// Name for folders and addresses: lower-case words joined by `-`.
    pub slug: String,
    /// What it is, in one line.
    pub one_liner: String,
    /// What is wrong without it.
    pub problem: Option<String>,
    /// Branch of trade.
    pub industry: Option<String>,
    /// Kind of product within the branch.
    pub category: Option<String>,
}

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

/// Which records a permission covers.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Records that the member owns.
    #[default]
    Own,
    /// All records.
    All,
}

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

/// One field of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Field {
    /// Name in `snake_case`.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Whether a record cannot be without it.
    pub required: bool,
    /// Whether no two records may share a value.
    pub unique: bool,
    /// Value of a new record that does not give one.
    pub default: Option<Value>,
    /// Smallest value of a number.
    pub min: Option<Number>,
    /// Largest value of a number.
    pub max: Option<Number>,
    /// The values of an `enum`, in order.
    pub values: Vec<String>,
    /// ISO 4217 code of a `money` field.
    pub currency: Option<String>,
    /// Where a `ref` or `refs` leads.
    pub references: Option<Reference>,
    /// Arithmetic that gives the value; such a field is never written by people.
    pub computed: Option<String>,
    /// A sentence beside the input.
    pub help: Option<String>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    #[default]
    Text,
    /// Several lines.
    LongText,
    /// A whole number.
    Integer,
    /// A number with a fraction, exact.
    Decimal,
    /// An amount with a currency; written as a decimal string.
    Money,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A day and a time.
    Datetime,
    /// One of a few words.
    Enum,
    /// An electronic mail address.
    Email,
    /// A web address.
    Url,
    /// A telephone number.
    Phone,
    /// An uploaded file.
    File,
    /// A latitude and a longitude.
    GeoPoint,
    /// Anything that JSON can say.
    Json,
    /// One record of another entity.
    Ref,
    /// Any number of records of another entity.
    Refs,
}

impl FieldType {
    /// All types, in the order of the documentation.
    pub const ALL: [Self; 17] = [
        Self::Text,
        Self::LongText,
        Self::Integer,
        Self::Decimal,
        Self::Money,
        Self::Boolean,
        Self::Date,
        Self::Datetime,
        Self::Enum,
        Self::Email,
        Self::Url,
        Self::Phone,
        Self::File,
        Self::GeoPoint,
        Self::Json,
        Self::Ref,
        Self::Refs,
    ];

    /// The word for it in a blueprint.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Money => "money",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Enum => "enum",
            Self::Email => "email",
            Self::Url => "url",
            Self::Phone => "phone",
            Self::File => "file",
            Self::GeoPoint => "geo_point",
            Self::Json => "json",
            Self::Ref => "ref",
            Self::Refs => "refs",
        }
    }

    /// Finds a type by its word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|candidate| candidate.name() == name)
    }

    /// Whether one can calculate with it.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Money)
    }

    /// Whether it leads to other records.
    pub fn is_reference(self) -> bool {
        matches!(self, Self::Ref | Self::Refs)
    }
}

/// Where a reference leads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Reference {
    /// An entity, or the built-in `User`.
    pub entity: String,
    /// What happens to the record that refers when the other is deleted.
    pub on_delete: OnDelete,
}

/// What happens to a record when the one that it refers to is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// The deletion is refused.
    #[default]
    Restrict,
    /// It is deleted too.
    Cascade,
    /// Its reference becomes empty.
    SetNull,
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

/// How a page is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// Many records.
    #[default]
    List,
    /// One record.
    Detail,
    /// One record to be filled in.
    Form,
    /// Records in columns by state.
    Board,
    /// Figures.
    Dashboard,
    /// Its own layout.
    Custom,
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

/// An HTTP method.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    #[default]
    Get,
    /// Creates or acts.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

/// What is predicted from which records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Model {
    /// Kind of prediction.
    pub task: ModelTask,
    /// The entity whose records it learns from.
    pub entity: String,
    /// The field that is predicted.
    pub target: String,
    /// The fields that it is predicted from.
    pub features: Vec<String>,
    /// Number of periods ahead; forecasts only.
    pub horizon: Option<u32>,
    /// How its quality is measured.
    pub metric: Option<String>,
}

/// Kinds of prediction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelTask {
    /// Which class.
    #[default]
    Classification,
    /// How much.
    Regression,
    /// How much at a later time.
    Forecast,
}

/// Goals that are not features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Quality {
    /// Languages of the pages, as BCP 47 tags.
    pub languages: Vec<String>,
    /// Number of records to size for.
    pub records_expected: u64,
    /// Anything else.
    pub notes: Vec<String>,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            languages: vec!["en".to_owned()],
            records_expected: RECORDS_EXPECTED,
            notes: Vec::new(),
        }
    }
}

/// What the author supposed without being told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Assumption {
    /// What is supposed.
    pub text: String,
    /// What led to it: a story's id or a few words.
    pub because: Option<String>,
    /// Who can say whether it holds.
    pub confirm_with: Option<String>,
}
