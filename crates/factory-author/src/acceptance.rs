//! Acceptance tests that a program can run: records created by those who may, what a feature does, the outcome.

use std::collections::VecDeque;

use factory_spec::blueprint::{Acceptance, Expect, Field, FieldType, Step, Transition};
use serde_json::{Map, Number, Value, json};

use crate::access::Access;
use crate::draft::{Draft, EntityDraft};
use crate::language::with_article as a;

/// Most values that an example sets.
const VALUES_MAX: usize = 3;

/// Writes the examples of one draft.
pub(crate) struct Examples<'a> {
    pub(crate) draft: &'a Draft,
    pub(crate) access: &'a Access,
}

/// What a role does, as a verb with its object: `sends it`.
fn verb_phrase(transition: &str) -> String {
    match crate::language::verbs::find(transition) {
        Some((verb, _)) => format!("{} it", crate::language::third(verb.base)),
        None => format!("does “{}”", transition.replace('_', " ")),
    }
}

fn words_of(entity: &EntityDraft) -> String {
    factory_spec::name::words(&entity.entity.name).join(" ")
}

fn person(role: &str) -> String {
    factory_spec::name::words(role).join(" ")
}

fn step(role: &str, action: &str, entity: &EntityDraft) -> Step {
    Step {
        role: role.to_owned(),
        action: action.to_owned(),
        entity: entity.entity.name.clone(),
        ..Step::default()
    }
}

fn equals(field: &str, value: Value) -> Expect {
    Expect {
        of: Some("$record".to_owned()),
        field: Some(field.to_owned()),
        equals: Some(value),
        ..Expect::default()
    }
}

fn counts(count: u64) -> Expect {
    Expect {
        of: Some("$list".to_owned()),
        count: Some(count),
        ..Expect::default()
    }
}

