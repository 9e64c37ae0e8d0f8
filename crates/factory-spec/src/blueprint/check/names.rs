//! Entities and their names: casing, uniqueness ignoring case, limits, display and search fields, workflows.

use std::collections::BTreeMap;

use super::field::{Site, field_faults, names_of_fields};
use super::{ENTITIES_MAX, FIELDS_MAX};
use crate::blueprint::reserved::{taken_as_entity, taken_as_field, taken_as_word};
use crate::blueprint::shape::{quoted, shown};
use crate::blueprint::types::{Blueprint, Entity, Field, FieldType, Workflow};
use crate::fault::{Fault, join, nearest};
use crate::name;

/// Longest name of an entity, a role or a field.
const NAME_LENGTH_MAX: usize = 40;

/// Longest plural: a name and its ending.
const PLURAL_LENGTH_MAX: usize = NAME_LENGTH_MAX + 4;

/// Actions that every entity has and that no transition may be called.
const ACTIONS: [&str; 5] = ["create", "read", "update", "delete", "list"];

pub(super) fn check(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    if blueprint.entities.is_empty() {
        faults.push(Fault::new(
            "/entities",
            "there is no entity",
            "name at least one thing that is kept",
        ));
    }
    if blueprint.entities.len() > ENTITIES_MAX {
        let problem = format!("there are {} entities", blueprint.entities.len());
        faults.push(Fault::new(
            "/entities",
            problem,
            format!("keep to {ENTITIES_MAX}, or split the product"),
        ));
    }
    let names: Vec<&str> = blueprint
        .entities
        .iter()
        .map(|entity| entity.name.as_str())
        .collect();
    for (index, entity) in blueprint.entities.iter().enumerate() {
        one(entity, &join("/entities", index), &names, faults);
    }
    for (first, second) in twins(&names) {
        let problem = format!(
            "`{}` and `{}` differ by case only or not at all",
            names[first], names[second]
        );
        faults.push(Fault::new(
            join(&join("/entities", second), "name"),
            problem,
            "rename one of them",
        ));
    }
    plurals(blueprint, faults);
}

fn one(entity: &Entity, pointer: &str, names: &[&str], faults: &mut Vec<Fault>) {
    if let Some((problem, remedy)) = entity_name_fault(&entity.name) {
        faults.push(Fault::new(join(pointer, "name"), problem, remedy));
    }
    if !is_pascal_word(&entity.plural, PLURAL_LENGTH_MAX) {
        let remedy = format!(
            "write it in PascalCase, such as `{}`",
            super::super::english::plural(&entity.name)
        );
        faults.push(Fault::new(
            join(pointer, "plural"),
            format!("`{}` is not a plural name", shown(&entity.plural)),
            remedy,
        ));
    }
    if entity.fields.is_empty() {
        faults.push(Fault::new(
            join(pointer, "fields"),
            "the entity has no field",
            "give it at least one",
        ));
    }
    if entity.fields.len() > FIELDS_MAX {
        let problem = format!("there are {} fields", entity.fields.len());
        faults.push(Fault::new(
            join(pointer, "fields"),
            problem,
            format!("keep to {FIELDS_MAX}, or split the entity"),
        ));
    }
    let fields = join(pointer, "fields");
    for (index, field) in entity.fields.iter().enumerate() {
        let here = join(&fields, index);
        field_faults(
            field,
            &Site {
                entity: &entity.name,
                entities: names,
            },
            &mut |key, problem, remedy| {
                let pointer = if key.is_empty() {
                    here.clone()
                } else {
                    join(&here, key)
                };
                faults.push(Fault::new(pointer, problem, remedy));
            },
        );
    }
    names_of_fields(&entity.fields, &mut |index, problem, remedy| {
        faults.push(Fault::new(
            join(&join(&fields, index), "name"),
            problem,
            remedy,
        ));
    });
    shown_fields(entity, pointer, faults);
    if let Some(workflow) = &entity.workflow {
        check_workflow(entity, workflow, &join(pointer, "workflow"), faults);
    }
}

