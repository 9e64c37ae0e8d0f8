//! One field of an entity: its type, its limits, its target.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use factory_core::words;

/// One field of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Field {
    /// Name in `snake_case`.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Whether every record must have a value.
    pub required: bool,
    /// Whether no two records may have the same value.
    pub unique: bool,
    /// Value of a new record when none is given.
    pub default: Option<Value>,
    /// Smallest value of a number.
    pub min: Option<Number>,
    /// Largest value of a number.
    pub max: Option<Number>,
    /// The values of an `enum`, in order.
    pub values: Vec<String>,
    /// ISO 4217 code of a `money` field.
    pub currency: Option<String>,
    /// The target of a `ref` or `refs` field.
    pub references: Option<Reference>,
    /// Arithmetic that gives the value; such a field is never entered.
    pub computed: Option<String>,
    /// A sentence shown beside the input.
    pub help: Option<String>,
}

words! {
    /// The type of a field.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum FieldType {
        /// One line.
        #[default]
        Text = "text",
        /// Several lines.
        LongText = "long_text",
        /// A whole number.
        Integer = "integer",
        /// A number with a fraction, exact.
        Decimal = "decimal",
        /// An amount with a currency; written as a decimal string.
        Money = "money",
        /// Yes or no.
        Boolean = "boolean",
        /// A day.
        Date = "date",
        /// A day and a time.
        Datetime = "datetime",
        /// One of a few values.
        Enum = "enum",
        /// An email address.
        Email = "email",
        /// A web address.
        Url = "url",
        /// A telephone number.
        Phone = "phone",
        /// An uploaded file.
        File = "file",
        /// A latitude and a longitude.
        GeoPoint = "geo_point",
        /// Any JSON value.
        Json = "json",
        /// One record of another entity.
        Ref = "ref",
        /// Any number of records of another entity.
        Refs = "refs",
    }
}

impl FieldType {
    /// Whether it holds a number.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Money)
    }

    /// Whether it refers to other records.
    pub fn is_reference(self) -> bool {
        matches!(self, Self::Ref | Self::Refs)
    }
}

/// The target of a reference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Reference {
    /// An entity, or the built-in `User`.
    pub entity: String,
    /// What happens to the referring record when its target is deleted.
    pub on_delete: OnDelete,
}

words! {
    /// What happens to a record when its target is deleted.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum OnDelete {
        /// The deletion is refused.
        #[default]
        Restrict = "restrict",
        /// It is deleted too.
        Cascade = "cascade",
        /// The reference is cleared.
        SetNull = "set_null",
    }
}
