//! Reading of one TOML table key by key: what is missing, of the wrong type or unknown becomes a fault.

use toml::{Table, Value};

use factory_spec::suggest::did_you_mean_or_list;

use crate::fault::TemplateFault;

/// The file that holds it.
pub(crate) const FILE: &str = "template.toml";

/// Collects faults while tables are read.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<TemplateFault>);

impl Faults {
    pub(super) fn add(
        &mut self,
        at: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.0.push(TemplateFault::new(FILE, at, problem, remedy));
    }
}

/// A table of the file, from which keys are taken one by one.
pub(super) struct Keys<'a> {
    table: Table,
    at: String,
    known: Vec<&'static str>,
    faults: &'a mut Faults,
}

impl<'a> Keys<'a> {
    /// The table under the key `at`.
    pub(super) fn new(table: Table, at: impl Into<String>, faults: &'a mut Faults) -> Self {
        Self {
            table,
            at: at.into(),
            known: Vec::new(),
            faults,
        }
    }

    /// Full name of a key of this table.
    pub(super) fn path(&self, key: &str) -> String {
        if self.at.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.at)
        }
    }

    pub(super) fn fault(
        &mut self,
        key: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let at = self.path(key);
        self.faults.add(at, problem, remedy);
    }

    pub(super) fn faults(&mut self) -> &mut Faults {
        self.faults
    }

    /// Whether a key exists and is not yet taken.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn take<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Option<T> {
        self.known.push(key);
        let value = self.table.remove(key)?;
        let found = value.type_str();
        let read = read(value);
        if read.is_none() {
            self.fault(key, this_is(found), format!("write {wanted}"));
        }
        read
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.take(key, "a string", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    pub(super) fn required_text(&mut self, key: &'static str) -> String {
        let is_there = self.table.contains_key(key);
        let text = self.text(key);
        if !is_there || text.as_ref().is_some_and(String::is_empty) {
            self.fault(key, "the key is missing", "write a string");
        }
        text.unwrap_or_default()
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.take(key, "true or false", |value| value.as_bool())
    }

    /// A whole number above zero.
    pub(super) fn count(&mut self, key: &'static str) -> Option<u64> {
        self.take(key, "a whole number above 0", |value| {
            value
                .as_integer()
                .and_then(|number| u64::try_from(number).ok())
                .filter(|number| *number > 0)
        })
    }

    /// A number above zero, with or without a point.
    pub(super) fn number(&mut self, key: &'static str) -> Option<f64> {
        self.take(key, "a number above 0", |value| match value {
            Value::Float(number) => Some(number).filter(|number| *number > 0.0),
            Value::Integer(number) => u32::try_from(number)
                .ok()
                .map(f64::from)
                .filter(|number| *number > 0.0),
            _ => None,
        })
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        self.take(key, "a list of strings", texts)
    }

    pub(super) fn commands(&mut self, key: &'static str) -> Option<Vec<Vec<String>>> {
        self.take(
            key,
            "a list of commands, each a list of strings",
            |value| match value {
                Value::Array(items) => items
                    .into_iter()
                    .map(|item| texts(item).filter(|run| !run.is_empty()))
                    .collect(),
                _ => None,
            },
        )
    }

    /// Program and arguments; required.
    pub(super) fn command(&mut self, key: &'static str) -> Vec<String> {
        let is_there = self.table.contains_key(key);
        let run = self.texts(key);
        if !is_there || run.as_ref().is_some_and(Vec::is_empty) {
            self.fault(
                key,
                "the command is missing",
                "write [\"program\", \"argument\"]",
            );
        }
        run.unwrap_or_default()
    }

    pub(super) fn table(&mut self, key: &'static str) -> Option<Table> {
        self.take(key, "a table", |value| match value {
            Value::Table(table) => Some(table),
            _ => None,
        })
    }

    /// The tables of `[[key]]`.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Table> {
        let tables = self.take(key, "tables, written `[[…]]`", |value| match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| match item {
                    Value::Table(table) => Some(table),
                    _ => None,
                })
                .collect(),
            _ => None,
        });
        tables.unwrap_or_default()
    }

    /// A table of strings under free names.
    pub(super) fn text_map(&mut self, key: &'static str) -> Vec<(String, String)> {
        let mut entries = Vec::new();
        for (name, value) in self.table(key).unwrap_or_default() {
            if let Value::String(text) = value {
                entries.push((name, text));
            } else {
                self.fault(
                    &format!("{key}.{name}"),
                    this_is(value.type_str()),
                    "write a string",
                );
            }
        }
        entries
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fault(
                key,
                format!("`{text}` is not known"),
                did_you_mean_or_list(&text, &known),
            );
        }
        found
    }

    /// Refuses every key that was not taken.
    pub(super) fn finish(self) {
        let Self {
            table,
            at,
            known,
            faults,
        } = self;
        for key in table.keys() {
            let path = if at.is_empty() {
                key.clone()
            } else {
                format!("{at}.{key}")
            };
            faults.add(path, "unknown key", did_you_mean_or_list(key, &known));
        }
    }
}

/// The problem of a value of the wrong TOML type: `this is an integer`.
fn this_is(type_name: &str) -> String {
    let article = if type_name.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    };
    format!("this is {article} {type_name}")
}

fn texts(value: Value) -> Option<Vec<String>> {
    let Value::Array(items) = value else {
        return None;
    };
    items
        .into_iter()
        .map(|item| match item {
            Value::String(text) => Some(text),
            _ => None,
        })
        .collect()
}