fn shown_fields(entity: &Entity, pointer: &str, faults: &mut Vec<Fault>) {
    let known: Vec<&str> = entity
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    if let Some(display) = &entity.display
        && !known.contains(&display.as_str())
    {
        faults.push(unknown_field(join(pointer, "display"), display, &known));
    }
    for (index, name) in entity.search.iter().enumerate() {
        let here = join(&join(pointer, "search"), index);
        match entity.field(name) {
            None => faults.push(unknown_field(here, name, &known)),
            Some(field) if !is_searchable(field.field_type) => {
                let problem = format!("`{name}` holds no text");
                faults.push(Fault::new(
                    here,
                    problem,
                    "search in text, long_text, enum, email, url or phone fields",
                ));
            }
            Some(_) => {}
        }
    }
}

fn is_searchable(field_type: FieldType) -> bool {
    use FieldType::{Email, Enum, LongText, Phone, Text, Url};
    matches!(field_type, Text | LongText | Enum | Email | Url | Phone)
}

/// A name that no field has.
pub(super) fn unknown_field(pointer: String, name: &str, known: &[&str]) -> Fault {
    let remedy = match nearest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => "add the field".to_owned(),
        None => format!("the fields are {}", quoted(known)),
    };
    Fault::new(
        pointer,
        format!("there is no field `{}`", shown(name)),
        remedy,
    )
}

fn check_workflow(entity: &Entity, workflow: &Workflow, pointer: &str, faults: &mut Vec<Fault>) {
    let known: Vec<&str> = entity
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let here = join(pointer, "field");
    let Some(field) = entity.field(&workflow.field) else {
        faults.push(unknown_field(here, &workflow.field, &known));
        return;
    };
    if field.field_type != FieldType::Enum {
        let problem = format!("`{}` is of type {}", field.name, field.field_type.name());
        faults.push(Fault::new(
            here,
            problem,
            "a workflow's field is an enum of its states",
        ));
        return;
    }
    if field.default.is_none() {
        let problem = format!(
            "`{}` has no default, so a new record has no state",
            field.name
        );
        faults.push(Fault::new(
            here,
            problem,
            "give the field its first state as default",
        ));
    }
    check_transitions(entity, workflow, field, pointer, faults);
}

fn check_transitions(
    entity: &Entity,
    workflow: &Workflow,
    field: &Field,
    pointer: &str,
    faults: &mut Vec<Fault>,
) {
    let transitions = join(pointer, "transitions");
    for (index, transition) in workflow.transitions.iter().enumerate() {
        let here = join(&transitions, index);
        if let Some((problem, remedy)) = transition_name_fault(&transition.name, &entity.name) {
            faults.push(Fault::new(join(&here, "name"), problem, remedy));
        }
        if workflow
            .transitions
            .iter()
            .take(index)
            .any(|earlier| earlier.name == transition.name)
        {
            let problem = format!("there are two transitions `{}`", shown(&transition.name));
            faults.push(Fault::new(
                join(&here, "name"),
                problem,
                "join them: one name, several `from` states",
            ));
        }
        if transition.from.is_empty() {
            faults.push(Fault::new(
                join(&here, "from"),
                "the transition starts nowhere",
                "name at least one state",
            ));
        }
        let states = transition
            .from
            .iter()
            .enumerate()
            .map(|(at, state)| (join(&join(&here, "from"), at), state));
        for (place, state) in states.chain([(join(&here, "to"), &transition.to)]) {
            if !field.values.contains(state) {
                let values: Vec<&str> = field.values.iter().map(String::as_str).collect();
                let problem = format!("`{}` is no value of `{}`", shown(state), field.name);
                faults.push(Fault::new(
                    place,
                    problem,
                    format!("the values are {}", quoted(&values)),
                ));
            }
        }
    }
}

