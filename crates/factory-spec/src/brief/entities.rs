//! The entities that a founder fixed in the brief, in short or long form.

use serde_json::{Map, Value};

use super::short;
use crate::blueprint::{
    Arrow, ENTITIES_MAX, Entity, FIELD, FIELDS_MAX, Field, FieldType, Site, computed_faults,
    entity_name_fault, field_faults, names_of_fields, plural, required_cycles, twins,
};
use crate::fault::{Fault, join};
use crate::message::{kind_of, shown};

/// Reads the `entities` of a brief.
pub(super) fn read(value: Option<&Value>, faults: &mut Vec<Fault>) -> Vec<Entity> {
    let members = match value {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Object(members)) => members,
        Some(other) => {
            let remedy =
                "write entities with their fields: `Client: { name: text!, email: email^ }`";
            faults.push(Fault::new(
                "/entities",
                format!("this is {}", kind_of(other)),
                remedy,
            ));
            return Vec::new();
        }
    };
    if members.len() > ENTITIES_MAX {
        let problem = format!("there are {} entities", members.len());
        faults.push(Fault::new(
            "/entities",
            problem,
            format!("keep to {ENTITIES_MAX}, or split the product"),
        ));
        return Vec::new();
    }
    let entities: Vec<Entity> = members
        .iter()
        .map(|(name, fields)| entity(name, fields, faults))
        .collect();
    names(&entities, faults);
    let names: Vec<&str> = entities.iter().map(|entity| entity.name.as_str()).collect();
    for entity in &entities {
        fields(entity, &entities, &names, members, faults);
    }
    faults.extend(required_cycles(&arrows(&entities)));
    entities
}

/// Checks the fields of one entity; `members` is what was typed.
fn fields(
    entity: &Entity,
    entities: &[Entity],
    names: &[&str],
    members: &Map<String, Value>,
    faults: &mut Vec<Fault>,
) {
    let here = join("/entities", &entity.name);
    let is_short = |field: &Field| {
        members
            .get(&entity.name)
            .and_then(|fields| fields.get(&field.name))
            .is_some_and(Value::is_string)
    };
    for field in &entity.fields {
        let site = Site {
            entity: &entity.name,
            entities: names,
        };
        let here = join(&here, &field.name);
        field_faults(field, &site, &mut |key, problem, remedy| {
            // The name is the key itself, and the short form has no keys of its own.
            faults.push(if key == "name" {
                Fault::of_key(&here, problem, remedy)
            } else if key.is_empty() || is_short(field) {
                Fault::new(&here, problem, remedy)
            } else {
                Fault::new(join(&here, key), problem, remedy)
            });
        });
    }
    for field in &entity.fields {
        if let Some(computed) = &field.computed {
            computed_faults(
                entities,
                entity,
                computed,
                &join(&join(&here, &field.name), "computed"),
                faults,
            );
        }
    }
    names_of_fields(&entity.fields, &mut |index, problem, remedy| {
        let name = entity
            .fields
            .get(index)
            .map_or("", |field| field.name.as_str());
        faults.push(Fault::of_key(join(&here, name), problem, remedy));
    });
}

fn arrows(entities: &[Entity]) -> Vec<Arrow<'_>> {
    let mut arrows = Vec::new();
    for entity in entities {
        for field in entity.fields.iter().filter(|field| field.required) {
            let Some(reference) = &field.references else {
                continue;
            };
            let pointer = join(&join("/entities", &entity.name), &field.name);
            arrows.push(Arrow {
                from: &entity.name,
                field: &field.name,
                to: &reference.entity,
                pointer,
            });
        }
    }
    arrows
}

