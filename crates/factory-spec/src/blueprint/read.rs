//! Reading a blueprint: first its layout, then its rules, every fault at once.

use serde_json::Value;

use super::check::check;
use super::english::plural;
use super::layout;
use super::types::{Blueprint, Entity, FieldType, SCHEMA_VERSION, StoryKind};
use crate::fault::{Fault, join};
use crate::position::Position;
use crate::yaml;

/// Reads a blueprint from the bytes of a JSON file and checks all its rules; every fault has its line and column.
///
/// # Errors
///
/// Every fault that could be found, as [`Blueprint::parse`] does.
pub fn read(bytes: &[u8]) -> Result<Blueprint, Vec<Fault>> {
    let text = yaml::utf8(bytes).map_err(|fault| vec![fault])?;
    Blueprint::parse(text).map_err(|faults| located(text, faults))
}

/// Nearly all JSON is YAML too, and our reader of YAML knows the position of everything.
fn located(text: &str, faults: Vec<Fault>) -> Vec<Fault> {
    let Ok(document) = yaml::parse(text.as_bytes()) else {
        return faults;
    };
    let locate = |fault: Fault| match fault.position {
        Some(_) => fault,
        None => document.locate(fault),
    };
    faults.into_iter().map(locate).collect()
}

fn not_json(error: &serde_json::Error) -> Fault {
    let position = (error.line() > 0).then(|| Position {
        line: error.line(),
        column: error.column().max(1),
    });
    let message = error.to_string();
    let problem = message.split(" at line ").next().unwrap_or(&message);
    Fault::in_text(
        position,
        format!("this is not JSON: {problem}"),
        "write a JSON object",
    )
}

impl Blueprint {
    /// Reads a blueprint from JSON text and checks all its rules.
    ///
    /// What can be derived (plural, display field) is filled in when it is left out.
    ///
    /// # Errors
    ///
    /// Every fault that could be found. Where the layout itself is wrong (a wrong type, an unknown key), the
    /// rules between values are not checked yet.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let value: Value = serde_json::from_str(text).map_err(|error| vec![not_json(&error)])?;
        Self::from_value(value)
    }

    /// Reads a blueprint from a JSON value and checks all its rules, as [`Blueprint::parse`] does.
    ///
    /// # Errors
    ///
    /// Every fault that could be found.
    pub fn from_value(value: Value) -> Result<Self, Vec<Fault>> {
        let faults = layout_faults(&value);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut blueprint: Self = serde_json::from_value(value).map_err(|error| {
            vec![Fault::new(
                "",
                error.to_string(),
                "follow the blueprint's documentation",
            )]
        })?;
        blueprint.complete();
        let faults = check(&blueprint);
        if faults.is_empty() {
            Ok(blueprint)
        } else {
            Err(faults)
        }
    }

    /// Fills in what follows from the rest: plural names and display fields.
    pub fn complete(&mut self) {
        for entity in &mut self.entities {
            if entity.plural.is_empty() {
                entity.plural = plural(&entity.name);
            }
            if entity.display.is_none() {
                entity.display = display_of(entity);
            }
        }
    }
}

/// Finds the field that names a record to people.
fn display_of(entity: &Entity) -> Option<String> {
    let telling = |wanted: &[FieldType]| {
        entity
            .fields
            .iter()
            .find(|field| wanted.contains(&field.field_type))
            .map(|field| field.name.clone())
    };
    telling(&[FieldType::Text])
        .or_else(|| telling(&[FieldType::Email, FieldType::Phone, FieldType::Url]))
        .or_else(|| telling(&[FieldType::Date, FieldType::Datetime]))
        .or_else(|| entity.fields.first().map(|field| field.name.clone()))
}

fn layout_faults(value: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(version) = value.get("schema_version")
        && version.as_u64() != Some(u64::from(SCHEMA_VERSION))
    {
        // Another version has other keys: naming them as unknown would mislead.
        let remedy = format!(
            "this program reads version {SCHEMA_VERSION}; a newer one needs a newer program"
        );
        return vec![Fault::new(
            "/schema_version",
            format!("version {version} is not known"),
            remedy,
        )];
    }
    layout::BLUEPRINT.check(value, "", &mut faults);
    let stories = value
        .get("stories")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for (index, story) in stories.iter().enumerate() {
        let pointer = join(&join("/stories", index), "detail");
        let Some(detail) = story.get("detail").filter(|detail| !detail.is_null()) else {
            continue;
        };
        let kind = match story.get("kind") {
            None => Some(StoryKind::default()),
            Some(kind) => kind.as_str().and_then(|kind| kind.parse().ok()),
        };
        match kind {
            Some(StoryKind::Notify) => layout::NOTIFY.check(detail, &pointer, &mut faults),
            Some(StoryKind::Report) => layout::REPORT.check(detail, &pointer, &mut faults),
            Some(StoryKind::Exchange) => layout::EXCHANGE.check(detail, &pointer, &mut faults),
            Some(kind) => faults.push(Fault::new(
                pointer,
                format!("a story of kind `{}` has no detail", kind.as_str()),
                "write null, or choose the kind notify, report or exchange",
            )),
            // An unknown kind is a fault of its own, and no detail can be judged by it.
            None => {}
        }
    }
    faults
}
