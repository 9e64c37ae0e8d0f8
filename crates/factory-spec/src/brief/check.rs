//! From a parsed value to a brief, every fault at once.

use factory_core::id::Slug;
use factory_core::resources::{Budget, Resources};
use serde_json::{Map, Value};

use super::entities;
use super::types::{AUTO, Brief, Defaults, Founder};
use super::units;
use crate::blueprint::SCHEMA_VERSION;
use crate::fault::{Fault, join};
use crate::message::shown;
use crate::shape::Shape::{self, Any, Keys, List, Maybe, Number, Text};
use crate::slug::slug;

/// Most features of one brief.
pub const FEATURES_MAX: usize = 100;

/// Longest feature, in characters.
pub const FEATURE_LENGTH_MAX: usize = 500;

const NAME_LENGTH_MAX: usize = 80;
const LINE_LENGTH_MAX: usize = 300;
const PROBLEM_LENGTH_MAX: usize = 5_000;
const LIST_MAX: usize = 50;

const MAYBE_TEXT: Shape = Maybe(&Text);
const MAYBE_NUMBER: Shape = Maybe(&Number);

const BRIEF: Shape = Keys(&[
    ("schema_version", Any),
    ("name", Text),
    ("one_liner", Text),
    ("industry", MAYBE_TEXT),
    ("category", MAYBE_TEXT),
    ("template", MAYBE_TEXT),
    ("problem", MAYBE_TEXT),
    ("audience", Maybe(&List(&Text))),
    (
        "founder",
        Maybe(&Keys(&[
            ("skills", Maybe(&List(&Text))),
            ("hours_per_week", MAYBE_NUMBER),
        ])),
    ),
    ("features", Maybe(&List(&Text))),
    ("entities", Any),
    (
        "budget",
        Maybe(&Keys(&[
            ("total_usd", MAYBE_NUMBER),
            ("per_day_usd", MAYBE_NUMBER),
            ("calls_per_hour", MAYBE_NUMBER),
        ])),
    ),
    (
        "resources",
        Maybe(&Keys(&[
            ("memory_mb", MAYBE_NUMBER),
            ("cpu_cores", MAYBE_NUMBER),
            ("storage_gb", MAYBE_NUMBER),
            ("ports", MAYBE_NUMBER),
        ])),
    ),
]);

/// Reads a brief from a parsed document, whatever its syntax was; what it leaves open comes from `defaults`.
///
/// # Errors
///
/// Every fault that could be found, in the order of the keys of a brief.
pub fn check(value: &Value, defaults: &Defaults) -> Result<Brief, Vec<Fault>> {
    let Value::Object(members) = value else {
        let mut faults = Vec::new();
        BRIEF.check(value, "", &mut faults);
        return Err(faults);
    };
    if let Some(version) = members.get("schema_version")
        && version.as_u64() != Some(u64::from(SCHEMA_VERSION))
    {
        // Another version has other keys: naming them as unknown would mislead.
        let problem = format!("version {} is not known", shown(&version.to_string()));
        let remedy = format!("write {SCHEMA_VERSION}; a newer version needs a newer program");
        return Err(vec![Fault::new("/schema_version", problem, remedy)]);
    }
    let mut faults = Vec::new();
    BRIEF.check(value, "", &mut faults);
    let mut reader = Reader {
        members,
        faults: &mut faults,
    };
    let brief = Brief {
        schema_version: SCHEMA_VERSION,
        name: reader.name(),
        one_liner: reader.required_line("one_liner", "describe it in one line"),
        industry: reader.line("industry"),
        category: reader.line("category"),
        template: reader.template(),
        problem: reader.text("problem", PROBLEM_LENGTH_MAX),
        audience: reader.lines("/audience", members.get("audience")),
        founder: reader.founder(),
        features: reader.features(),
        entities: entities::read(members.get("entities"), reader.faults),
        budget: reader.budget(defaults.budget),
        resources: reader.resources(defaults.resources),
    };
    if faults.is_empty() {
        Ok(brief)
    } else {
        Err(faults)
    }
}

