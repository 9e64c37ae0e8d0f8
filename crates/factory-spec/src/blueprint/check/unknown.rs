//! The faults of names that nothing has.

use crate::blueprint::types::Blueprint;
use crate::fault::Fault;
use crate::message::{quoted, shown};
use crate::suggest::did_you_mean;

/// A name that no field has.
pub(super) fn unknown_field(pointer: String, name: &str, known: &[&str]) -> Fault {
    let remedy = did_you_mean(name, known.iter().copied()).unwrap_or_else(|| match known {
        [] => "add the field".to_owned(),
        known => format!("the fields are {}", quoted(known)),
    });
    Fault::new(
        pointer,
        format!("there is no field `{}`", shown(name)),
        remedy,
    )
}

/// A role that does not exist.
pub(super) fn unknown_role(blueprint: &Blueprint, pointer: String, role: &str) -> Fault {
    let known = blueprint.roles.iter().map(|role| role.name.as_str());
    let remedy = did_you_mean(role, known)
        .unwrap_or_else(|| "add the role, or name one that exists".to_owned());
    Fault::new(
        pointer,
        format!("there is no role `{}`", shown(role)),
        remedy,
    )
}

/// An entity that does not exist.
pub(super) fn unknown_entity(blueprint: &Blueprint, pointer: String, entity: &str) -> Fault {
    let known = blueprint.entities.iter().map(|entity| entity.name.as_str());
    let remedy = did_you_mean(entity, known)
        .unwrap_or_else(|| "add the entity, or name one that exists".to_owned());
    Fault::new(
        pointer,
        format!("there is no entity `{}`", shown(entity)),
        remedy,
    )
}
