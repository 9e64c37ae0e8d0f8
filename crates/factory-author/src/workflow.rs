//! From the moves that features name to a workflow: a field of states, transitions in their usual order.

use factory_spec::blueprint::{Field, FieldType, Transition, Workflow, is_transition_name};
use serde_json::Value;

use crate::draft::{Draft, EntityDraft, Kind, Move};
use crate::language::words::OCCASIONS;

/// Ranks from here on are ends off the main line: rejected, cancelled, refunded, archived.
const OFF_THE_LINE: u8 = 90;

/// Ranks below are states in which something can still be cancelled.
const STILL_OPEN: u8 = 40;

/// Gives every entity that moves its workflow; a move that fits nowhere becomes a flag or custom logic.
pub(crate) fn complete(draft: &mut Draft) {
    for index in 0..draft.entities.len() {
        let Some(entity) = draft.entities.get_mut(index) else {
            continue;
        };
        entity.moves.retain(|step| is_transition_name(&step.name));
        if entity.moves.is_empty() {
            continue;
        }
        let name = entity.entity.name.clone();
        if entity.is_fixed {
            fixed(draft, &name);
        } else {
            derived(entity);
        }
    }
    settle_kinds(draft);
}

fn derived(draft: &mut EntityDraft) {
    let initial = initial_state(draft);
    draft.moves.retain(|step| step.state != initial);
    let mut values = vec![initial.clone()];
    let mut moves = draft.moves.clone();
    moves.sort_by_key(|step| step.rank);
    for step in &moves {
        if !values.contains(&step.state) {
            values.push(step.state.clone());
        }
    }
    let field = Field {
        name: "status".to_owned(),
        field_type: FieldType::Enum,
        values,
        default: Some(Value::String(initial.clone())),
        ..Field::default()
    };
    if let Some(field) = draft.add(field) {
        draft.entity.workflow = Some(Workflow {
            field,
            transitions: transitions(&moves, &initial),
        });
    } else {
        draft.moves.clear();
    }
}

/// A workflow on the founder's own enum where its values hold the states; else on a new one.
fn fixed(draft: &mut Draft, name: &str) {
    let Some(entity) = draft.entity_mut(name) else {
        return;
    };
    let moves = entity.moves.clone();
    let is_flag = |step: &Move| {
        entity
            .entity
            .fields
            .iter()
            .any(|field| is_flag_for(field, &step.state))
    };
    let (flags, moves): (Vec<Move>, Vec<Move>) = moves.into_iter().partition(is_flag);
    drop(flags);
    let hits = |field: &&mut Field| {
        moves
            .iter()
            .filter(|step| field.values.contains(&step.state))
            .count()
    };
    let candidates = entity
        .entity
        .fields
        .iter_mut()
        .filter(|field| field.field_type == FieldType::Enum && field.computed.is_none());
    let best = candidates
        .max_by_key(|field| hits(field))
        .filter(|field| hits(field) > 0);
    entity.moves.clone_from(&moves);
    let Some(field) = best else {
        if moves.is_empty() {
            return;
        }
        derived(entity);
        let added = entity.entity.workflow.is_some();
        if added {
            draft.assume(
                format!("{name} has a status."),
                "the features move it from state to state",
            );
        }
        return;
    };
    let default = field
        .default
        .as_ref()
        .and_then(Value::as_str)
        .map(str::to_owned);
    let Some(initial) = default.or_else(|| field.values.first().cloned()) else {
        return;
    };
    field.default = Some(Value::String(initial.clone()));
    let mut moves: Vec<Move> = moves
        .into_iter()
        .filter(|step| step.state != initial && field.values.contains(&step.state))
        .collect();
    moves.sort_by_key(|step| step.rank);
    let field = field.name.clone();
    entity.moves.clone_from(&moves);
    if !moves.is_empty() {
        entity.entity.workflow = Some(Workflow {
            field,
            transitions: transitions(&moves, &initial),
        });
    }
}

