//! Whether a value fits a field.

use serde_json::Value;

use crate::blueprint::types::{Field, FieldType};
use crate::message::{kind_of, quoted, shown};

/// Why a value does not fit a field other than a reference; `None` when it fits.
pub(crate) fn value_fault(field: &Field, value: &Value) -> Option<String> {
    let text = value.as_str();
    match field.field_type {
        FieldType::Text
        | FieldType::LongText
        | FieldType::Url
        | FieldType::Phone
        | FieldType::File => wanted(text.is_some(), value, "text"),
        FieldType::Email => wanted(
            text.is_some_and(|text| text.contains('@')),
            value,
            "an address with `@`",
        ),
        FieldType::Boolean => wanted(value.is_boolean(), value, "true or false"),
        FieldType::Integer => wanted(value.as_i64().is_some(), value, "a whole number")
            .or_else(|| out_of_bounds(field, value)),
        FieldType::Decimal | FieldType::Money => wanted(amount(value).is_some(), value, "a number")
            .or_else(|| out_of_bounds(field, value)),
        FieldType::Date => wanted(
            text.is_some_and(|text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()),
            value,
            "a day such as 2026-03-01",
        ),
        FieldType::Datetime => wanted(
            text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            value,
            "a time such as 2026-03-01T09:00:00Z",
        ),
        FieldType::Enum => {
            let values: Vec<&str> = field.values.iter().map(String::as_str).collect();
            wanted(
                text.is_some_and(|text| values.contains(&text)),
                value,
                &format!("one of {}", quoted(&values)),
            )
        }
        FieldType::GeoPoint => {
            let has = |key| value.get(key).is_some_and(Value::is_number);
            wanted(
                has("lat") && has("lon"),
                value,
                "an object with `lat` and `lon`",
            )
        }
        FieldType::Json | FieldType::Ref | FieldType::Refs => None,
    }
}

fn wanted(fits: bool, value: &Value, what: &str) -> Option<String> {
    (!fits).then(|| match value {
        Value::String(text) => format!("`{}` is not {what}", shown(text)),
        _ => format!("this is {}, not {what}", kind_of(value)),
    })
}

fn out_of_bounds(field: &Field, value: &Value) -> Option<String> {
    let value = amount(value)?;
    let min = field.min.as_ref().and_then(serde_json::Number::as_f64);
    let max = field.max.as_ref().and_then(serde_json::Number::as_f64);
    if let Some(min) = min.filter(|min| value < *min) {
        return Some(format!("{value} is below the minimum {min}"));
    }
    max.filter(|max| value > *max)
        .map(|max| format!("{value} is above the maximum {max}"))
}

/// Reads a number, or a number written as a text, which keeps its digits.
pub(super) fn amount(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let plain = !digits.is_empty()
                && digits
                    .chars()
                    .all(|letter| letter.is_ascii_digit() || letter == '.');
            if plain { text.parse().ok() } else { None }
        }
        _ => None,
    }
}
