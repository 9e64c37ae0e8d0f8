//! Stories: who, what, the detail of their kind, and that every entity is reached by one or by a page.

use std::collections::BTreeSet;

use super::acceptance;
use super::unknown::{unknown_entity, unknown_field, unknown_role};
use crate::blueprint::types::{
    Blueprint, Detail, Entity, Exchange, FieldType, Measure, Notify, Report, Story, StoryKind,
};
use crate::fault::{Fault, join};
use crate::message::shown;

/// Longest id of a story.
const ID_LENGTH_MAX: usize = 20;

pub(super) fn check(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    if blueprint.stories.is_empty() {
        faults.push(Fault::new(
            "/stories",
            "there is no story",
            "describe at least one thing that people do",
        ));
    }
    let mut ids = BTreeSet::new();
    for (index, story) in blueprint.stories.iter().enumerate() {
        let here = join("/stories", index);
        if !is_id(&story.id) {
            let problem = format!("`{}` is not a valid id", shown(&story.id));
            faults.push(Fault::new(
                join(&here, "id"),
                problem,
                format!("write `S{}`", index + 1),
            ));
        } else if !ids.insert(story.id.to_lowercase()) {
            let problem = format!("the id `{}` is used twice", story.id);
            faults.push(Fault::new(
                join(&here, "id"),
                problem,
                "give each story its own id",
            ));
        }
        one(blueprint, story, &here, faults);
    }
    reached(blueprint, faults);
    model(blueprint, faults);
}

fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_alphabetic())
        && id.len() <= ID_LENGTH_MAX
        && id
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
}

fn one(blueprint: &Blueprint, story: &Story, here: &str, faults: &mut Vec<Fault>) {
    if blueprint.role(&story.role).is_none() {
        faults.push(unknown_role(blueprint, join(here, "role"), &story.role));
    }
    if story.text.trim().is_empty() {
        faults.push(Fault::new(
            join(here, "text"),
            "the story has no text",
            "write one sentence",
        ));
    }
    if story.entities.is_empty() {
        faults.push(Fault::new(
            join(here, "entities"),
            "the story touches no entity",
            "name the main one first",
        ));
    }
    for (at, entity) in story.entities.iter().enumerate() {
        if blueprint.entity(entity).is_none() {
            faults.push(unknown_entity(
                blueprint,
                join(&join(here, "entities"), at),
                entity,
            ));
        }
    }
    detail(blueprint, story, &join(here, "detail"), faults);
    if story.acceptance.is_empty() {
        let remedy = "add an example with `steps` and `expect`";
        faults.push(Fault::new(
            join(here, "acceptance"),
            "the story has no acceptance test",
            remedy,
        ));
    }
    for (at, acceptance) in story.acceptance.iter().enumerate() {
        acceptance::check(
            blueprint,
            acceptance,
            &join(&join(here, "acceptance"), at),
            faults,
        );
    }
}

fn detail(blueprint: &Blueprint, story: &Story, here: &str, faults: &mut Vec<Fault>) {
    match (story.kind, &story.detail) {
        (StoryKind::Notify, Some(Detail::Notify(notify))) => {
            check_notify(blueprint, notify, here, faults);
        }
        (StoryKind::Report, Some(Detail::Report(report))) => {
            check_report(blueprint, report, here, faults);
        }
        (StoryKind::Exchange, Some(Detail::Exchange(exchange))) => {
            check_exchange(blueprint, exchange, here, faults);
        }
        (StoryKind::Notify | StoryKind::Report | StoryKind::Exchange, _) => {
            let problem = format!(
                "a story of kind `{}` needs its own detail",
                story.kind.as_str()
            );
            let remedy = match story.kind {
                StoryKind::Notify => "write {on, to, channel, days_before}",
                StoryKind::Report => "write {entity, measure, field, group_by}",
                _ => "write {entity, direction, format}",
            };
            faults.push(Fault::new(here, problem, remedy));
        }
        (
            StoryKind::Crud | StoryKind::Workflow | StoryKind::Predict | StoryKind::Custom,
            Some(_),
        ) => {
            let problem = format!("a story of kind `{}` has no detail", story.kind.as_str());
            faults.push(Fault::new(here, problem, "write null"));
        }
        (StoryKind::Workflow, None) => {
            let main = story
                .entities
                .first()
                .and_then(|entity| blueprint.entity(entity));
            if main.is_some_and(|entity| entity.workflow.is_none()) {
                let remedy = "give its first entity a workflow, or choose another kind";
                faults.push(Fault::new(
                    here,
                    "the story's first entity has no workflow",
                    remedy,
                ));
            }
        }
        (StoryKind::Predict, None) => {
            if blueprint.model.is_none() {
                let remedy = "describe in `/model` what is predicted from what";
                faults.push(Fault::new(
                    here,
                    "the story predicts, but there is no model",
                    remedy,
                ));
            }
        }
        (StoryKind::Crud | StoryKind::Custom, None) => {}
    }
}