fn is_flag_for(field: &Field, state: &str) -> bool {
    field.field_type == FieldType::Boolean
        && field.computed.is_none()
        && (field.name == state || field.name == format!("is_{state}"))
}

/// The state of a new record, from what happens to it later.
fn initial_state(draft: &EntityDraft) -> String {
    let does = |names: &[&str]| {
        draft
            .moves
            .iter()
            .any(|step| names.contains(&step.name.as_str()))
    };
    let head = draft.words.last().map_or("", String::as_str);
    let state = if does(&["send", "submit", "publish", "release"]) {
        "draft"
    } else if draft.is_requested
        || does(&[
            "approve", "accept", "reject", "decline", "confirm", "review",
        ])
    {
        "requested"
    } else if head == "order" {
        "placed"
    } else if OCCASIONS.contains(head) || draft.is_event {
        "booked"
    } else {
        "open"
    };
    state.to_owned()
}

fn transitions(moves: &[Move], initial: &str) -> Vec<Transition> {
    let line: Vec<&Move> = moves
        .iter()
        .filter(|step| step.rank < OFF_THE_LINE)
        .collect();
    let mut transitions: Vec<Transition> = Vec::new();
    for step in moves {
        if let Some(known) = transitions.iter_mut().find(|known| known.name == step.name) {
            if !known.roles.contains(&step.role) {
                known.roles.push(step.role.clone());
            }
            continue;
        }
        let mut from = origins(step, &line, initial);
        from.retain(|state| *state != step.state);
        transitions.push(Transition {
            name: step.name.clone(),
            from,
            to: step.state.clone(),
            roles: vec![step.role.clone()],
        });
    }
    transitions
}

/// The states from which a move starts: the one before on the main line, or all that are still open.
fn origins(step: &Move, line: &[&Move], initial: &str) -> Vec<String> {
    let mut states: Vec<String> = Vec::new();
    let mut push = |state: &str| {
        if !states.iter().any(|known| known == state) {
            states.push(state.to_owned());
        }
    };
    let earlier = line.iter().filter(|other| other.rank < step.rank);
    match step.rank {
        rank if rank < OFF_THE_LINE => {
            let before = earlier.map(|other| other.rank).max();
            match before {
                Some(before) => line
                    .iter()
                    .filter(|other| other.rank == before)
                    .for_each(|other| push(&other.state)),
                None => push(initial),
            }
        }
        91 => {
            push(initial);
            line.iter()
                .filter(|other| other.rank < 30)
                .for_each(|other| push(&other.state));
        }
        rank if rank < 95 => {
            push(initial);
            line.iter()
                .filter(|other| other.rank < STILL_OPEN)
                .for_each(|other| push(&other.state));
        }
        _ => match line.iter().map(|other| other.rank).max() {
            Some(last) => line
                .iter()
                .filter(|other| other.rank == last)
                .for_each(|other| push(&other.state)),
            None => push(initial),
        },
    }
    states
}

/// Features whose move found no transition become a flag or custom logic.
fn settle_kinds(draft: &mut Draft) {
    for index in 0..draft.features.len() {
        let Some(feature) = draft.features.get(index) else {
            continue;
        };
        let main = feature.entities.first().and_then(|name| draft.entity(name));
        let kind = match (&feature.kind, main) {
            (Kind::Move(name, state), Some(main)) if main.entity.transition(name).is_none() => {
                let flag = main
                    .entity
                    .fields
                    .iter()
                    .find(|field| is_flag_for(field, state));
                Some(flag.map_or(Kind::Custom, |field| Kind::Flag(field.name.clone())))
            }
            (
                Kind::Notification {
                    state: Some(name),
                    to,
                    days_before,
                    in_app,
                },
                Some(main),
            ) if main.entity.transition(name).is_none() => Some(Kind::Notification {
                state: None,
                to: to.clone(),
                days_before: *days_before,
                in_app: *in_app,
            }),
            _ => None,
        };
        if let (Some(kind), Some(feature)) = (kind, draft.features.get_mut(index)) {
            feature.kind = kind;
        }
    }
}
