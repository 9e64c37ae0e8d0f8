//! One field of an entity: its type, its limits, where it leads.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::vocabulary::vocabulary;

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

vocabulary! {
    /// What a field holds.
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
        /// One of a few words.
        Enum = "enum",
        /// An electronic mail address.
        Email = "email",
        /// A web address.
        Url = "url",
        /// A telephone number.
        Phone = "phone",
        /// An uploaded file.
        File = "file",
        /// A latitude and a longitude.
        GeoPoint = "geo_point",
        /// Anything that JSON can say.
        Json = "json",
        /// One record of another entity.
        Ref = "ref",
        /// Any number of records of another entity.
        Refs = "refs",
    }
}

impl FieldType {
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

vocabulary! {
    /// What happens to a record when the one that it refers to is deleted.
    pub enum OnDelete {
        /// The deletion is refused.
        #[default]
        Restrict = "restrict",
        /// It is deleted too.
        Cascade = "cascade",
        /// Its reference becomes empty.
        SetNull = "set_null",
    }
}