fn check_notify(blueprint: &Blueprint, notify: &Notify, here: &str, faults: &mut Vec<Fault>) {
    let on = join(here, "on");
    let Some(entity) = blueprint.entity(&notify.on.entity) else {
        faults.push(unknown_entity(
            blueprint,
            join(&on, "entity"),
            &notify.on.entity,
        ));
        return;
    };
    if let Some(transition) = &notify.on.transition {
        if entity.transition(transition).is_none() {
            let problem = format!(
                "`{}` has no transition `{}`",
                entity.name,
                shown(transition)
            );
            faults.push(Fault::new(
                join(&on, "transition"),
                problem,
                "name a transition of its workflow",
            ));
        }
        if notify.on.field.is_some() {
            faults.push(Fault::new(
                &on,
                "it waits for both a transition and a field",
                "keep one of them",
            ));
        }
    }
    if let Some(field) = &notify.on.field {
        needs_field(entity, field, join(&on, "field"), faults, |_| None);
    }
    if notify.days_before.is_some() {
        let watched = notify
            .on
            .field
            .as_deref()
            .and_then(|field| entity.field(field));
        let is_date = watched
            .is_some_and(|field| matches!(field.field_type, FieldType::Date | FieldType::Datetime));
        if !is_date {
            let remedy = "name a date or datetime field in `on`, or leave `days_before` out";
            faults.push(Fault::new(
                join(here, "days_before"),
                "there is no date to count from",
                remedy,
            ));
        }
    }
    let to_field = entity.field(&notify.to).is_some_and(|field| {
        matches!(
            field.field_type,
            FieldType::Email | FieldType::Phone | FieldType::Ref | FieldType::Refs
        )
    });
    if blueprint.role(&notify.to).is_none() && !to_field {
        let problem = format!(
            "`{}` is neither a role nor a field of `{}` that leads to a person",
            shown(&notify.to),
            entity.name
        );
        faults.push(Fault::new(
            join(here, "to"),
            problem,
            "name a role, or an email, phone, ref or refs field",
        ));
    }
}

fn check_report(blueprint: &Blueprint, report: &Report, here: &str, faults: &mut Vec<Fault>) {
    let Some(entity) = blueprint.entity(&report.entity) else {
        faults.push(unknown_entity(
            blueprint,
            join(here, "entity"),
            &report.entity,
        ));
        return;
    };
    match (&report.field, report.measure) {
        (None, Measure::Sum | Measure::Mean) => {
            faults.push(Fault::new(
                join(here, "field"),
                "the report does not say what it adds up",
                "name a numeric field",
            ));
        }
        (Some(field), measure) => {
            needs_field(entity, field, join(here, "field"), faults, |field_type| {
                let fits = measure == Measure::Count || field_type.is_numeric();
                (!fits).then_some("name an integer, decimal or money field")
            });
        }
        (None, Measure::Count) => {}
    }
    if let Some(field) = &report.group_by {
        needs_field(
            entity,
            field,
            join(here, "group_by"),
            faults,
            |field_type| {
                let odd = matches!(
                    field_type,
                    FieldType::Json | FieldType::File | FieldType::LongText | FieldType::GeoPoint
                );
                odd.then_some("group by a text, enum, boolean, date or reference")
            },
        );
    }
}

fn check_exchange(blueprint: &Blueprint, exchange: &Exchange, here: &str, faults: &mut Vec<Fault>) {
    use crate::blueprint::types::{Direction, Format};
    if blueprint.entity(&exchange.entity).is_none() {
        faults.push(unknown_entity(
            blueprint,
            join(here, "entity"),
            &exchange.entity,
        ));
    }
    if exchange.direction == Direction::Import && exchange.format == Format::Pdf {
        faults.push(Fault::new(
            join(here, "format"),
            "records cannot be read from a PDF",
            "use csv or json",
        ));
    }
}

fn needs_field(
    entity: &Entity,
    name: &str,
    pointer: String,
    faults: &mut Vec<Fault>,
    remedy: impl Fn(FieldType) -> Option<&'static str>,
) {
    let known: Vec<&str> = entity
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    match entity.field(name) {
        None => faults.push(unknown_field(pointer, name, &known)),
        Some(field) => {
            if let Some(remedy) = remedy(field.field_type) {
                let problem = format!("`{name}` is of type {}", field.field_type.as_str());
                faults.push(Fault::new(pointer, problem, remedy));
            }
        }
    }
}

fn reached(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    let by_story = blueprint
        .stories
        .iter()
        .flat_map(|story| story.entities.iter().map(String::as_str));
    let by_page = blueprint
        .pages
        .iter()
        .filter_map(|page| page.entity.as_deref());
    let reached: BTreeSet<&str> = by_story.chain(by_page).collect();
    for (index, entity) in blueprint.entities.iter().enumerate() {
        if !entity.name.is_empty() && !reached.contains(entity.name.as_str()) {
            let problem = format!("nothing leads to `{}`", entity.name);
            faults.push(Fault::new(
                join("/entities", index),
                problem,
                "name it in a story, or give it a page",
            ));
        }
    }
}

fn model(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    let Some(model) = &blueprint.model else {
        return;
    };
    let Some(entity) = blueprint.entity(&model.entity) else {
        faults.push(unknown_entity(
            blueprint,
            "/model/entity".to_owned(),
            &model.entity,
        ));
        return;
    };
    needs_field(
        entity,
        &model.target,
        "/model/target".to_owned(),
        faults,
        |_| None,
    );
    if model.features.is_empty() {
        faults.push(Fault::new(
            "/model/features",
            "the model has no features",
            "name at least one field",
        ));
    }
    for (index, feature) in model.features.iter().enumerate() {
        let here = join("/model/features", index);
        if *feature == model.target {
            faults.push(Fault::new(
                here,
                "the target cannot be one of its own features",
                "remove it",
            ));
        } else {
            needs_field(entity, feature, here, faults, |_| None);
        }
    }
}