impl Examples<'_> {
    /// The role that creates a record for an example in which `actor` acts: itself if it may, else the first creator.
    fn maker<'b>(&'b self, entity: &'b EntityDraft, actor: &'b str) -> &'b str {
        if self.access.may(actor, "create", &entity.entity.name) {
            return actor;
        }
        let owner = entity.entity.owner.as_deref();
        owner
            .or_else(|| entity.creators.first().map(String::as_str))
            .unwrap_or(actor)
    }

    fn create(&self, entity: &EntityDraft, actor: &str, wanted: &[String]) -> Step {
        let with = values(entity, wanted);
        Step {
            with,
            bind: Some("record".to_owned()),
            ..step(self.maker(entity, actor), "create", entity)
        }
    }

    /// A record is created and has the given values.
    pub(crate) fn creation(
        &self,
        entity: &EntityDraft,
        role: &str,
        wanted: &[String],
    ) -> Acceptance {
        let create = self.create(entity, role, wanted);
        let words = words_of(entity);
        let expect: Vec<Expect> = create
            .with
            .iter()
            .map(|(field, value)| equals(field, value.clone()))
            .collect();
        if expect.is_empty() {
            return self.listing(entity, role, 1);
        }
        Acceptance {
            given: format!("nobody has created {} yet", a(&words)),
            when: format!("the {} makes one", person(&create.role)),
            then: format!("the {words} has the given values"),
            steps: vec![create],
            expect,
        }
    }

    /// Records are created, and a role sees all of them.
    pub(crate) fn listing(&self, entity: &EntityDraft, role: &str, count: u64) -> Acceptance {
        let many = factory_spec::name::words(&entity.entity.plural).join(" ");
        let maker = self.maker(entity, role);
        let mut steps: Vec<Step> = (0..count).map(|_| step(maker, "create", entity)).collect();
        steps.push(Step {
            bind: Some("list".to_owned()),
            ..step(role, "list", entity)
        });
        let one = format!("one {}", words_of(entity));
        let these = if count == 1 {
            one
        } else {
            format!("two {many}")
        };
        Acceptance {
            given: format!("{these} created by the {}", person(maker)),
            when: format!("the {} views the {many}", person(role)),
            then: format!("{} there", if count == 1 { "it is" } else { "both are" }),
            steps,
            expect: vec![counts(count)],
        }
    }

    /// A record is changed and has the new value.
    pub(crate) fn change(&self, entity: &EntityDraft, role: &str, wanted: &[String]) -> Acceptance {
        let first = self.create(entity, role, &[]);
        let changed = settable(entity, wanted)
            .into_iter()
            .find_map(|field| Some((field, other_value_of(field)?)));
        let Some((field, value)) = changed else {
            return self.creation(entity, role, wanted);
        };
        set(entity, role, first, &field.name, value)
    }

    /// A yes-or-no field is set.
    pub(crate) fn flag(&self, entity: &EntityDraft, role: &str, field: &str) -> Acceptance {
        let create = Step {
            with: Map::new(),
            ..self.create(entity, role, &[])
        };
        set(entity, role, create, field, Value::Bool(true))
    }

    /// A record is deleted and gone.
    pub(crate) fn deletion(&self, entity: &EntityDraft, role: &str) -> Acceptance {
        let words = words_of(entity);
        let create = Step {
            with: Map::new(),
            ..self.create(entity, role, &[])
        };
        let delete = Step {
            of: Some("$record".to_owned()),
            ..step(role, "delete", entity)
        };
        let list = Step {
            bind: Some("list".to_owned()),
            ..step(role, "list", entity)
        };
        Acceptance {
            given: a(&words),
            when: format!("the {} deletes it", person(role)),
            then: "it is gone".to_owned(),
            steps: vec![create, delete, list],
            expect: vec![counts(0)],
        }
    }

    /// A record is given another.
    pub(crate) fn assignment(
        &self,
        entity: &EntityDraft,
        role: &str,
        field: &str,
        other: &EntityDraft,
    ) -> Acceptance {
        let is_one = entity
            .entity
            .field(field)
            .is_some_and(|field| field.field_type == FieldType::Ref);
        if !is_one || entity.entity.name == other.entity.name {
            return self.change(entity, role, &[]);
        }
        let given = Step {
            bind: Some("given".to_owned()),
            ..step(self.maker(other, role), "create", other)
        };
        let create = Step {
            with: Map::new(),
            ..self.create(entity, role, &[])
        };
        let mut acceptance = set(entity, role, create, field, json!("$given"));
        acceptance.steps.insert(0, given);
        let (words, others) = (words_of(entity), words_of(other));
        acceptance.given = format!("{} and {}", a(&words), a(&others));
        acceptance.when = format!("the {} assigns the {others}", person(role));
        acceptance.then = format!("the {words} has this {others}");
        acceptance
    }

    /// A quantity times a price gives the total.
    pub(crate) fn total(&self, entity: &EntityDraft, role: &str) -> Option<Acceptance> {
        let total = entity
            .entity
            .fields
            .iter()
            .find(|field| field.computed.is_some())?;
        let (left, right) = total.computed.as_deref()?.split_once(" * ")?;
        let (reference, quantity) = left.split_once('.')?;
        let (_, price) = right.split_once('.')?;
        let target = entity.entity.field(reference)?.references.as_ref()?;
        let home = self.draft.entity(&target.entity)?;
        let with = Map::from_iter([
            (quantity.to_owned(), json!(1000)),
            (price.to_owned(), json!("0.12")),
        ]);
        let base = Step {
            with,
            bind: Some("base".to_owned()),
            ..step(self.maker(home, role), "create", home)
        };
        let with = Map::from_iter([(reference.to_owned(), json!("$base"))]);
        let create = Step {
            with,
            bind: Some("record".to_owned()),
            ..step(self.maker(entity, role), "create", entity)
        };
        let (words, others) = (words_of(entity), words_of(home));
        let (quantity, price) = (quantity.replace('_', " "), price.replace('_', " "));
        Some(Acceptance {
            given: format!(
                "{} with a {quantity} of 1,000 and a {price} of 0.12",
                a(&others)
            ),
            when: format!("the {} makes its {words}", person(&create.role)),
            then: format!("the {} is 120.00", total.name.replace('_', " ")),
            steps: vec![base, create],
            expect: vec![equals(&total.name, json!("120.00"))],
        })
    }

    /// A record is led to a transition and through it; then the same where it must be refused.
    pub(crate) fn moves(&self, entity: &EntityDraft, role: &str, name: &str) -> Vec<Acceptance> {
        let Some((steps, transition, state)) = self.path(entity, role, name) else {
            return Vec::new();
        };
        let words = words_of(entity);
        let (done, state_words) = (verb_phrase(name), state.replace('_', " "));
        let field = entity
            .entity
            .workflow
            .as_ref()
            .map_or("", |workflow| workflow.field.as_str());
        let works = Acceptance {
            given: format!("{} that is {}", a(&words), state_words),
            when: format!("the {} {done}", person(role)),
            then: format!("the {words} is {}", transition.to.replace('_', " ")),
            steps: steps.clone(),
            expect: vec![equals(field, Value::String(transition.to.clone()))],
        };
        let initial = initial_state(entity).unwrap_or_default();
        let last = steps.last().cloned();
        let refused_steps: Vec<Step> = if transition.from.contains(&initial) {
            steps.iter().cloned().chain(last).collect()
        } else {
            steps.first().cloned().into_iter().chain(last).collect()
        };
        let at = if transition.from.contains(&initial) {
            &transition.to
        } else {
            &initial
        };
        let mut acceptances = vec![works];
        if !transition.from.contains(at) {
            acceptances.push(Acceptance {
                given: format!("{} that is {}", a(&words), at.replace('_', " ")),
                when: format!("the {} {done}", person(role)),
                then: "this is refused".to_owned(),
                steps: refused_steps,
                expect: vec![Expect {
                    refused: true,
                    ..Expect::default()
                }],
            });
        }
        acceptances
    }

    /// The steps that make a record and lead it through a transition, and the state before the last one.
    fn path<'b>(
        &self,
        entity: &'b EntityDraft,
        role: &str,
        name: &str,
    ) -> Option<(Vec<Step>, &'b Transition, String)> {
        let transition = entity.entity.transition(name)?;
        let initial = initial_state(entity)?;
        let before = shortest_path(entity, &initial, &transition.from)?;
        let state = before.last().map_or(initial, |last| last.to.clone());
        let owner = entity.entity.owner.as_deref();
        let actors: Vec<String> = before
            .iter()
            .map(|step| actor(step, role))
            .chain([role.to_owned()])
            .collect();
        // A role that may act only on its own records must have created this one.
        let maker = actors
            .iter()
            .find(|actor| owner == Some(actor.as_str()))
            .cloned();
        let maker = maker.unwrap_or_else(|| self.maker(entity, role).to_owned());
        let mut steps = vec![Step {
            bind: Some("record".to_owned()),
            ..step(&maker, "create", entity)
        }];
        let done = before.iter().copied().chain([transition]);
        for (transition, actor) in done.zip(&actors) {
            steps.push(Step {
                of: Some("$record".to_owned()),
                ..step(actor, &transition.name, entity)
            });
        }
        Some((steps, transition, state))
    }

    /// A record with a day holds that day; the notification itself is tested by the template from the story's detail.
    pub(crate) fn day(&self, entity: &EntityDraft, role: &str, field: &str) -> Acceptance {
        self.creation(entity, role, &[field.to_owned()])
    }
}

