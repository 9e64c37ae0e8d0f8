//! Fields that follow from what a thing is: usual ones of well-known records, and what a story cannot do without.

use factory_spec::blueprint::{Field, FieldType};
use factory_spec::name::capitalised;

use crate::draft::{Draft, EntityDraft, shape};
use crate::language::{known, with_article};

/// Completes the fields of every derived entity.
pub(crate) fn complete(draft: &mut Draft) {
    for index in 0..draft.entities.len() {
        let Some(entity) = draft.entities.get_mut(index) else {
            continue;
        };
        if entity.is_fixed {
            continue;
        }
        let added = usual(entity);
        order(&mut entity.entity.fields);
        let words = entity.words.join(" ");
        if !added.is_empty() {
            let names: Vec<String> = added.iter().map(|name| name.replace('_', " ")).collect();
            let text = format!(
                "{} has: {}.",
                capitalised(&with_article(&words)),
                names.join(", ")
            );
            draft.assume(text, "usual for such a record");
        }
    }
}

fn usual(draft: &mut EntityDraft) -> Vec<String> {
    let head = draft.words.last().cloned().unwrap_or_default();
    let said = draft.entity.fields.clone();
    let mut added = Vec::new();
    for (name, short) in known::fields_of(&head, draft.is_person) {
        let field = field_of(name, short);
        if draft.entity.field(name).is_some() || is_said_otherwise(&said, &field) {
            continue;
        }
        added.extend(draft.add(field));
    }
    if !draft
        .entity
        .fields
        .iter()
        .any(|field| !field.field_type.is_reference() && field.computed.is_none())
    {
        added.extend(draft.add(field_of("name", "text!")));
    }
    added
}

/// Whether the brief already names a field of the same meaning: another amount, another day.
fn is_said_otherwise(said: &[Field], wanted: &Field) -> bool {
    if wanted.required {
        return false;
    }
    let is_time = |field_type| matches!(field_type, FieldType::Date | FieldType::Datetime);
    said.iter().any(|field| {
        (field.field_type == FieldType::Money && wanted.field_type == FieldType::Money)
            || (is_time(field.field_type) && is_time(wanted.field_type))
            || (field.field_type == FieldType::LongText && wanted.field_type == FieldType::LongText)
            || (field.field_type == FieldType::File && wanted.field_type == FieldType::File)
    })
}

/// Reads the short form of the tables: a type, `!` required, `^` unique; `rating` is one to five.
fn field_of(name: &str, short: &str) -> Field {
    let word = short.trim_end_matches(['!', '^']);
    let is_rating = word == "rating";
    let field_type = if is_rating {
        FieldType::Integer
    } else {
        word.parse().unwrap_or_default()
    };
    let mut field = Field {
        name: name.to_owned(),
        field_type,
        required: short.contains('!'),
        unique: short.contains('^'),
        ..Field::default()
    };
    shape(&mut field);
    if is_rating {
        field.min = Some(1.into());
        field.max = Some(5.into());
    }
    field
}

/// Sorts fields: what identifies a record, what it belongs to, the rest, its state.
fn order(fields: &mut [Field]) {
    fields.sort_by_key(|field| match field.field_type {
        _ if field.computed.is_some() => 4,
        FieldType::Ref | FieldType::Refs => 2,
        FieldType::Enum => 5,
        _ if field.required => 1,
        _ => 3,
    });
}

/// A number of the entity that can be added up; amounts first.
pub(crate) fn number_of(draft: &EntityDraft) -> Option<String> {
    let numbers = || {
        draft
            .entity
            .fields
            .iter()
            .filter(|field| field.field_type.is_numeric())
    };
    let amount = numbers()
        .find(|field| field.field_type == FieldType::Money && !field.name.contains("rate"));
    amount
        .or_else(|| numbers().next())
        .map(|field| field.name.clone())
}

/// A day of the entity that one can wait for; added if there is none and the entity can take one.
///
/// `text` is the sentence that waits for it and may say which: `before an invoice is due`.
pub(crate) fn day_of(draft: &mut EntityDraft, text: &str) -> Option<String> {
    let days = || {
        draft
            .entity
            .fields
            .iter()
            .filter(|field| matches!(field.field_type, FieldType::Date | FieldType::Datetime))
    };
    let is_due = text.to_lowercase().contains("due");
    let said = days()
        .find(|field| is_due && field.name.contains("due"))
        .map(|field| field.name.clone());
    let waited = |field: &&Field| {
        ["due", "start", "expire", "end", "until", "schedul"]
            .iter()
            .any(|part| field.name.contains(part))
    };
    let known = days()
        .find(waited)
        .or_else(|| days().next())
        .map(|field| field.name.clone());
    if let Some(name) = said.or_else(|| known.filter(|_| !is_due)) {
        return Some(name);
    }
    draft.add(Field {
        name: "due_on".to_owned(),
        field_type: FieldType::Date,
        ..Field::default()
    })
}
