//! Steps: each names what exists and does what its role may do; the states of records are followed along.

use serde_json::Value;

use super::run::{Bound, Run};
use crate::blueprint::check::names::is_snake_case;
use crate::blueprint::check::unknown::{unknown_entity, unknown_field, unknown_role};
use crate::blueprint::check::values::value_fault;
use crate::blueprint::types::{Entity, Field, FieldType, Scope, Step};
use crate::fault::join;
use crate::message::shown;

/// Name of any record that the program makes by itself.
const SEED: &str = "$seed";

impl<'a> Run<'a> {
    /// Checks one step; a step that must be `refused` may break the rules of the product, not those of the test.
    pub(super) fn step(&mut self, step: &'a Step, refused: bool, here: &str) {
        let blueprint = self.blueprint;
        if blueprint.role(&step.role).is_none() {
            self.faults
                .push(unknown_role(blueprint, join(here, "as"), &step.role));
            return;
        }
        let Some(entity) = blueprint.entity(&step.entity) else {
            self.faults.push(unknown_entity(
                blueprint,
                join(here, "entity"),
                &step.entity,
            ));
            return;
        };
        let transition = entity.transition(&step.action);
        let is_basic = matches!(
            step.action.as_str(),
            "create" | "read" | "update" | "delete" | "list"
        );
        if !is_basic && transition.is_none() {
            let problem = format!(
                "`{}` is not an action on `{}`",
                shown(&step.action),
                entity.name
            );
            self.fault(
                join(here, "do"),
                problem,
                "use create, read, update, delete, list or a transition",
            );
            return;
        }
        let known_target = self.target(step, entity, here);
        if !refused {
            self.may(step, entity, here);
        }
        self.with(step, entity, refused, here);
        if let (Some(transition), Some(name)) = (transition, known_target) {
            let state = self.bound.get(name).and_then(|bound| bound.state.clone());
            if let Some(state) = state.filter(|state| !refused && !transition.from.contains(state))
            {
                let problem = format!(
                    "`{}` is not allowed from the state `{state}`",
                    transition.name
                );
                self.fault(
                    join(here, "do"),
                    problem,
                    "add the steps that lead to one of its `from` states",
                );
            }
        }
        if !refused {
            self.remember(step, entity, known_target);
        }
        self.bind(step, entity, here);
    }

