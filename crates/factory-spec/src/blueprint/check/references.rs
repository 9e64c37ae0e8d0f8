//! References between entities: no cycle of required ones, and computed fields that read what exists.

use super::unknown::unknown_field;
use crate::blueprint::expression::Expression;
use crate::blueprint::types::{Blueprint, Entity, FieldType};
use crate::fault::{Fault, join};
use crate::message::shown;

/// A required reference as an arrow: entity, field, target, each by name, and the pointer of the field.
#[derive(Debug, Clone)]
pub(crate) struct Arrow<'a> {
    /// The entity that refers.
    pub(crate) from: &'a str,
    /// The field that does.
    pub(crate) field: &'a str,
    /// The entity that is referred to.
    pub(crate) to: &'a str,
    /// The field, as a JSON pointer.
    pub(crate) pointer: String,
}

pub(super) fn check(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    let mut arrows = Vec::new();
    for (index, entity) in blueprint.entities.iter().enumerate() {
        let fields = join(&join("/entities", index), "fields");
        for (at, field) in entity.fields.iter().enumerate() {
            let pointer = join(&fields, at);
            if let Some(reference) = &field.references
                && field.required
            {
                let pointer = join(&pointer, "references");
                arrows.push(Arrow {
                    from: &entity.name,
                    field: &field.name,
                    to: &reference.entity,
                    pointer,
                });
            }
            if let Some(computed) = &field.computed {
                computed_faults(
                    &blueprint.entities,
                    entity,
                    computed,
                    &join(&pointer, "computed"),
                    faults,
                );
            }
        }
    }
    faults.extend(required_cycles(&arrows));
}

/// Finds cycles of required references, each once, with its path: no first record of such a cycle could be created.
pub(crate) fn required_cycles(arrows: &[Arrow<'_>]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    let mut starts: Vec<&str> = Vec::new();
    for arrow in arrows {
        if !starts.contains(&arrow.from) {
            starts.push(arrow.from);
        }
    }
    for start in starts {
        let mut path: Vec<&Arrow<'_>> = Vec::new();
        walk(arrows, start, &mut path, &mut done, &mut faults);
    }
    faults
}

fn walk<'a>(
    arrows: &'a [Arrow<'a>],
    at: &'a str,
    path: &mut Vec<&'a Arrow<'a>>,
    done: &mut Vec<&'a str>,
    faults: &mut Vec<Fault>,
) {
    if done.contains(&at) {
        return;
    }
    for arrow in arrows.iter().filter(|arrow| arrow.from == at) {
        let begins = if arrow.to == at {
            Some(path.len())
        } else {
            path.iter().position(|step| step.from == arrow.to)
        };
        path.push(arrow);
        match begins {
            Some(begin) => {
                let cycle = path.get(begin..).unwrap_or_default();
                let mut steps: Vec<String> = cycle
                    .iter()
                    .map(|step| format!("{}.{}", step.from, step.field))
                    .collect();
                steps.push(arrow.to.to_owned());
                faults.push(Fault::new(
                    arrow.pointer.clone(),
                    format!("required references form a cycle: {}", steps.join(" → ")),
                    "make one of them optional, or no first record can be created",
                ));
            }
            None => walk(arrows, arrow.to, path, done, faults),
        }
        path.pop();
    }
    done.push(at);
}

/// Checks the arithmetic of one computed field against the fields that it reads.
pub(crate) fn computed_faults(
    entities: &[Entity],
    entity: &Entity,
    computed: &str,
    pointer: &str,
    faults: &mut Vec<Fault>,
) {
    let expression = match Expression::parse(computed) {
        Ok(expression) => expression,
        Err(error) => {
            let remedy =
                "use + - * / and parentheses over fields of the entity and `reference.field`";
            faults.push(Fault::new(
                pointer,
                format!("`{}`: {error}", shown(computed)),
                remedy,
            ));
            return;
        }
    };
    for (reference, name) in expression.reads() {
        let home = match reference {
            None => entity,
            Some(reference) => {
                let Some(target) = through(entities, entity, reference, pointer, faults) else {
                    continue;
                };
                target
            }
        };
        let known: Vec<&str> = home
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        match home.field(name) {
            None => faults.push(unknown_field(pointer.to_owned(), name, &known)),
            Some(field) if !field.field_type.is_numeric() => {
                let problem = format!(
                    "`{}.{name}` is of type {}",
                    home.name,
                    field.field_type.as_str()
                );
                faults.push(Fault::new(
                    pointer,
                    problem,
                    "calculate with integer, decimal and money fields only",
                ));
            }
            Some(field) if field.computed.is_some() => {
                let problem = format!("`{}.{name}` is itself computed", home.name);
                faults.push(Fault::new(pointer, problem, "repeat its expression here"));
            }
            Some(_) => {}
        }
    }
}

/// The entity behind a `ref` field, or the fault that there is none.
fn through<'a>(
    entities: &'a [Entity],
    entity: &'a Entity,
    reference: &str,
    pointer: &str,
    faults: &mut Vec<Fault>,
) -> Option<&'a Entity> {
    let known: Vec<&str> = entity
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let Some(field) = entity.field(reference) else {
        faults.push(unknown_field(pointer.to_owned(), reference, &known));
        return None;
    };
    if field.field_type != FieldType::Ref {
        let problem = format!("`{reference}` is of type {}", field.field_type.as_str());
        faults.push(Fault::new(
            pointer,
            problem,
            "only a ref field leads to one other record",
        ));
        return None;
    }
    // An unknown target is a fault of the reference itself and reported there.
    let target = field.references.as_ref()?;
    entities.iter().find(|entity| entity.name == target.entity)
}
