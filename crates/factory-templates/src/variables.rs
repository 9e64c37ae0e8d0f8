//! `cookiecutter.json`: the variables of a template, their defaults, and how answers change them.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value as Rendered;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use serde_json::{Map, Value};

use crate::fault::{RenderError, TemplateFault};
use crate::files::Files;
use crate::jinja::{Engine, NOW, Place};
use crate::python;

/// The file that holds the variables.
pub(crate) const FILE: &str = "cookiecutter.json";

/// Extensions that are always on, or change nothing that we do not have.
const KNOWN_EXTENSIONS: [&str; 11] = [
    "cookiecutter.extensions.JsonifyExtension",
    "cookiecutter.extensions.RandomStringExtension",
    "cookiecutter.extensions.SlugifyExtension",
    "cookiecutter.extensions.TimeExtension",
    "cookiecutter.extensions.UUIDExtension",
    "jinja2.ext.autoescape",
    "jinja2.ext.do",
    "jinja2.ext.loopcontrols",
    "jinja2.ext.with_",
    "jinja2_time.TimeExtension",
    "jinja2.ext.ExprStmtExtension",
];

/// The variables of a template as they are written, and what they set for rendering.
#[derive(Debug, Clone)]
pub(crate) struct Variables {
    raw: Map<String, Value>,
    pub(crate) syntax: SyntaxConfig,
    /// Patterns of files that are copied as they are.
    pub(crate) copied: Vec<String>,
    /// The newline of every rendered file, when the template sets one.
    pub(crate) newline: Option<String>,
}

impl Variables {
    /// Reads `cookiecutter.json` and finds what cannot be done with it.
    ///
    /// # Errors
    ///
    /// Every fault of the file at once.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<TemplateFault>> {
        let raw = match serde_json::from_str(text) {
            Ok(Value::Object(raw)) => raw,
            Ok(_) => {
                let fault = TemplateFault::new(
                    FILE,
                    "",
                    "this is not a JSON object",
                    "write `{ \"name\": \"…\" }`",
                );
                return Err(vec![fault]);
            }
            Err(error) => {
                let at = format!("line {}", error.line());
                return Err(vec![TemplateFault::new(
                    FILE,
                    at,
                    error.to_string(),
                    "fix the JSON",
                )]);
            }
        };
        let mut faults = Vec::new();
        check_extensions(&raw, text, &mut faults);
        check_nested(&raw, &mut faults);
        let syntax = syntax(&raw, &mut faults);
        let copied = texts(&raw, "_copy_without_render", &mut faults);
        let newline = newline(&raw, &mut faults);
        if faults.is_empty() {
            Ok(Self {
                raw,
                syntax,
                copied,
                newline,
            })
        } else {
            Err(faults)
        }
    }

    /// The names of the variables that are asked, in order.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &str> {
        self.raw
            .keys()
            .map(String::as_str)
            .filter(|name| !name.starts_with('_'))
    }

    /// Resolves all variables in order: an answer, else the rendered default.
    ///
    /// # Errors
    ///
    /// The first answer that is not allowed, or default that cannot be rendered.
    pub(crate) fn resolve(
        &self,
        files: &Arc<Files>,
        template: &str,
        answers: &BTreeMap<String, Value>,
    ) -> Result<Map<String, Value>, RenderError> {
        let engine = Engine::new(files, ".", &self.syntax);
        let mut resolver = Resolver {
            engine,
            now: Rendered::from(Serde(&answers.get(NOW))),
            resolved: Map::new(),
        };
        // Dictionaries come last: their defaults may use every other variable.
        let raw = self.answered(answers)?;
        let (late, early): (Vec<_>, Vec<_>) = raw
            .iter()
            .filter(|(name, _)| *name != "__prompts__")
            .partition(|(name, raw)| raw.is_object() && !name.starts_with('_'));
        for (name, raw) in early.into_iter().chain(late) {
            let value = resolver.variable(name, raw, answers.get(name))?;
            resolver.resolved.insert(name.clone(), value);
        }
        let mut ordered = Map::new();
        for name in raw.keys() {
            if let Some(value) = resolver.resolved.get(name) {
                ordered.insert(name.clone(), value.clone());
            }
        }
        // Cookiecutter adds where it was run; here it must be the same on every machine.
        for (name, fixed) in [
            ("_template", Value::from(template)),
            ("_output_dir", Value::from(".")),
            ("_repo_dir", Value::from(template)),
            ("_checkout", Value::Null),
        ] {
            ordered.insert(name.to_owned(), answers.get(name).cloned().unwrap_or(fixed));
        }
        Ok(ordered)
    }

    /// The variables with answers, unrendered and without private ones: `_cookiecutter` in the context.
    ///
    /// # Errors
    ///
    /// The first answer that is not allowed.
    pub(crate) fn original(&self, answers: &BTreeMap<String, Value>) -> Result<Value, RenderError> {
        let answered = self.answered(answers)?;
        let public = answered
            .into_iter()
            .filter(|(name, _)| !name.starts_with('_'));
        Ok(Value::Object(public.collect()))
    }

    /// The variables as they are written, with answers in the place of defaults.
    fn answered(
        &self,
        answers: &BTreeMap<String, Value>,
    ) -> Result<Map<String, Value>, RenderError> {
        let mut raw = self.raw.clone();
        for (name, value) in &mut raw {
            if let Some(answer) = answers.get(name) {
                overwrite(value, answer).map_err(|problem| RenderError::Answer {
                    variable: name.clone(),
                    problem,
                })?;
            }
        }
        Ok(raw)
    }
}

