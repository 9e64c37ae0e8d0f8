//! What a scalar without quotes stands for.

use serde_json::{Number, Value};

use crate::fault::Fault;
use crate::position::Position;

/// The value of a plain scalar by the core schema, section 10.3.2 of YAML 1.2.2.
pub(super) fn plain_scalar(text: &str, position: Position) -> Result<Value, Fault> {
    let number = match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ if is_special_float(text) => None,
        _ => match integer(text) {
            Some(_) if text.starts_with('-') => text.parse::<i64>().ok().map(Number::from),
            Some((radix, digits)) => u64::from_str_radix(digits, radix).ok().map(Number::from),
            None if is_float(text) => text.parse().ok().and_then(Number::from_f64),
            None => return Ok(Value::String(text.to_owned())),
        },
    };
    number.map(Value::Number).ok_or_else(|| {
        let problem = format!("the number `{text}` cannot be represented");
        Fault::in_text(
            position,
            problem,
            "write a smaller one, or put it in quotes if it is text",
        )
    })
}

/// Radix and digits, without sign and prefix, if `text` is an integer.
fn integer(text: &str) -> Option<(u32, &str)> {
    let (radix, digits) = if let Some(digits) = text.strip_prefix("0x") {
        (16, digits)
    } else if let Some(digits) = text.strip_prefix("0o") {
        (8, digits)
    } else {
        (10, text.strip_prefix(['+', '-']).unwrap_or(text))
    };
    let is_integer = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    is_integer.then_some((radix, digits))
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(text: &str) -> bool {
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_right = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && are_digits(digits)
    });
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    has_digits && are_digits(whole) && are_digits(fraction) && exponent_is_right
}

fn is_special_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}
