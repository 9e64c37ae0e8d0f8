//! Lays the layers over each other and checks the result. Pure: files and environment are given.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::check;
use super::keys::{self, OTHER_VARIABLES, PREFIX, SCHEMA_VERSION, VARIABLES};
use super::layer::{Config, Layer};
use super::read::SettingsFile;
use super::suggest;
use factory_spec::yaml::Position;

pub(super) const DEFAULTS: &str = include_str!("defaults.toml");
const SCHEMA_VERSION_KNOWN: i64 = 1;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The user's file.
    User(PathBuf),
    /// The portfolio's file.
    Project(PathBuf),
    /// This environment variable.
    Variable(String),
    /// A flag of the command.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::User(path) | Self::Project(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// One value and where it comes from, for `factory config show --origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The dotted name of the setting.
    pub key: &'static str,
    /// The value as a file would spell it; `None` when the setting has none.
    pub value: Option<String>,
    /// Who said so.
    pub origin: Origin,
}

/// The settings and their origins.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Every setting in the order of [`VARIABLES`].
    pub entries: Vec<Entry>,
}

/// Why settings are refused. The message does not repeat where: see the fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A file is not TOML, or a value has the wrong type.
    #[error("{origin}: {problem}")]
    Malformed {
        /// The source.
        origin: Origin,
        /// The place in the file.
        position: Option<Position>,
        /// What is wrong.
        problem: String,
    },
    /// There is no such setting.
    #[error("{origin}: unknown setting `{key}`")]
    UnknownKey {
        /// The source.
        origin: Origin,
        /// The place in the file.
        position: Option<Position>,
        /// The name as written.
        key: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// The file was written for a newer program.
    #[error("{origin}: schema version {found} is not known, this program reads version 1")]
    UnknownSchema {
        /// The source.
        origin: Origin,
        /// The version it names.
        found: i64,
    },
    /// The value makes no sense.
    #[error("{origin}: `{key} = {value}` {problem}")]
    Invalid {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: String,
        /// Who said so.
        origin: Origin,
        /// What is wrong with it and what would be right.
        problem: &'static str,
    },
}

/// Everything that may say something about settings, above the built-in defaults. Later fields win.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The user's file.
    pub user: Option<SettingsFile>,
    /// The portfolio's `factory.toml`.
    pub project: Option<SettingsFile>,
    /// The environment; what does not begin with `FACTORY_` is ignored, an empty value says nothing.
    pub environment: BTreeMap<String, String>,
    /// What the command line says.
    pub flags: Layer,
}

/// Values by dotted name, each with its origin.
type Settings = BTreeMap<&'static str, (Value, Origin)>;

impl Sources {
    /// Lays the layers over each other and checks the result.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn merge(self) -> Result<Loaded, ConfigError> {
        let mut settings = Settings::new();
        overlay(
            &mut settings,
            &read_file(DEFAULTS, &Origin::Default)?,
            &Origin::Default,
        );
        if let Some(SettingsFile { path, text }) = self.user {
            overlay_file(&mut settings, &text, &path, &Origin::User(path.clone()))?;
        }
        if let Some(SettingsFile { path, text }) = self.project {
            overlay_file(&mut settings, &text, &path, &Origin::Project(path.clone()))?;
        }
        for (name, text) in &self.environment {
            if name.starts_with(PREFIX) && !OTHER_VARIABLES.contains(&name.as_str()) {
                overlay_variable(&mut settings, name, text)?;
            }
        }
        overlay(&mut settings, &self.flags, &Origin::Flag);
        let config = to_config(&settings)?;
        refuse_nonsense(&config, &settings)?;
        let entries = keys::names().map(|key| match settings.remove(key) {
            Some((value, origin)) => Entry {
                key,
                value: Some(value.to_string()),
                origin,
            },
            None => Entry {
                key,
                value: None,
                origin: Origin::Default,
            },
        });
        Ok(Loaded {
            config,
            entries: entries.collect(),
        })
    }
}

/// The one place where a later value replaces an earlier one.
fn overlay(settings: &mut Settings, layer: &Layer, origin: &Origin) {
    // A layer holds nothing that TOML cannot say, so there is always a table.
    let table = Table::try_from(layer).unwrap_or_default();
    for key in keys::names() {
        if let Some(value) = lookup(&table, key) {
            settings.insert(key, (value.clone(), origin.clone()));
        }
    }
}