/// Tells whether an entity may have this name.
pub fn is_entity_name(text: &str) -> bool {
    entity_name_fault(text).is_none()
}

/// Tells whether a role may have this name.
pub fn is_role_name(text: &str) -> bool {
    is_pascal_case(text)
}

/// Tells whether a field may have this name.
pub fn is_field_name(text: &str) -> bool {
    is_snake_case(text) && taken_as_field(text).is_none()
}

/// Tells whether a transition may have this name.
pub fn is_transition_name(text: &str) -> bool {
    transition_name_fault(text, "").is_none()
}

fn transition_name_fault(transition: &str, entity: &str) -> Option<(String, String)> {
    if !is_snake_case(transition) {
        let problem = format!("`{}` is no name for a transition", shown(transition));
        return Some((
            problem,
            "write a verb in snake_case, such as `send`".to_owned(),
        ));
    }
    let instead = format!("write `{}_{}`", transition, name::snake_case(entity));
    if ACTIONS.contains(&transition) {
        return Some((
            format!("`{transition}` is an action that every entity has"),
            instead,
        ));
    }
    taken_as_word(transition).map(|taken| (format!("`{transition}` {}", taken.reason()), instead))
}

/// Whether a text is one name in `PascalCase`, in ASCII and of bounded length.
pub(super) fn is_pascal_case(text: &str) -> bool {
    is_pascal_word(text, NAME_LENGTH_MAX)
}

fn is_pascal_word(text: &str, length_max: usize) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric())
        && text.len() <= length_max
        && name::pascal_case(text) == text
}

/// Whether a text is one name in `snake_case`, in ASCII and of bounded length.
pub(super) fn is_snake_case(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && text.len() <= NAME_LENGTH_MAX
        && name::snake_case(text) == text
}

/// Tells what is wrong with an entity's name and what would be right.
pub(crate) fn entity_name_fault(entity: &str) -> Option<(String, String)> {
    if entity == super::USER {
        let remedy = "refer to it without declaring it, or name yours after what it is: `Member`, `Employee`";
        return Some(("`User` is built in".to_owned(), remedy.to_owned()));
    }
    if !is_pascal_case(entity) {
        let suggestion = name::pascal_case(entity);
        let remedy = if is_pascal_case(&suggestion) {
            format!("write `{suggestion}`")
        } else {
            format!(
                "write a singular noun in PascalCase, such as `InvoiceLine`, at most {NAME_LENGTH_MAX} letters"
            )
        };
        return Some((
            format!("`{}` is no name for an entity", shown(entity)),
            remedy,
        ));
    }
    taken_as_entity(entity).map(|taken| {
        (
            format!("`{entity}` {}", taken.reason()),
            format!("write `{entity}Entry` or a more telling noun"),
        )
    })
}

/// Finds pairs of names that are the same once case and underscores are ignored; each later one once.
pub(crate) fn twins(names: &[&str]) -> Vec<(usize, usize)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let key = name.to_lowercase().replace('_', "");
        match seen.get(&key) {
            Some(&first) => pairs.push((first, index)),
            None => {
                seen.insert(key, index);
            }
        }
    }
    pairs
}

/// Plurals become tables and addresses: none may equal another, nor another entity's name.
fn plurals(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    for (index, entity) in blueprint.entities.iter().enumerate() {
        let here = join(&join("/entities", index), "plural");
        for (other_index, other) in blueprint.entities.iter().enumerate() {
            let same_plural =
                other_index < index && other.plural.eq_ignore_ascii_case(&entity.plural);
            let is_name = other_index != index && other.name.eq_ignore_ascii_case(&entity.plural);
            if (same_plural || is_name) && !other.name.eq_ignore_ascii_case(&entity.name) {
                let problem = format!(
                    "the plural `{}` of `{}` is also of `{}`",
                    entity.plural, entity.name, other.name
                );
                faults.push(Fault::new(&here, problem, "rename one of the two entities"));
            }
        }
    }
}
