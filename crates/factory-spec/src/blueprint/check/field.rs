//! One field by itself: its name, its type's own keys, its default.

use super::limits::USER;
use super::names::{is_snake_case, twins};
use super::values::value_fault;
use crate::blueprint::reserved::{field_instead, taken_as_field};
use crate::blueprint::types::{Field, FieldType, OnDelete};
use crate::message::shown;
use crate::name;
use crate::suggest::did_you_mean;

/// Most values of one enum.
const VALUES_MAX: usize = 60;

/// The surroundings of a field.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    /// The entity that has it.
    pub(crate) entity: &'a str,
    /// All entities of the product.
    pub(crate) entities: &'a [&'a str],
}

/// Receives a fault: the key of the field that it concerns (empty for the field), what is wrong, what would be right.
pub(crate) type Emit<'a> = &'a mut dyn FnMut(&str, String, String);

/// Checks one field without regard to its neighbours.
pub(crate) fn field_faults(field: &Field, site: &Site<'_>, emit: Emit<'_>) {
    field_name(field, site, emit);
    enum_values(field, emit);
    reference(field, site, emit);
    money(field, emit);
    bounds(field, emit);
    if let Some(default) = &field.default {
        if field.field_type.is_reference() || field.computed.is_some() {
            emit(
                "default",
                "this field cannot have a default".to_owned(),
                "leave it out".to_owned(),
            );
        } else if let Some(problem) = value_fault(field, default) {
            emit(
                "default",
                format!("the default is wrong: {problem}"),
                "give a value that fits the field".to_owned(),
            );
        }
    }
    if field.computed.is_some() {
        if !field.field_type.is_numeric() {
            let problem = format!(
                "a computed field cannot be of type {}",
                field.field_type.as_str()
            );
            emit("type", problem, "use integer, decimal or money".to_owned());
        }
        if field.unique || field.required {
            let key = if field.unique { "unique" } else { "required" };
            emit(
                key,
                "a computed field is never entered".to_owned(),
                format!("leave `{key}` out"),
            );
        }
    }
    if field.unique
        && matches!(
            field.field_type,
            FieldType::Boolean | FieldType::Json | FieldType::Refs
        )
    {
        let problem = format!(
            "a field of type {} cannot be unique",
            field.field_type.as_str()
        );
        emit("unique", problem, "leave `unique` out".to_owned());
    }
}

fn field_name(field: &Field, site: &Site<'_>, emit: Emit<'_>) {
    if !is_snake_case(&field.name) {
        let suggestion = name::snake_case(&field.name);
        let remedy = if is_snake_case(&suggestion) {
            format!("write `{suggestion}`")
        } else {
            "write a name in snake_case, such as `due_on`, at most 40 letters".to_owned()
        };
        emit(
            "name",
            format!("`{}` is not a valid field name", shown(&field.name)),
            remedy,
        );
    } else if let Some(taken) = taken_as_field(&field.name) {
        let instead = field_instead(
            &field.name,
            site.entity,
            field.field_type == FieldType::Boolean,
        );
        let remedy = match field.name.as_str() {
            "id" | "created_at" | "updated_at" => format!("leave it out, or write `{instead}`"),
            _ => format!("write `{instead}`"),
        };
        emit(
            "name",
            format!("`{}` {}", field.name, taken.reason()),
            remedy,
        );
    }
}

fn enum_values(field: &Field, emit: Emit<'_>) {
    if field.field_type != FieldType::Enum {
        if !field.values.is_empty() {
            emit(
                "values",
                "only an enum field has values".to_owned(),
                "leave `values` out, or make it an enum".to_owned(),
            );
        }
        return;
    }
    if field.values.is_empty() || field.values.len() > VALUES_MAX {
        let problem = format!("the enum has {} values", field.values.len());
        emit("values", problem, format!("list 1 to {VALUES_MAX}"));
    }
    for (index, value) in field.values.iter().enumerate() {
        if !is_snake_case(value) {
            let suggestion = name::snake_case(value);
            let remedy = if is_snake_case(&suggestion) {
                format!("write `{suggestion}`")
            } else {
                "write it in snake_case, starting with a letter".to_owned()
            };
            emit(
                "values",
                format!("`{}` is not a valid enum value", shown(value)),
                remedy,
            );
        }
        if field
            .values
            .iter()
            .take(index)
            .any(|earlier| earlier == value)
        {
            emit(
                "values",
                format!("`{}` is listed twice", shown(value)),
                "remove one".to_owned(),
            );
        }
    }
}

