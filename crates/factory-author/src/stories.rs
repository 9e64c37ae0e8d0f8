//! From the features of a draft to stories with their detail and acceptance tests.

use factory_spec::blueprint::{
    Acceptance, Channel, Detail, Direction, Exchange, Format, Measure, Model, ModelTask, Notify,
    Report, Story, StoryKind, Trigger,
};

use crate::acceptance::Examples;
use crate::access::Access;
use crate::draft::{Draft, EntityDraft, FeatureDraft, Kind, extract};
use crate::fields;
use crate::language::Act;

/// Adds the fields that stories cannot do without; done before permissions and examples are made.
pub(crate) fn prepare(draft: &mut Draft) {
    for index in 0..draft.features.len() {
        let Some(feature) = draft.features.get(index) else {
            continue;
        };
        let Some(main) = feature.entities.first().cloned() else {
            continue;
        };
        let text = feature.text.clone();
        if let Kind::Notification {
            days_before: Some(_),
            ..
        } = &feature.kind
            && let Some(entity) = draft.entity_mut(&main)
        {
            fields::day_of(entity, &text);
        }
    }
}

/// Writes one story per feature.
pub(crate) fn tell(draft: &Draft, access: &Access) -> Vec<Story> {
    let examples = Examples { draft, access };
    draft
        .features
        .iter()
        .enumerate()
        .filter_map(|(index, feature)| story(draft, &examples, index, feature))
        .collect()
}

fn story(
    draft: &Draft,
    examples: &Examples<'_>,
    index: usize,
    feature: &FeatureDraft,
) -> Option<Story> {
    let main = feature
        .entities
        .first()
        .and_then(|name| draft.entity(name))?;
    let (kind, detail, mut acceptance) = kind(draft, examples, feature, main)?;
    if matches!(feature.kind, Kind::Records | Kind::Move(..)) {
        acceptance.extend(other_moves(draft, examples, feature));
    }
    if acceptance.is_empty() {
        acceptance.push(examples.listing(main, &feature.role, 1));
    }
    Some(Story {
        id: format!("S{}", index + 1),
        role: feature.role.clone(),
        text: feature.text.clone(),
        kind,
        entities: feature.entities.clone(),
        detail,
        acceptance,
    })
}

/// The kind of a feature's story, its detail and its tests; `None` when an entity that it names is gone.
fn kind(
    draft: &Draft,
    examples: &Examples<'_>,
    feature: &FeatureDraft,
    main: &EntityDraft,
) -> Option<(StoryKind, Option<Detail>, Vec<Acceptance>)> {
    let role = feature.role.as_str();
    Some(match &feature.kind {
        Kind::Records => (StoryKind::Crud, None, records(examples, feature, main)),
        Kind::Assignment(field, other) => {
            let test = examples.assignment(main, role, field, draft.entity(other)?);
            (StoryKind::Crud, None, vec![test])
        }
        Kind::Flag(field) => {
            let test = examples.flag(main, role, field);
            (StoryKind::Crud, None, vec![test])
        }
        Kind::Move(name, _) => (StoryKind::Workflow, None, examples.moves(main, role, name)),
        Kind::Report { measure, by } => {
            let detail = Detail::Report(report(main, *measure, by.as_deref()));
            let test = examples.listing(main, role, 2);
            (StoryKind::Report, Some(detail), vec![test])
        }
        Kind::Notification {
            to,
            days_before,
            state,
            in_app,
        } => {
            let mut notify = notification(
                draft,
                main,
                feature,
                to.as_deref(),
                *days_before,
                state.as_deref(),
            );
            let tests = notification_tests(examples, main, role, &notify);
            if *in_app {
                notify.channel = Channel::InApp;
            }
            (StoryKind::Notify, Some(Detail::Notify(notify)), tests)
        }
        Kind::Exchange { import, format } => {
            let detail = Detail::Exchange(exchange(main, *import, *format));
            let test = examples.listing(main, role, 1);
            (StoryKind::Exchange, Some(detail), vec![test])
        }
        Kind::Prediction | Kind::Custom => {
            let test = examples.listing(main, role, 1);
            (StoryKind::Custom, None, vec![test])
        }
    })
}

/// What was done first to the main entity decides the example; transitions on the way get theirs too.
fn records(examples: &Examples<'_>, feature: &FeatureDraft, main: &EntityDraft) -> Vec<Acceptance> {
    let first = feature
        .acts
        .iter()
        .find(|(_, _, entity)| *entity == main.entity.name);
    let (role, act) = first.map_or((feature.role.as_str(), Act::Read), |(role, act, _)| {
        (role.as_str(), *act)
    });
    let mut all = Vec::new();
    let has_total = feature.fields.iter().any(|name| {
        main.entity
            .field(name)
            .is_some_and(|field| field.computed.is_some())
    });
    if has_total {
        all.extend(examples.total(main, role));
    }
    if all.is_empty() {
        all.push(match act {
            Act::Create | Act::Event(_) | Act::Manage | Act::Import | Act::Transition(..) => {
                examples.creation(main, role, &feature.fields)
            }
            Act::Update | Act::Assign => examples.change(main, role, &feature.fields),
            Act::Delete => examples.deletion(main, role),
            _ => examples.listing(main, role, 1),
        });
    }
    all
}