fn names(entities: &[Entity], faults: &mut Vec<Fault>) {
    for entity in entities {
        if let Some((problem, remedy)) = entity_name_fault(&entity.name) {
            let here = join("/entities", &entity.name);
            faults.push(Fault::of_key(here, problem, remedy));
        }
    }
    let names: Vec<&str> = entities.iter().map(|entity| entity.name.as_str()).collect();
    for (first, second) in twins(&names) {
        let problem = format!(
            "`{}` and `{}` differ only by case",
            shown(names[first]),
            shown(names[second])
        );
        faults.push(Fault::of_key(
            join("/entities", names[second]),
            problem,
            "rename one of them, or merge them",
        ));
    }
    let plurals: Vec<String> = names.iter().map(|name| plural(name)).collect();
    for (index, name) in names.iter().enumerate() {
        for (other, plural) in plurals.iter().enumerate() {
            let same = plurals
                .get(index)
                .is_some_and(|mine| mine.eq_ignore_ascii_case(plural))
                && other < index;
            if other != index
                && !names[other].eq_ignore_ascii_case(name)
                && (plural.eq_ignore_ascii_case(name) || same)
            {
                let problem = format!(
                    "`{}` is the plural of `{}`",
                    shown(name),
                    shown(names[other])
                );
                faults.push(Fault::of_key(
                    join("/entities", name),
                    problem,
                    "keep the singular, or rename one of them",
                ));
            }
        }
    }
}

fn entity(name: &str, fields: &Value, faults: &mut Vec<Fault>) -> Entity {
    let here = join("/entities", name);
    let mut entity = Entity {
        name: name.to_owned(),
        ..Entity::default()
    };
    let Value::Object(members) = fields else {
        let remedy = "write its fields: `{ name: text!, email: email^ }`";
        faults.push(Fault::new(
            here,
            format!("this is {}", kind_of(fields)),
            remedy,
        ));
        return entity;
    };
    if members.is_empty() {
        faults.push(Fault::new(
            &here,
            "the entity has no field",
            "give it at least one, such as `name: text!`",
        ));
    }
    if members.len() > FIELDS_MAX {
        let problem = format!("there are {} fields", members.len());
        faults.push(Fault::new(
            &here,
            problem,
            format!("keep to {FIELDS_MAX}, or split the entity"),
        ));
        return entity;
    }
    for (key, value) in members {
        entity
            .fields
            .extend(field(key, value, &join(&here, key), faults));
    }
    entity
}

fn field(name: &str, value: &Value, here: &str, faults: &mut Vec<Fault>) -> Option<Field> {
    match value {
        Value::String(text) => match short::read(name, text) {
            Ok(field) => Some(field),
            Err((problem, remedy)) => {
                faults.push(Fault::new(here, problem, remedy));
                None
            }
        },
        Value::Object(members) => long(name, members, here, faults),
        other => {
            let remedy = "write a type, such as `text!`, or an object with `type` and other keys";
            faults.push(Fault::new(
                here,
                format!("this is {}", kind_of(other)),
                remedy,
            ));
            None
        }
    }
}

fn long(
    name: &str,
    members: &Map<String, Value>,
    here: &str,
    faults: &mut Vec<Fault>,
) -> Option<Field> {
    let before = faults.len();
    if members.contains_key("name") {
        faults.push(Fault::of_key(
            join(here, "name"),
            "the key before the colon is already the name",
            "leave `name` out",
        ));
    }
    if let Some(word) = members.get("type").and_then(Value::as_str)
        && word.parse::<FieldType>().is_err()
    {
        let (problem, remedy) = short::unknown_type(word, word);
        faults.push(Fault::new(join(here, "type"), problem, remedy));
        return None;
    }
    let value = Value::Object(members.clone());
    FIELD.check(&value, here, faults);
    if faults.len() > before {
        return None;
    }
    match serde_json::from_value::<Field>(value) {
        Ok(field) => Some(Field {
            name: name.to_owned(),
            ..field
        }),
        Err(error) => {
            faults.push(Fault::new(
                here,
                error.to_string(),
                "follow the documentation of fields",
            ));
            None
        }
    }
}