fn reference(field: &Field, site: &Site<'_>, emit: Emit<'_>) {
    match (&field.references, field.field_type.is_reference()) {
        (None, false) => {}
        (None, true) => emit(
            "references",
            "the reference has no target".to_owned(),
            "name the entity in `references`".to_owned(),
        ),
        (Some(_), false) => {
            emit(
                "references",
                "only ref and refs fields have `references`".to_owned(),
                "leave it out, or make it a ref".to_owned(),
            );
        }
        (Some(reference), true) => {
            let target = reference.entity.as_str();
            if target != USER && !site.entities.contains(&target) {
                let known = site.entities.iter().copied().chain([USER]);
                let remedy = did_you_mean(target, known).unwrap_or_else(|| {
                    format!(
                        "add the entity `{}`, or name one that exists",
                        shown(target)
                    )
                });
                emit(
                    "references",
                    format!("there is no entity `{}`", shown(target)),
                    remedy,
                );
            }
            if reference.on_delete == OnDelete::SetNull && field.required {
                let remedy = "use restrict or cascade, or make the field optional".to_owned();
                emit(
                    "references",
                    "a required reference cannot become empty".to_owned(),
                    remedy,
                );
            }
        }
    }
}

fn money(field: &Field, emit: Emit<'_>) {
    match (&field.currency, field.field_type) {
        (None, _) => {}
        (Some(code), FieldType::Money) => {
            if code.len() != 3 || !code.chars().all(|letter| letter.is_ascii_uppercase()) {
                let problem = format!("`{}` is not a currency code", shown(code));
                emit(
                    "currency",
                    problem,
                    "write its ISO 4217 code, such as `EUR`".to_owned(),
                );
            }
        }
        (Some(_), _) => emit(
            "currency",
            "only a money field has a currency".to_owned(),
            "leave it out".to_owned(),
        ),
    }
}

fn bounds(field: &Field, emit: Emit<'_>) {
    let number =
        |bound: &Option<serde_json::Number>| bound.as_ref().and_then(serde_json::Number::as_f64);
    for (key, bound) in [("min", &field.min), ("max", &field.max)] {
        if bound.is_some() && !field.field_type.is_numeric() {
            let problem = format!(
                "a field of type {} has no `{key}`",
                field.field_type.as_str()
            );
            emit(key, problem, "leave it out".to_owned());
        }
        if let Some(bound) = bound
            && field.field_type == FieldType::Integer
            && bound.as_i64().is_none()
        {
            emit(
                key,
                "the limit of an integer field has a fraction".to_owned(),
                "write a whole number".to_owned(),
            );
        }
    }
    if let (Some(min), Some(max)) = (number(&field.min), number(&field.max))
        && min > max
    {
        emit(
            "max",
            format!("max {max} is below min {min}"),
            "swap them".to_owned(),
        );
    }
}

/// Checks the names of all fields of an entity among each other, and the columns that references become.
pub(crate) fn names_of_fields(fields: &[Field], emit: &mut dyn FnMut(usize, String, String)) {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    for (first, second) in twins(&names) {
        let problem = format!(
            "`{}` and `{}` become the same name",
            shown(names[first]),
            shown(names[second])
        );
        emit(second, problem, "rename one of them".to_owned());
    }
    for field in fields
        .iter()
        .filter(|field| field.field_type == FieldType::Ref)
    {
        let column = format!("{}_id", field.name);
        if let Some(index) = names.iter().position(|name| *name == column) {
            let problem = format!("`{column}` is the column of the reference `{}`", field.name);
            emit(index, problem, "leave it out or rename it".to_owned());
        }
    }
}