/// Transitions that a feature names beside its main one: `confirm or cancel a booking`.
fn other_moves(draft: &Draft, examples: &Examples<'_>, feature: &FeatureDraft) -> Vec<Acceptance> {
    let main = if let Kind::Move(name, _) = &feature.kind {
        name.as_str()
    } else {
        ""
    };
    let mut all = Vec::new();
    for (role, act, entity) in &feature.acts {
        if let (Act::Transition(name, ..), Some(moved)) = (act, draft.entity(entity))
            && *name != main
            && moved
                .entity
                .transition(name)
                .is_some_and(|transition| transition.roles.contains(role))
        {
            all.extend(examples.moves(moved, role, name).into_iter().take(1));
        }
    }
    all
}

fn exchange(main: &EntityDraft, is_import: bool, format: Format) -> Exchange {
    let entity = main.entity.name.clone();
    match (is_import, format) {
        (false, format) => Exchange {
            entity,
            direction: Direction::Export,
            format,
        },
        // Records cannot be read from a printed page.
        (true, Format::Pdf) => Exchange {
            entity,
            direction: Direction::Import,
            format: Format::Csv,
        },
        (true, format) => Exchange {
            entity,
            direction: Direction::Import,
            format,
        },
    }
}

fn report(main: &EntityDraft, measure: Measure, by: Option<&str>) -> Report {
    let field = if extract::needs_number(measure) {
        fields::number_of(main)
    } else {
        None
    };
    let measure = if field.is_some() {
        measure
    } else {
        Measure::Count
    };
    let leads = |target: &str| {
        let mut fields = main.entity.fields.iter();
        fields
            .find(|field| {
                field
                    .references
                    .as_ref()
                    .is_some_and(|to| to.entity == target)
            })
            .map(|field| field.name.clone())
    };
    let state = main
        .entity
        .workflow
        .as_ref()
        .map(|workflow| workflow.field.clone());
    Report {
        entity: main.entity.name.clone(),
        measure,
        field,
        group_by: by.and_then(leads).or(state),
    }
}

fn notification(
    draft: &Draft,
    main: &EntityDraft,
    feature: &FeatureDraft,
    to: Option<&str>,
    days_before: Option<u32>,
    state: Option<&str>,
) -> Notify {
    let receiver = to.unwrap_or(&feature.role);
    // The record says which member of the role it concerns, where it refers to one.
    let leads = main
        .entity
        .fields
        .iter()
        .find(|field| {
            field
                .references
                .as_ref()
                .is_some_and(|target| target.entity == receiver)
        })
        .map(|field| field.name.clone());
    let role = if draft.role(receiver).is_some() {
        receiver
    } else {
        feature.role.as_str()
    };
    let day = days_before.and_then(|_| {
        let mut copy = main.clone();
        fields::day_of(&mut copy, &feature.text).filter(|name| main.entity.field(name).is_some())
    });
    let transition = if day.is_none() {
        state.map(str::to_owned)
    } else {
        None
    };
    Notify {
        on: Trigger {
            entity: main.entity.name.clone(),
            transition,
            field: day.clone(),
        },
        to: leads.unwrap_or_else(|| role.to_owned()),
        channel: Channel::Email,
        days_before: days_before.filter(|_| day.is_some()),
    }
}

fn notification_tests(
    examples: &Examples<'_>,
    main: &EntityDraft,
    role: &str,
    notify: &Notify,
) -> Vec<Acceptance> {
    if let Some(name) = &notify.on.transition {
        let actor = main
            .entity
            .transition(name)
            .and_then(|transition| transition.roles.first().cloned());
        let actor = actor.unwrap_or_else(|| role.to_owned());
        return examples
            .moves(main, &actor, name)
            .into_iter()
            .take(1)
            .collect();
    }
    match &notify.on.field {
        Some(field) => vec![examples.day(main, role, field)],
        None => vec![examples.creation(main, role, &[])],
    }
}

/// What is predicted, for templates that learn: the first prediction whose entity has a target and features.
pub(crate) fn model(draft: &Draft, stories: &mut [Story]) -> Option<Model> {
    let mut model = None;
    for (feature, story) in draft.features.iter().zip(stories) {
        if feature.kind != Kind::Prediction {
            continue;
        }
        let found = feature
            .entities
            .first()
            .and_then(|name| draft.entity(name))
            .and_then(model_of);
        if model.is_none() {
            model.clone_from(&found);
        }
        if found.is_some() && found == model {
            story.kind = StoryKind::Predict;
        }
    }
    model
}

fn model_of(entity: &EntityDraft) -> Option<Model> {
    use factory_spec::blueprint::FieldType::{
        Boolean, Date, Datetime, Decimal, Enum, Integer, Money, Ref,
    };
    let fields = || entity.entity.fields.iter();
    let class = fields().find(|field| matches!(field.field_type, Boolean | Enum));
    let number = fields().find(|field| field.field_type.is_numeric() && field.computed.is_none());
    let target = class.or(number)?;
    let task = if class.is_some() {
        ModelTask::Classification
    } else {
        ModelTask::Regression
    };
    let features: Vec<String> = fields()
        .filter(|field| {
            matches!(
                field.field_type,
                Boolean | Date | Datetime | Decimal | Enum | Integer | Money | Ref
            )
        })
        .filter(|field| field.name != target.name && field.computed.is_none())
        .map(|field| field.name.clone())
        .collect();
    if features.is_empty() {
        return None;
    }
    let metric = if class.is_some() {
        "roc_auc"
    } else {
        "mean_absolute_error"
    };
    Some(Model {
        task,
        entity: entity.entity.name.clone(),
        target: target.name.clone(),
        features,
        horizon: None,
        metric: Some(metric.to_owned()),
    })
}
