//! From one source's text to a layer of settings.

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use factory_spec::Position;

use super::keys::{self, SCHEMA_VERSION, VARIABLES};
use super::layer::Layer;
use super::origin::Origin;
use super::suggest;

const SCHEMA_VERSION_KNOWN: i64 = 1;

/// Why settings are refused. The position is not in the message: see the fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A file is not TOML, or a value has the wrong type.
    #[error("{origin}: {problem}")]
    Malformed {
        /// Where it comes from.
        origin: Origin,
        /// Where in the file.
        position: Option<Position>,
        /// In words.
        problem: String,
    },
    /// No setting has this name.
    #[error("{origin}: unknown setting `{key}`")]
    UnknownKey {
        /// Where it comes from.
        origin: Origin,
        /// Where in the file.
        position: Option<Position>,
        /// As written.
        key: String,
        /// A setting that is probably meant.
        suggestion: Option<String>,
    },
    /// The file was written for a newer program.
    #[error("{origin}: unknown schema version {found}; this program reads version 1")]
    UnknownSchema {
        /// Where it comes from.
        origin: Origin,
        /// The version that it names.
        found: i64,
    },
    /// A value breaks a rule.
    #[error("{origin}: `{key} = {value}` {problem}")]
    Invalid {
        /// Its dotted name.
        key: &'static str,
        /// As a file would spell it.
        value: String,
        /// Where it comes from.
        origin: Origin,
        /// The rule that it breaks.
        problem: &'static str,
    },
}

/// Reads the text of one file.
pub(super) fn file(text: &str, origin: &Origin) -> Result<Layer, ConfigError> {
    let malformed = |error: &toml::de::Error| ConfigError::Malformed {
        origin: origin.clone(),
        position: error.span().map(|span| position_at(text, span.start)),
        problem: error.message().trim_end().replace('\n', ", "),
    };
    let table = DeTable::parse(text).map_err(|error| malformed(&error))?;
    // First of all, because a file of another version may well have keys that we do not know.
    check_schema(table.get_ref(), origin)?;
    if let Some((key, offset)) = unknown_key(table.get_ref(), "") {
        let suggestion = suggest::nearest_key(&key);
        let position = Some(position_at(text, offset));
        return Err(ConfigError::UnknownKey {
            origin: origin.clone(),
            position,
            key,
            suggestion,
        });
    }
    toml::from_str(text).map_err(|error| malformed(&error))
}

fn check_schema(table: &DeTable<'_>, origin: &Origin) -> Result<(), ConfigError> {
    let version = table
        .get(SCHEMA_VERSION)
        .and_then(|value| value.get_ref().as_integer());
    let version =
        version.and_then(|version| i64::from_str_radix(version.as_str(), version.radix()).ok());
    match version {
        None | Some(SCHEMA_VERSION_KNOWN) => Ok(()),
        Some(found) => Err(ConfigError::UnknownSchema {
            origin: origin.clone(),
            found,
        }),
    }
}

/// The first key that is not a setting, with its offset in bytes.
fn unknown_key(table: &DeTable<'_>, parent: &str) -> Option<(String, usize)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries.into_iter().find_map(|(key, value)| {
        let path = match parent {
            "" => key.get_ref().to_string(),
            parent => format!("{parent}.{}", key.get_ref()),
        };
        match value.get_ref() {
            DeValue::Table(table) if keys::is_section(&path) => unknown_key(table, &path),
            _ if keys::is_section(&path) || path == SCHEMA_VERSION => None,
            _ if keys::names().any(|name| name == path) => None,
            _ => Some((path, key.span().start)),
        }
    })
}

/// Reads one environment variable; an empty one sets nothing.
///
/// A variable is text: `known` gives a value of the setting, from which the type of the new one follows.
pub(super) fn variable<'a>(
    name: &str,
    text: &str,
    known: impl Fn(&str) -> Option<&'a Value>,
) -> Result<Layer, ConfigError> {
    let origin = || Origin::Variable(name.to_owned());
    let Some((key, _)) = VARIABLES
        .into_iter()
        .find(|(_, variable)| *variable == name)
    else {
        return Err(ConfigError::UnknownKey {
            origin: origin(),
            position: None,
            key: name.to_owned(),
            suggestion: suggest::nearest_variable(name),
        });
    };
    if text.is_empty() {
        return Ok(Layer::default());
    }
    let malformed = |problem: String| ConfigError::Malformed {
        origin: origin(),
        position: None,
        problem,
    };
    let value = match known(key) {
        Some(Value::Integer(_)) => Value::Integer(
            text.parse()
                .map_err(|_| malformed(format!("`{text}` is not a whole number")))?,
        ),
        Some(Value::Float(_)) => Value::Float(
            text.parse()
                .map_err(|_| malformed(format!("`{text}` is not a number")))?,
        ),
        _ => Value::String(text.to_owned()),
    };
    Layer::deserialize(Value::Table(nested(key, value)))
        .map_err(|error| malformed(error.message().to_owned()))
}

fn position_at(text: &str, offset: usize) -> Position {
    Position::after(text.get(..offset).unwrap_or(text))
}

/// The table in which only `key` has a value.
fn nested(key: &str, value: Value) -> Table {
    let (name, value) = match key.split_once('.') {
        None => (key, value),
        Some((section, rest)) => (section, Value::Table(nested(rest, value))),
    };
    Table::from_iter([(name.to_owned(), value)])
}