/// A record is changed in one field.
fn set(entity: &EntityDraft, role: &str, create: Step, field: &str, value: Value) -> Acceptance {
    let words = words_of(entity);
    let mut with = Map::new();
    with.insert(field.to_owned(), value.clone());
    let update = Step {
        of: Some("$record".to_owned()),
        with,
        ..step(role, "update", entity)
    };
    Acceptance {
        given: a(&words),
        when: format!(
            "the {} changes its {}",
            person(role),
            field.replace('_', " ")
        ),
        then: format!("the {words} has the new value"),
        steps: vec![create, update],
        expect: vec![equals(field, value)],
    }
}

/// The role that makes a transition: that of the story if it may, else the first that may.
fn actor(transition: &Transition, role: &str) -> String {
    if transition.roles.iter().any(|named| named == role) {
        return role.to_owned();
    }
    transition
        .roles
        .first()
        .cloned()
        .unwrap_or_else(|| role.to_owned())
}

fn initial_state(entity: &EntityDraft) -> Option<String> {
    let workflow = entity.entity.workflow.as_ref()?;
    entity
        .entity
        .field(&workflow.field)?
        .default
        .as_ref()?
        .as_str()
        .map(str::to_owned)
}

/// The shortest sequence of transitions from a state to one of `goals`.
fn shortest_path<'a>(
    entity: &'a EntityDraft,
    initial: &str,
    goals: &[String],
) -> Option<Vec<&'a Transition>> {
    let transitions = || {
        entity
            .entity
            .workflow
            .iter()
            .flat_map(|workflow| &workflow.transitions)
    };
    let mut open: VecDeque<(String, Vec<&Transition>)> =
        VecDeque::from([(initial.to_owned(), Vec::new())]);
    let mut seen: Vec<String> = Vec::new();
    while let Some((state, path)) = open.pop_front() {
        if goals.contains(&state) {
            return Some(path);
        }
        if seen.contains(&state) {
            continue;
        }
        for transition in transitions().filter(|transition| transition.from.contains(&state)) {
            let longer = path.iter().copied().chain([transition]).collect();
            open.push_back((transition.to.clone(), longer));
        }
        seen.push(state);
    }
    None
}

