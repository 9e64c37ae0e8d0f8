//! The JSON Schema of a blueprint, derived from the types, for editors and for programs in other languages.
//!
//! It lists the keys, the types of their values and which are required. The rules between values stay with
//! [`check`](super::check()): the schema never refuses what the program accepts, but lets more pass.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::check::{ENTITIES_MAX, FIELDS_MAX};
use super::types::{Blueprint, SCHEMA_VERSION};

/// The type of the whole document, which has no entry in `$defs`.
const ROOT: &str = "Blueprint";

/// Keys that must be written, because what is derived when they are left out is refused by `check`.
const REQUIRED: &[(&str, &[&str])] = &[
    (ROOT, &["product", "roles", "entities", "stories"]),
    ("Product", &["name", "slug", "one_liner"]),
    ("Role", &["name"]),
    ("Permission", &["action", "entity"]),
    ("Entity", &["name", "fields"]),
    ("Field", &["name"]),
    ("Reference", &["entity"]),
    ("Workflow", &["field"]),
    ("Transition", &["name", "from", "to", "roles"]),
    ("Story", &["id", "role", "text", "entities", "acceptance"]),
    ("Acceptance", &["steps", "expect"]),
    ("Step", &["as", "do", "entity"]),
    ("Notify", &["on", "to"]),
    ("Trigger", &["entity"]),
    ("Report", &["entity"]),
    ("Exchange", &["entity"]),
    ("Page", &["path"]),
    ("Endpoint", &["path"]),
    ("Model", &["entity", "target", "features"]),
];

/// Lists that must hold something.
const FILLED: &[(&str, &[&str])] = &[
    (ROOT, &["roles", "entities", "stories"]),
    ("Entity", &["fields"]),
    ("Story", &["entities", "acceptance"]),
    ("Acceptance", &["steps", "expect"]),
];

/// Lists whose length is bounded.
const BOUNDED: &[(&str, &str, usize)] = &[
    (ROOT, "entities", ENTITIES_MAX),
    ("Entity", "fields", FIELDS_MAX),
];

/// Kinds of stories that have a detail, and its type.
const DETAILS: [(&str, &str); 3] = [
    ("notify", "Notify"),
    ("report", "Report"),
    ("exchange", "Exchange"),
];

/// Writes the JSON Schema of a blueprint as indented JSON with a trailing newline; always the same bytes.
pub fn json_schema() -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut document = generator.into_root_schema_for::<Blueprint>().to_value();
    plain_numbers(&mut document);
    for (name, keys) in REQUIRED {
        require(&mut document, name, keys);
    }
    for (name, keys) in FILLED {
        for key in *keys {
            constrain(&mut document, name, key, "minItems", json!(1));
        }
    }
    for (name, key, most) in BOUNDED {
        constrain(&mut document, name, key, "maxItems", json!(most));
    }
    constrain(
        &mut document,
        ROOT,
        "schema_version",
        "const",
        json!(SCHEMA_VERSION),
    );
    if let Some(story) = definition(&mut document, "Story") {
        story.insert("allOf".to_owned(), details());
    }
    // Invariant: a parsed JSON value has string keys only, so writing cannot fail.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// The object that describes a type.
fn definition<'a>(document: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
    let place = match name {
        ROOT => document,
        _ => document.get_mut("$defs")?.get_mut(name)?,
    };
    place.as_object_mut()
}

fn require(document: &mut Value, name: &str, keys: &[&str]) {
    let Some(definition) = definition(document, name) else {
        return;
    };
    definition.insert("required".to_owned(), json!(keys));
    for key in keys {
        // What is filled in would only be refused.
        if let Some(property) = property(definition, key) {
            property.remove("default");
        }
    }
}

fn constrain(document: &mut Value, name: &str, key: &str, keyword: &str, value: Value) {
    if let Some(property) = definition(document, name).and_then(|found| property(found, key)) {
        property.insert(keyword.to_owned(), value);
    }
}

fn property<'a>(
    definition: &'a mut Map<String, Value>,
    key: &str,
) -> Option<&'a mut Map<String, Value>> {
    definition
        .get_mut("properties")?
        .get_mut(key)?
        .as_object_mut()
}

/// The detail of a story is fixed by its kind, and is null for kinds that have none.
fn details() -> Value {
    let is = |kind: Value| json!({ "properties": { "kind": kind }, "required": ["kind"] });
    let mut rules: Vec<Value> = DETAILS
        .iter()
        .map(|(kind, name)| {
            let detail = json!({ "$ref": format!("#/$defs/{name}") });
            let then = json!({ "properties": { "detail": detail }, "required": ["detail"] });
            json!({ "if": is(json!({ "const": kind })), "then": then })
        })
        .collect();
    let kinds = DETAILS.map(|(kind, _)| kind);
    rules.push(json!({
        "if": is(json!({ "enum": kinds })),
        "else": { "properties": { "detail": { "type": "null" } } },
    }));
    Value::Array(rules)
}

/// Replaces the formats of Rust's numbers, which no other program knows, by bounds.
fn plain_numbers(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let format = members.get("format").and_then(Value::as_str);
            if let Some(bits) = format.and_then(|format| format.strip_prefix("uint")) {
                if bits == "32" {
                    members.insert("maximum".to_owned(), json!(u32::MAX));
                }
                members.shift_remove("format");
            }
            members.values_mut().for_each(plain_numbers);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_numbers),
        _ => {}
    }
}