struct Reader<'a> {
    members: &'a Map<String, Value>,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, pointer: &str, problem: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(Fault::new(pointer, problem, remedy));
    }

    /// A text of bounded length without control characters. A wrong type is reported by the shape.
    fn text(&mut self, key: &str, length_max: usize) -> Option<String> {
        let text = self.members.get(key)?.as_str()?.trim().to_owned();
        self.bounded(&join("", key), &text, length_max);
        (!text.is_empty()).then_some(text)
    }

    fn bounded(&mut self, pointer: &str, text: &str, length_max: usize) {
        let length = text.chars().count();
        if length > length_max {
            self.fault(
                pointer,
                format!("the text has {length} characters"),
                format!("keep to {length_max}"),
            );
        }
        if text
            .chars()
            .any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'))
        {
            self.fault(pointer, "the text has control characters", "remove them");
        }
    }

    fn line(&mut self, key: &str) -> Option<String> {
        self.text(key, LINE_LENGTH_MAX)
    }

    fn required_line(&mut self, key: &str, remedy: &str) -> String {
        let line = self.line(key);
        let wrong_type = self
            .members
            .get(key)
            .is_some_and(|value| !value.is_string());
        if line.is_none() && !wrong_type {
            let (pointer, problem) = self.missing(key);
            self.fault(&pointer, problem, remedy);
        }
        line.unwrap_or_default()
    }

    /// An absent key is a fault of the document, an empty one of the key.
    fn missing(&self, key: &str) -> (String, String) {
        if self.members.contains_key(key) {
            (join("", key), format!("`{key}` is empty"))
        } else {
            (String::new(), format!("`{key}` is missing"))
        }
    }

    fn name(&mut self) -> String {
        let name = match self.members.get("name") {
            Some(Value::String(name)) => name.trim().to_owned(),
            Some(_) => return String::new(),
            None => {
                self.fault(
                    "",
                    "`name` is missing",
                    "give the startup a name, such as `name: Ledgerly`",
                );
                return String::new();
            }
        };
        let is_path = name.contains(['/', '\\'])
            || name == "."
            || name.contains("..")
            || name.starts_with('~');
        if name.is_empty() {
            self.fault("/name", "`name` is empty", "give the startup a name");
        } else if is_path {
            let problem = format!("`{}` looks like a path", shown(&name));
            self.fault(
                "/name",
                problem,
                "write a name without `/`, `\\`, `..` or a leading `~`",
            );
        } else if name.chars().any(char::is_control) {
            self.fault("/name", "the name has control characters", "remove them");
        } else if name.chars().count() > NAME_LENGTH_MAX {
            self.fault(
                "/name",
                "the name is too long",
                format!("keep to {NAME_LENGTH_MAX} characters"),
            );
        } else if let Err(error) = slug(&name) {
            self.fault(
                "/name",
                error.to_string(),
                "use at least one Latin letter or digit",
            );
        }
        name
    }

    fn template(&mut self) -> String {
        let Some(template) = self.line("template") else {
            return AUTO.to_owned();
        };
        if Slug::parse(template.as_str()).is_err() {
            let problem = format!("`{}` is not a valid template name", shown(&template));
            self.fault(
                "/template",
                problem,
                "write `auto` or the name of a template, such as `neoforge`",
            );
        }
        template
    }

    fn lines(&mut self, pointer: &str, list: Option<&Value>) -> Vec<String> {
        let items = list
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if items.len() > LIST_MAX {
            self.fault(
                pointer,
                format!("the list has {} items", items.len()),
                format!("keep to {LIST_MAX}"),
            );
        }
        let mut lines = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Some(text) = item.as_str().map(str::trim) else {
                continue;
            };
            self.bounded(&join(pointer, index), text, LINE_LENGTH_MAX);
            if text.is_empty() {
                self.fault(
                    &join(pointer, index),
                    "the item is empty",
                    "write something, or remove it",
                );
            }
            lines.push(text.to_owned());
        }
        lines
    }

    fn founder(&mut self) -> Founder {
        let founder = self.members.get("founder");
        let skills = founder.and_then(|founder| founder.get("skills"));
        Founder {
            skills: self.lines("/founder/skills", skills),
            hours_per_week: self
                .whole("founder", "hours_per_week", 0, 168)
                .and_then(|hours| u32::try_from(hours).ok()),
        }
    }

    fn features(&mut self) -> Vec<String> {
        let features = match self.members.get("features") {
            Some(Value::Array(features)) => features.as_slice(),
            None | Some(Value::Null) => &[],
            Some(_) => return Vec::new(),
        };
        if features.is_empty() {
            let (pointer, problem) = self.missing("features");
            self.fault(
                &pointer,
                problem,
                "list at least one sentence, such as `Clients pay an invoice online`",
            );
        }
        if features.len() > FEATURES_MAX {
            let problem = format!("there are {} features", features.len());
            self.fault("/features", problem, format!("keep to {FEATURES_MAX}"));
        }
        let mut texts = Vec::new();
        for (index, feature) in features.iter().enumerate() {
            let Some(text) = feature.as_str().map(str::trim) else {
                continue;
            };
            let pointer = join("/features", index);
            self.bounded(&pointer, text, FEATURE_LENGTH_MAX);
            if !text.chars().any(char::is_alphanumeric) {
                self.fault(
                    &pointer,
                    "the feature says nothing",
                    "write who does what, or remove it",
                );
            }
            texts.push(text.to_owned());
        }
        texts
    }

    fn budget(&mut self, default: Budget) -> Budget {
        let total = self.number("budget", "total_usd", 0.0, 1_000_000.0);
        let per_day = self.number("budget", "per_day_usd", 0.0, 1_000_000.0);
        let calls = self.whole("budget", "calls_per_hour", 0, 1_000_000);
        Budget {
            total_nano_usd: total.map(units::nano_usd).or(default.total_nano_usd),
            per_day_nano_usd: per_day.map_or(default.per_day_nano_usd, units::nano_usd),
            calls_per_hour: calls
                .and_then(|calls| u32::try_from(calls).ok())
                .unwrap_or(default.calls_per_hour),
        }
    }

    fn resources(&mut self, default: Resources) -> Resources {
        let cores = self.number("resources", "cpu_cores", 0.05, 256.0);
        let storage = self.number("resources", "storage_gb", 0.1, 16_384.0);
        let ports = self.whole("resources", "ports", 1, 20);
        Resources {
            memory_mib: self
                .whole("resources", "memory_mb", 64, 1_048_576)
                .unwrap_or(default.memory_mib),
            cpu_millicores: cores.map_or(default.cpu_millicores, units::millicores),
            disk_mib: storage.map_or(default.disk_mib, units::mebibytes),
            port_count: ports
                .and_then(|ports| u16::try_from(ports).ok())
                .unwrap_or(default.port_count),
        }
    }

    fn number(&mut self, group: &str, key: &str, min: f64, max: f64) -> Option<f64> {
        let number = self.members.get(group)?.get(key)?.as_f64()?;
        if !(min..=max).contains(&number) {
            let pointer = join(&join("", group), key);
            self.fault(
                &pointer,
                format!("{number} is out of range"),
                format!("give a number from {min} to {max}"),
            );
            return None;
        }
        Some(number)
    }

    fn whole(&mut self, group: &str, key: &str, min: u64, max: u64) -> Option<u64> {
        let number = self.members.get(group)?.get(key)?.as_number()?;
        let whole = number.as_u64().filter(|whole| (min..=max).contains(whole));
        if whole.is_none() {
            let pointer = join(&join("", group), key);
            self.fault(
                &pointer,
                format!("{number} is out of range"),
                format!("give a whole number from {min} to {max}"),
            );
        }
        whole
    }
}