/// Fields that an example can set, the wanted ones first.
fn settable<'a>(entity: &'a EntityDraft, wanted: &[String]) -> Vec<&'a Field> {
    let state = entity
        .entity
        .workflow
        .as_ref()
        .map(|workflow| workflow.field.as_str());
    let mut fields: Vec<&Field> = entity
        .entity
        .fields
        .iter()
        .filter(|field| {
            field.computed.is_none()
                && state != Some(field.name.as_str())
                && value_of(field).is_some()
        })
        .collect();
    fields.sort_by_key(
        |field| match (wanted.contains(&field.name), field.required) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        },
    );
    fields
}

fn values(entity: &EntityDraft, wanted: &[String]) -> Map<String, Value> {
    let fields = settable(entity, wanted)
        .into_iter()
        .take(VALUES_MAX.max(wanted.len().min(6)));
    fields
        .filter_map(|field| Some((field.name.clone(), value_of(field)?)))
        .collect()
}

/// A value that fits a field; `None` for kinds that an example does not set.
fn value_of(field: &Field) -> Option<Value> {
    Some(match field.field_type {
        FieldType::Text => json!(format!("Example {}", field.name.replace('_', " "))),
        FieldType::LongText => json!("A few words about it."),
        FieldType::Integer => json!(bounded(field, 3)?),
        FieldType::Decimal => json!(bounded(field, 12)?.to_string()),
        FieldType::Money => json!(format!("{}.00", bounded(field, 120)?)),
        FieldType::Boolean => json!(true),
        FieldType::Date => json!("2026-03-02"),
        FieldType::Datetime => json!("2026-03-02T09:00:00Z"),
        FieldType::Enum => json!(field.values.first()?),
        FieldType::Email => json!("ada@example.com"),
        FieldType::Url => json!("https://example.com"),
        FieldType::Phone => json!("+49 30 1234567"),
        FieldType::File
        | FieldType::GeoPoint
        | FieldType::Json
        | FieldType::Ref
        | FieldType::Refs => return None,
    })
}

/// Another value that fits, for a change.
fn other_value_of(field: &Field) -> Option<Value> {
    Some(match field.field_type {
        FieldType::Text => json!(format!("Another {}", field.name.replace('_', " "))),
        FieldType::LongText => json!("Other words about it."),
        FieldType::Date => json!("2026-04-03"),
        FieldType::Datetime => json!("2026-04-03T10:00:00Z"),
        FieldType::Enum => json!(field.values.last()?),
        _ => value_of(field)?,
    })
}

/// A whole number near `wanted` within the field's bounds.
fn bounded(field: &Field, wanted: i64) -> Option<i64> {
    let bound = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_f64);
    let (min, max) = (bound(&field.min), bound(&field.max));
    let fits = |candidate: i64| {
        let value = f64::from(i32::try_from(candidate).ok()?);
        let within = min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max);
        within.then_some(candidate)
    };
    let near =
        |bound: Option<f64>| bound.and_then(|bound| format!("{bound:.0}").parse::<i64>().ok());
    let around = [near(min), near(max)]
        .into_iter()
        .flatten()
        .flat_map(|bound| [bound, bound + 1, bound - 1]);
    [wanted, 1, 0].into_iter().chain(around).find_map(fits)
}