fn overlay_file(
    settings: &mut Settings,
    text: &str,
    path: &Path,
    origin: &Origin,
) -> Result<(), ConfigError> {
    let mut layer = read_file(text, origin)?;
    if let (Some(dir), Some(folder)) = (&layer.templates.dir, path.parent()) {
        layer.templates.dir = Some(folder.join(dir));
    }
    overlay(settings, &layer, origin);
    Ok(())
}

fn overlay_variable(settings: &mut Settings, name: &str, text: &str) -> Result<(), ConfigError> {
    let origin = Origin::Variable(name.to_owned());
    let Some((key, _)) = VARIABLES
        .into_iter()
        .find(|(_, variable)| *variable == name)
    else {
        let suggestion = suggest::nearest_variable(name);
        return Err(ConfigError::UnknownKey {
            origin,
            position: None,
            key: name.to_owned(),
            suggestion,
        });
    };
    if text.is_empty() {
        return Ok(());
    }
    let malformed = |problem: String| ConfigError::Malformed {
        origin: origin.clone(),
        position: None,
        problem,
    };
    // A variable is text; what it stands for is known from the default.
    let value = match settings.get(key) {
        Some((Value::Integer(_), _)) => Value::Integer(
            text.parse()
                .map_err(|_| malformed(format!("`{text}` is no whole number")))?,
        ),
        Some((Value::Float(_), _)) => Value::Float(
            text.parse()
                .map_err(|_| malformed(format!("`{text}` is no number")))?,
        ),
        _ => Value::String(text.to_owned()),
    };
    let layer = Layer::deserialize(Value::Table(nested(key, value)));
    let layer = layer.map_err(|error| malformed(error.message().to_owned()))?;
    overlay(settings, &layer, &origin);
    Ok(())
}

/// Reads one file's text.
fn read_file(text: &str, origin: &Origin) -> Result<Layer, ConfigError> {
    let malformed = |error: &toml::de::Error| ConfigError::Malformed {
        origin: origin.clone(),
        position: error.span().map(|span| position(text, span.start)),
        problem: error.message().trim_end().replace('\n', ", "),
    };
    let table = DeTable::parse(text).map_err(|error| malformed(&error))?;
    // First of all: a file of another version may well hold keys that we do not know.
    check_schema(table.get_ref(), origin)?;
    if let Some((key, offset)) = unknown_key(table.get_ref(), "") {
        let suggestion = suggest::nearest_key(&key);
        let position = Some(position(text, offset));
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

/// The first key that is no setting, with its place in bytes.
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

fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let last_line = before.rsplit('\n').next().unwrap_or_default();
    Position {
        line: before.matches('\n').count() + 1,
        column: last_line.chars().count() + 1,
    }
}

fn lookup<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((section, rest)) => lookup(table.get(section)?.as_table()?, rest),
    }
}

/// The table in which only `key` has a value.
fn nested(key: &str, value: Value) -> Table {
    let (name, value) = match key.split_once('.') {
        None => (key, value),
        Some((section, rest)) => (section, Value::Table(nested(rest, value))),
    };
    Table::from_iter([(name.to_owned(), value)])
}

fn to_config(settings: &Settings) -> Result<Config, ConfigError> {
    let mut whole = Table::new();
    for (key, (value, _)) in settings {
        match key.split_once('.') {
            None => drop(whole.insert((*key).to_owned(), value.clone())),
            Some((section, name)) => {
                let section = whole
                    .entry(section)
                    .or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(section) = section {
                    section.insert(name.to_owned(), value.clone());
                }
            }
        }
    }
    // Each layer had the right types and the defaults are complete, so this only fails if we are.
    Config::deserialize(Value::Table(whole)).map_err(|error| ConfigError::Malformed {
        origin: Origin::Default,
        position: None,
        problem: error.message().to_owned(),
    })
}

fn refuse_nonsense(config: &Config, settings: &Settings) -> Result<(), ConfigError> {
    let Some((key, problem)) = check::first_violation(config) else {
        return Ok(());
    };
    let (value, origin) = match settings.get(key) {
        Some((value, origin)) => (value.to_string(), origin.clone()),
        None => (String::new(), Origin::Default),
    };
    Err(ConfigError::Invalid {
        key,
        value,
        origin,
        problem,
    })
}