    /// Finds the record that a step is done to.
    fn target(&mut self, step: &'a Step, entity: &Entity, here: &str) -> Option<&'a str> {
        let needs = !matches!(step.action.as_str(), "create" | "list");
        let place = join(here, "of");
        match (&step.of, needs) {
            (None, false) => None,
            (None, true) => {
                self.fault(
                    place,
                    "the step does not say which record it acts on",
                    "name an earlier record, such as `$record`",
                );
                None
            }
            (Some(_), false) => {
                self.fault(
                    place,
                    format!("`{}` does not act on a record", step.action),
                    "leave `of` out",
                );
                None
            }
            (Some(name), true) => {
                let bound = name
                    .strip_prefix('$')
                    .and_then(|name| self.bound.get_key_value(name));
                match bound {
                    Some((key, bound)) if !bound.is_list && bound.entity.name == entity.name => {
                        Some(*key)
                    }
                    Some((_, bound)) => {
                        let what = if bound.is_list {
                            "a list"
                        } else {
                            bound.entity.name.as_str()
                        };
                        let problem = format!("`{name}` is {what}, not one `{}`", entity.name);
                        self.fault(place, problem, "name a record of the step's entity");
                        None
                    }
                    None => {
                        let problem = format!("no earlier step binds `{}`", shown(name));
                        self.fault(place, problem, "bind it where it is created");
                        None
                    }
                }
            }
        }
    }

    /// Whether the role may do what the step does: whatever is not listed is denied.
    fn may(&mut self, step: &Step, entity: &Entity, here: &str) {
        let action = if step.action == "list" {
            "read"
        } else {
            step.action.as_str()
        };
        let role = self.blueprint.role(&step.role);
        let permission = role
            .into_iter()
            .flat_map(|role| &role.can)
            .find(|may| may.entity == entity.name && may.action == action);
        let Some(permission) = permission else {
            let problem = format!("`{}` may not {action} `{}`", step.role, entity.name);
            self.fault(
                here,
                problem,
                "add the permission to the role, or expect a refusal of the last step",
            );
            return;
        };
        let made_by = step
            .of
            .as_ref()
            .and_then(|name| self.bound.get(name.trim_start_matches('$')));
        if permission.scope == Scope::Own
            && let Some(bound) = made_by
            && bound.role != step.role
        {
            let problem = format!(
                "`{}` may {action} only its own records, and `{}` created this one",
                step.role, bound.role
            );
            self.fault(
                here,
                problem,
                "use the scope `all`, or let the same role act in both steps",
            );
        }
    }

    fn with(&mut self, step: &Step, entity: &Entity, refused: bool, here: &str) {
        if !step.with.is_empty() && !matches!(step.action.as_str(), "create" | "update" | "list") {
            self.fault(
                join(here, "with"),
                format!("`{}` takes no values", step.action),
                "leave `with` empty",
            );
            return;
        }
        let known: Vec<&str> = entity
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        for (key, value) in &step.with {
            let place = join(&join(here, "with"), key);
            let Some(field) = entity.field(key) else {
                self.faults.push(unknown_field(place, key, &known));
                continue;
            };
            if step.action != "list" && !refused {
                if field.computed.is_some() {
                    self.fault(&place, format!("`{key}` is computed"), "leave it out");
                } else if field.field_type == FieldType::Enum
                    && entity
                        .workflow
                        .as_ref()
                        .is_some_and(|workflow| workflow.field == *key)
                {
                    self.fault(
                        &place,
                        format!("`{key}` changes only by transitions"),
                        "use the transition instead",
                    );
                }
            }
            match field.field_type {
                FieldType::Ref => self.leads(field, value, &place),
                FieldType::Refs => match value.as_array() {
                    Some(items) => items
                        .iter()
                        .for_each(|item| self.leads(field, item, &place)),
                    None => self.fault(
                        &place,
                        "this is not a list",
                        "list records, such as [\"$record\"]",
                    ),
                },
                _ => {
                    if let Some(problem) = value_fault(field, value).filter(|_| !refused) {
                        self.fault(&place, problem, format!("give a valid `{key}`"));
                    }
                }
            }
        }
    }

    /// Whether a value is a record that a reference may lead to.
    pub(super) fn leads(&mut self, field: &Field, value: &Value, place: &str) {
        let target = field
            .references
            .as_ref()
            .map_or("", |reference| reference.entity.as_str());
        match value.as_str() {
            Some(SEED) => {}
            Some(text) if text.starts_with('$') => {
                match self.bound.get(text.trim_start_matches('$')) {
                    Some(bound) if !bound.is_list && bound.entity.name == target => {}
                    Some(_) => self.fault(
                        place,
                        format!("`{text}` is not a record of `{target}`"),
                        "name one",
                    ),
                    None => self.fault(
                        place,
                        format!("no earlier step binds `{}`", shown(text)),
                        "bind it, or use `$seed`",
                    ),
                }
            }
            _ => self.fault(
                place,
                "a reference is written as a plain value",
                "name an earlier record, or `$seed`",
            ),
        }
    }

    /// Follows what the step changes.
    fn remember(&mut self, step: &'a Step, entity: &'a Entity, target: Option<&'a str>) {
        let transition = entity.transition(&step.action);
        if let Some(bound) = target.and_then(|name| self.bound.get_mut(name)) {
            bound.values.extend(step.with.clone());
            if let Some(transition) = transition {
                bound.state = Some(transition.to.clone());
            }
        }
    }

    fn bind(&mut self, step: &'a Step, entity: &'a Entity, here: &str) {
        let Some(name) = &step.bind else { return };
        let place = join(here, "bind");
        if !is_snake_case(name) || name == "seed" {
            self.fault(
                place,
                format!("`{}` is not a valid name for a result", shown(name)),
                "write a snake_case name other than `seed`",
            );
            return;
        }
        if self.bound.contains_key(name.as_str()) {
            self.fault(
                place,
                format!("`{name}` is bound twice"),
                "use another name",
            );
            return;
        }
        let state_field = entity
            .workflow
            .as_ref()
            .and_then(|workflow| entity.field(&workflow.field));
        let initial = state_field
            .and_then(|field| field.default.as_ref())
            .and_then(Value::as_str)
            .map(str::to_owned);
        let earlier = step
            .of
            .as_ref()
            .and_then(|of| self.bound.get(of.trim_start_matches('$')));
        let (role, state, values) = match earlier {
            Some(bound) => (bound.role, bound.state.clone(), bound.values.clone()),
            None => (step.role.as_str(), initial, step.with.clone()),
        };
        let is_list = step.action == "list";
        self.bound.insert(
            name,
            Bound {
                entity,
                is_list,
                role,
                state,
                values,
            },
        );
    }
}
