//! What entities, roles, fields and transitions may be called.

use std::collections::BTreeMap;

use super::limits::USER;
use crate::blueprint::reserved::{taken_as_entity, taken_as_field, taken_as_word};
use crate::message::shown;
use crate::name;

/// Longest name of an entity, a role or a field.
const NAME_LENGTH_MAX: usize = 40;

/// Longest plural: a name and its ending.
const PLURAL_LENGTH_MAX: usize = NAME_LENGTH_MAX + 4;

/// Actions that every entity has and that no transition may be called.
const ACTIONS: [&str; 5] = ["create", "read", "update", "delete", "list"];

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

pub(super) fn transition_name_fault(transition: &str, entity: &str) -> Option<(String, String)> {
    if !is_snake_case(transition) {
        let problem = format!("`{}` is not a valid transition name", shown(transition));
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

/// Tells what is wrong with an entity's name and what would be right.
pub(crate) fn entity_name_fault(entity: &str) -> Option<(String, String)> {
    if entity == USER {
        let remedy = "refer to it without declaring it, or choose another name, such as `Member` or `Employee`";
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
            format!("`{}` is not a valid entity name", shown(entity)),
            remedy,
        ));
    }
    taken_as_entity(entity).map(|taken| {
        (
            format!("`{entity}` {}", taken.reason()),
            format!("write `{entity}Entry` or a more specific noun"),
        )
    })
}

/// Whether a text is one name in `PascalCase`, in ASCII and of bounded length.
pub(super) fn is_pascal_case(text: &str) -> bool {
    is_pascal_word(text, NAME_LENGTH_MAX)
}

/// Whether a text is a plural in `PascalCase`.
pub(super) fn is_plural_name(text: &str) -> bool {
    is_pascal_word(text, PLURAL_LENGTH_MAX)
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
