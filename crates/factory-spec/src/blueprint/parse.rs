//! Reading a blueprint: first its layout, then its rules, every fault at once.

use serde_json::Value;

use super::check::check;
use super::english::plural;
use super::layout;
use super::types::{Blueprint, Entity, FieldType, SCHEMA_VERSION};
use crate::fault::{Fault, join};

impl Blueprint {
    /// Reads a blueprint from JSON text and checks all its rules.
    ///
    /// What can be derived (plural, display field) is filled in when it is left out.
    ///
    /// # Errors
    ///
    /// Every fault that could be found. Where the layout itself is wrong (a wrong type, an unknown key), the
    /// rules between values are not looked at yet.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            vec![Fault::new(
                "",
                format!("this is not JSON: {error}"),
                "write a JSON object",
            )]
        })?;
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
        match story.get("kind").and_then(Value::as_str).unwrap_or("crud") {
            "notify" => layout::NOTIFY.check(detail, &pointer, &mut faults),
            "report" => layout::REPORT.check(detail, &pointer, &mut faults),
            "exchange" => layout::EXCHANGE.check(detail, &pointer, &mut faults),
            kind => faults.push(Fault::new(
                pointer,
                format!("a story of kind `{kind}` has no detail"),
                "write null, or choose the kind notify, report or exchange",
            )),
        }
    }
    faults
}
