//! Entities: how many, how they are named among each other, what they show, how their records change state.

use super::field::{Site, field_faults, names_of_fields};
use super::limits::{ENTITIES_MAX, FIELDS_MAX};
use super::names::{entity_name_fault, is_plural_name, transition_name_fault, twins};
use super::unknown::unknown_field;
use crate::blueprint::english::plural;
use crate::blueprint::types::{Blueprint, Entity, Field, FieldType, Workflow};
use crate::fault::{Fault, join};
use crate::message::{quoted, shown};

pub(super) fn check(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    if blueprint.entities.is_empty() {
        faults.push(Fault::new(
            "/entities",
            "there is no entity",
            "name at least one kind of record",
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
            "`{}` and `{}` differ only by case, if at all",
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
    if !is_plural_name(&entity.plural) {
        let remedy = format!("write it in PascalCase, such as `{}`", plural(&entity.name));
        faults.push(Fault::new(
            join(pointer, "plural"),
            format!("`{}` is not a valid plural", shown(&entity.plural)),
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
                let problem = format!("`{name}` does not hold text");
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
        let problem = format!("`{}` is of type {}", field.name, field.field_type.as_str());
        faults.push(Fault::new(
            here,
            problem,
            "use an enum field of the workflow's states",
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
            "make its first state the default",
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
                "merge them: one name, several `from` states",
            ));
        }
        if transition.from.is_empty() {
            faults.push(Fault::new(
                join(&here, "from"),
                "the transition has no state to start from",
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
                let problem = format!("`{}` is not a value of `{}`", shown(state), field.name);
                faults.push(Fault::new(
                    place,
                    problem,
                    format!("the values are {}", quoted(&values)),
                ));
            }
        }
    }
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
                    "the plural `{}` of `{}` is taken by `{}`",
                    entity.plural, entity.name, other.name
                );
                faults.push(Fault::new(&here, problem, "rename one of the two entities"));
            }
        }
    }
}
