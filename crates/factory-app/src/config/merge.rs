//! Lays the layers over each other and checks the result. Pure: files and environment are given.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize as _;
use toml::{Table, Value};

use super::check;
use super::keys::{self, OTHER_VARIABLES, PREFIX};
use super::layer::{Config, Layer};
use super::origin::{Origin, SettingsFile};
use super::parse::{self, ConfigError};

pub(super) const DEFAULTS: &str = include_str!("defaults.toml");

/// One value and where it comes from, as `factory config show` lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The dotted name of the setting.
    pub key: &'static str,
    /// The value, which prints as a file would spell it; `None` when the setting has none.
    pub value: Option<Value>,
    /// Where it comes from.
    pub origin: Origin,
}

/// The settings and their origins.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Every setting in the order of [`VARIABLES`](super::VARIABLES).
    pub entries: Vec<Entry>,
}

/// Everything above the built-in defaults that may set something. Later fields win.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The user's file.
    pub user: Option<SettingsFile>,
    /// The portfolio's `factory.toml`.
    pub project: Option<SettingsFile>,
    /// The environment; other names than `FACTORY_…` are ignored, an empty value sets nothing.
    pub environment: BTreeMap<String, String>,
    /// From the command line.
    pub flags: Layer,
}

/// Values by dotted name, each with its origin.
type Settings = BTreeMap<&'static str, (Value, Origin)>;

impl Sources {
    /// Lays the layers over each other and checks the result.
    ///
    /// # Errors
    /// The first fault.
    pub fn merge(self) -> Result<Loaded, ConfigError> {
        let mut settings = Settings::new();
        overlay(
            &mut settings,
            &parse::file(DEFAULTS, &Origin::Default)?,
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
        refuse_violations(&config, &settings)?;
        let entries = keys::names().map(|key| match settings.remove(key) {
            Some((value, origin)) => Entry {
                key,
                value: Some(value),
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
    let mut layer = parse::file(text, origin)?;
    if let (Some(dir), Some(folder)) = (&layer.templates.dir, path.parent()) {
        layer.templates.dir = Some(folder.join(dir));
    }
    overlay(settings, &layer, origin);
    Ok(())
}

fn overlay_variable(settings: &mut Settings, name: &str, text: &str) -> Result<(), ConfigError> {
    // The defaults are complete but for folders, so the kind of every other value is known.
    let kind_of = |key: &str| settings.get(key).map(|(value, _)| value);
    let layer = parse::variable(name, text, kind_of)?;
    overlay(settings, &layer, &Origin::Variable(name.to_owned()));
    Ok(())
}

fn lookup<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((section, rest)) => lookup(table.get(section)?.as_table()?, rest),
    }
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
    // Each layer had the right types and the defaults are complete, so this fails only if the defaults are wrong.
    Config::deserialize(Value::Table(whole)).map_err(|error| ConfigError::Malformed {
        origin: Origin::Default,
        position: None,
        problem: error.message().to_owned(),
    })
}

fn refuse_violations(config: &Config, settings: &Settings) -> Result<(), ConfigError> {
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
