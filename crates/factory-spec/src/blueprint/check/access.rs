//! Roles and what they may do.

use std::collections::BTreeSet;

use super::limits::USER;
use super::names::{is_pascal_case, twins};
use super::unknown::{unknown_entity, unknown_role};
use crate::blueprint::types::{Blueprint, Permission, Scope};
use crate::fault::{Fault, join};
use crate::message::shown;
use crate::name;
use crate::suggest::did_you_mean;

pub(super) fn check(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    if blueprint.roles.is_empty() {
        faults.push(Fault::new(
            "/roles",
            "there is no role",
            "name at least one kind of user",
        ));
    }
    let names: Vec<&str> = blueprint
        .roles
        .iter()
        .map(|role| role.name.as_str())
        .collect();
    for (first, second) in twins(&names) {
        let problem = format!(
            "`{}` and `{}` differ only by case, if at all",
            names[first], names[second]
        );
        faults.push(Fault::new(
            join(&join("/roles", second), "name"),
            problem,
            "rename one of them",
        ));
    }
    for (index, role) in blueprint.roles.iter().enumerate() {
        let here = join("/roles", index);
        if !is_pascal_case(&role.name) {
            let suggestion = name::pascal_case(&role.name);
            let remedy = if is_pascal_case(&suggestion) {
                format!("write `{suggestion}`")
            } else {
                "write a singular noun in PascalCase, such as `Translator`".to_owned()
            };
            faults.push(Fault::new(
                join(&here, "name"),
                format!("`{}` is not a valid role name", shown(&role.name)),
                remedy,
            ));
        }
        if let Some(entity) = &role.entity
            && blueprint.entity(entity).is_none()
        {
            faults.push(unknown_entity(blueprint, join(&here, "entity"), entity));
        }
        let mut seen = BTreeSet::new();
        for (at, permission) in role.can.iter().enumerate() {
            let place = join(&join(&here, "can"), at);
            if !seen.insert((&permission.action, &permission.entity)) {
                let problem = format!(
                    "`{}` of `{}` is allowed twice",
                    shown(&permission.action),
                    shown(&permission.entity)
                );
                faults.push(Fault::new(
                    &place,
                    problem,
                    "keep the one with the intended scope",
                ));
            }
            check_permission(blueprint, &role.name, permission, &place, faults);
        }
    }
    owners(blueprint, faults);
    transition_roles(blueprint, faults);
}

fn check_permission(
    blueprint: &Blueprint,
    role: &str,
    permission: &Permission,
    place: &str,
    faults: &mut Vec<Fault>,
) {
    let is_basic = matches!(
        permission.action.as_str(),
        "create" | "read" | "update" | "delete"
    );
    if permission.entity == USER {
        if !is_basic {
            let problem = format!(
                "`{}` is not an action on accounts",
                shown(&permission.action)
            );
            faults.push(Fault::new(
                join(place, "action"),
                problem,
                "use create, read, update or delete",
            ));
        }
        return;
    }
    let Some(entity) = blueprint.entity(&permission.entity) else {
        faults.push(unknown_entity(
            blueprint,
            join(place, "entity"),
            &permission.entity,
        ));
        return;
    };
    if permission.scope == Scope::Own && entity.owner.is_none() {
        let problem = format!("records of `{}` have no owner", entity.name);
        faults.push(Fault::new(
            join(place, "scope"),
            problem,
            "use the scope `all`, or name an owner of the entity",
        ));
    }
    if is_basic {
        return;
    }
    match entity.transition(&permission.action) {
        None => {
            let known = entity
                .workflow
                .iter()
                .flat_map(|workflow| &workflow.transitions);
            let known = known.map(|transition| transition.name.as_str());
            let remedy = did_you_mean(&permission.action, known).unwrap_or_else(|| {
                "use create, read, update, delete or a transition of the entity".to_owned()
            });
            let problem = format!(
                "`{}` is not an action on `{}`",
                shown(&permission.action),
                entity.name
            );
            faults.push(Fault::new(join(place, "action"), problem, remedy));
        }
        Some(transition) if !transition.roles.iter().any(|named| named == role) => {
            let problem = format!(
                "the transition `{}` of `{}` does not name `{role}`",
                transition.name, entity.name
            );
            faults.push(Fault::new(
                place,
                problem,
                "add the role to the transition, or remove the permission",
            ));
        }
        Some(_) => {}
    }
}

fn owners(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    for (index, entity) in blueprint.entities.iter().enumerate() {
        if let Some(owner) = &entity.owner
            && blueprint.role(owner).is_none()
        {
            faults.push(unknown_role(
                blueprint,
                join(&join("/entities", index), "owner"),
                owner,
            ));
        }
    }
}

fn transition_roles(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    for (index, entity) in blueprint.entities.iter().enumerate() {
        let transitions = entity
            .workflow
            .iter()
            .flat_map(|workflow| &workflow.transitions);
        for (at, transition) in transitions.enumerate() {
            let here = format!("/entities/{index}/workflow/transitions/{at}/roles");
            if transition.roles.is_empty() {
                faults.push(Fault::new(
                    &here,
                    "no role may make this transition",
                    "name at least one role",
                ));
            }
            for (number, named) in transition.roles.iter().enumerate() {
                let place = join(&here, number);
                let Some(role) = blueprint.role(named) else {
                    faults.push(unknown_role(blueprint, place, named));
                    continue;
                };
                let allowed = role
                    .can
                    .iter()
                    .any(|may| may.entity == entity.name && may.action == transition.name);
                if !allowed {
                    let problem = format!(
                        "`{named}` has no permission `{}` on `{}`",
                        transition.name, entity.name
                    );
                    faults.push(Fault::new(
                        place,
                        problem,
                        "add it to what the role `can` do, with its scope",
                    ));
                }
            }
        }
    }
}