/// Puts an answer in the place of a default, as cookiecutter does.
fn overwrite(value: &mut Value, answer: &Value) -> Result<(), String> {
    match (&mut *value, answer) {
        (Value::Array(choices), Value::Array(several)) => {
            if let Some(unknown) = several.iter().find(|one| !choices.contains(one)) {
                return Err(no_choice(unknown, choices));
            }
            several.clone_into(choices);
        }
        (Value::Array(choices), one) => {
            // A choice may also be answered as it reads when rendered; that is checked later.
            if let Some(at) = choices.iter().position(|choice| choice == one) {
                let chosen = choices.remove(at);
                choices.insert(0, chosen);
            }
        }
        (Value::Object(entries), Value::Object(changes)) => {
            for (key, change) in changes {
                match entries.get_mut(key) {
                    Some(inner @ (Value::Object(_) | Value::Bool(_))) => overwrite(inner, change)?,
                    _ => drop(entries.insert(key.clone(), change.clone())),
                }
            }
        }
        (Value::Object(_), _) => return Err("it takes a dictionary".to_owned()),
        (Value::Bool(flag), Value::String(text)) => {
            *flag = yes_or_no(text).ok_or_else(|| format!("`{text}` is neither yes nor no"))?;
        }
        _ => *value = answer.clone(),
    }
    Ok(())
}

fn no_choice(answer: &Value, choices: &[Value]) -> String {
    let known: Vec<String> = choices.iter().map(plain).collect();
    format!("`{}` is not one of {}", plain(answer), known.join(", "))
}

struct Resolver {
    engine: Engine,
    now: Rendered,
    resolved: Map<String, Value>,
}

impl Resolver {
    /// A variable's value: private ones as they are, of a list the chosen item, everything else rendered.
    fn variable(
        &self,
        name: &str,
        raw: &Value,
        answer: Option<&Value>,
    ) -> Result<Value, RenderError> {
        let is_private = name.starts_with('_');
        let refused = |problem: String| RenderError::Answer {
            variable: name.to_owned(),
            problem,
        };
        match raw {
            Value::Array(choices) if !name.starts_with("__") => {
                let rendered: Vec<Value> = if is_private {
                    choices.clone()
                } else {
                    choices
                        .iter()
                        .map(|raw| self.rendered(name, raw, None))
                        .collect::<Result<_, _>>()?
                };
                let one = answer.filter(|answer| !answer.is_array());
                let is_known =
                    |answer: &Value| choices.first() == Some(answer) || rendered.contains(answer);
                if let Some(unknown) = one.filter(|answer| !is_known(answer)) {
                    return Err(refused(no_choice(unknown, &rendered)));
                }
                if is_private {
                    return Ok(raw.clone());
                }
                let chosen = one
                    .filter(|answer| choices.first() != Some(answer))
                    .cloned();
                chosen
                    .or_else(|| rendered.into_iter().next())
                    .ok_or_else(|| refused("the list of choices is empty".to_owned()))
            }
            _ if is_private && !name.starts_with("__") => Ok(raw.clone()),
            _ => self.rendered(name, raw, answer),
        }
    }

    /// A default with everything in it rendered; numbers become text, as in cookiecutter.
    ///
    /// An answer is taken literally: what people type is not a template.
    fn rendered(
        &self,
        name: &str,
        raw: &Value,
        answer: Option<&Value>,
    ) -> Result<Value, RenderError> {
        Ok(match raw {
            Value::Null | Value::Bool(_) => raw.clone(),
            Value::Number(number) => Value::String(number_text(number)),
            Value::String(_) if answer.is_some() => raw.clone(),
            Value::String(text) => Value::String(self.text(name, text)?),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.rendered(name, item, answer));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Object(entries) => {
                let mut rendered = Map::new();
                for (key, item) in entries {
                    let answer = answer.and_then(|answer| answer.get(key));
                    let key = if answer.is_some() {
                        key.clone()
                    } else {
                        self.text(name, key)?
                    };
                    rendered.insert(key, self.rendered(name, item, answer)?);
                }
                Value::Object(rendered)
            }
        })
    }

    fn text(&self, name: &str, text: &str) -> Result<String, RenderError> {
        let context = Rendered::from_pairs([
            ("cookiecutter", Rendered::from(Serde(&self.resolved))),
            (NOW, self.now.clone()),
        ]);
        self.engine.text(
            text,
            &context,
            &Place {
                file: FILE,
                at: name,
            },
        )
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn number_text(number: &serde_json::Number) -> String {
    if number.is_f64() {
        number
            .as_f64()
            .map_or_else(|| number.to_string(), python::float)
    } else {
        number.to_string()
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

fn check_extensions(raw: &Map<String, Value>, text: &str, faults: &mut Vec<TemplateFault>) {
    for extension in texts(raw, "_extensions", faults) {
        if KNOWN_EXTENSIONS.contains(&extension.as_str()) {
            continue;
        }
        let line = text
            .lines()
            .position(|line| line.contains(&extension))
            .map_or(0, |at| at + 1);
        faults.push(TemplateFault::new(
            FILE,
            format!("_extensions, line {line}"),
            format!("the Jinja2 extension `{extension}` is Python code and is not supported"),
            "remove it and what it provides",
        ));
    }
}

fn check_nested(raw: &Map<String, Value>, faults: &mut Vec<TemplateFault>) {
    for key in ["template", "templates"] {
        if raw.contains_key(key) {
            faults.push(TemplateFault::new(
                FILE,
                key,
                "it holds several templates, one of which is to be chosen",
                "open the folder of the one that you want",
            ));
        }
    }
}

fn texts(raw: &Map<String, Value>, key: &str, faults: &mut Vec<TemplateFault>) -> Vec<String> {
    let Some(value) = raw.get(key) else {
        return Vec::new();
    };
    let items = value.as_array().map(|items| {
        items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
    });
    items.flatten().unwrap_or_else(|| {
        faults.push(TemplateFault::new(
            FILE,
            key,
            "this is not a list of strings",
            "write [\"…\"]",
        ));
        Vec::new()
    })
}

fn newline(raw: &Map<String, Value>, faults: &mut Vec<TemplateFault>) -> Option<String> {
    let value = raw
        .get("_new_lines")
        .filter(|value| value.as_str() != Some(""))?;
    let newline = value
        .as_str()
        .filter(|newline| ["\n", "\r", "\r\n"].contains(newline));
    if newline.is_none() {
        let problem = format!("{value} is not a newline");
        let remedy = "write \"\\n\", \"\\r\\n\" or \"\\r\"";
        faults.push(TemplateFault::new(FILE, "_new_lines", problem, remedy));
    }
    newline.map(str::to_owned)
}

fn syntax(raw: &Map<String, Value>, faults: &mut Vec<TemplateFault>) -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder.keep_trailing_newline(true);
    let empty = Map::new();
    let options = raw
        .get("_jinja2_env_vars")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let text = |key: &str| options.get(key).and_then(Value::as_str).map(str::to_owned);
    let delimiter = |key: &str, default: &str| text(key).unwrap_or_else(|| default.to_owned());
    let flag = |key: &str| options.get(key) == Some(&Value::Bool(true));
    builder
        .block_delimiters(
            delimiter("block_start_string", "{%"),
            delimiter("block_end_string", "%}"),
        )
        .variable_delimiters(
            delimiter("variable_start_string", "{{"),
            delimiter("variable_end_string", "}}"),
        )
        .comment_delimiters(
            delimiter("comment_start_string", "{#"),
            delimiter("comment_end_string", "#}"),
        )
        .trim_blocks(flag("trim_blocks"))
        .lstrip_blocks(flag("lstrip_blocks"));
    if let Some(prefix) = text("line_statement_prefix") {
        builder.line_statement_prefix(prefix);
    }
    if let Some(prefix) = text("line_comment_prefix") {
        builder.line_comment_prefix(prefix);
    }
    for (key, value) in options
        .iter()
        .filter(|(key, value)| !is_supported(key, value))
    {
        let problem = format!("`{key}: {value}` is not supported");
        faults.push(TemplateFault::new(
            FILE,
            format!("_jinja2_env_vars.{key}"),
            problem,
            "remove it",
        ));
    }
    builder.build().unwrap_or_else(|error| {
        faults.push(TemplateFault::new(
            FILE,
            "_jinja2_env_vars",
            error.to_string(),
            "use other delimiters",
        ));
        SyntaxConfig::default()
    })
}

/// Whether an option of Jinja2's environment can be kept.
fn is_supported(key: &str, value: &Value) -> bool {
    match key {
        "trim_blocks" | "lstrip_blocks" => value.is_boolean(),
        "block_start_string"
        | "block_end_string"
        | "variable_start_string"
        | "variable_end_string"
        | "comment_start_string"
        | "comment_end_string" => value.is_string(),
        "line_statement_prefix" | "line_comment_prefix" => value.is_string() || value.is_null(),
        "autoescape" => value == &Value::Bool(false),
        "optimized" | "cache_size" | "auto_reload" => true,
        _ => false,
    }
}
