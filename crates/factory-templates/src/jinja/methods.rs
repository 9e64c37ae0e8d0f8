//! Methods of Python's types that minijinja-contrib leaves out.

use minijinja::value::{Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat;

use super::filters::centred;

/// Calls a method that the value itself does not have.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let own = match (value.kind(), value.as_str()) {
        (ValueKind::String, Some(text)) => text_method(text, method, args)?,
        (ValueKind::Seq, _) if method == "index" => {
            let (item,): (Value,) = from_args(args)?;
            let found = value.try_iter()?.position(|candidate| candidate == item);
            let missing = || Error::new(ErrorKind::InvalidOperation, "the item is not in the list");
            Some(Value::from(found.ok_or_else(missing)?))
        }
        _ => None,
    };
    match own {
        Some(result) => Ok(result),
        None => pycompat::unknown_method_callback(state, value, method, args),
    }
}

fn text_method(text: &str, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    let width = || from_args::<(usize, Option<String>)>(args);
    Ok(Some(match method {
        "casefold" => Value::from(text.to_lowercase()),
        "swapcase" => Value::from(swapped(text)),
        "zfill" => Value::from(zero_filled(text, width()?.0)),
        "center" => Value::from(centred(text, width()?.0)),
        "ljust" => Value::from(format!("{text}{}", fill(text, &width()?))),
        "rjust" => Value::from(format!("{}{text}", fill(text, &width()?))),
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(args)?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(args)?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "partition" => {
            let (separator,): (&str,) = from_args(args)?;
            let (head, tail) = text.split_once(separator).unwrap_or((text, ""));
            let middle = if text.contains(separator) { separator } else { "" };
            Value::from((head, middle, tail))
        }
        "rpartition" => {
            let (separator,): (&str,) = from_args(args)?;
            let (head, tail) = text.rsplit_once(separator).unwrap_or(("", text));
            let middle = if text.contains(separator) { separator } else { "" };
            Value::from((head, middle, tail))
        }
        "rsplit" => Value::from(split_from_the_right(text, args)?),
        "index" => {
            let (part,): (&str,) = from_args(args)?;
            let missing = || Error::new(ErrorKind::InvalidOperation, "the text is not in the string");
            let before = text.split_once(part).ok_or_else(missing)?.0;
            Value::from(before.chars().count())
        }
        "isidentifier" => {
            let starts = text.starts_with(|char: char| char.is_alphabetic() || char == '_');
            Value::from(starts && text.chars().all(|char| char.is_alphanumeric() || char == '_'))
        }
        _ => return Ok(None),
    }))
}

fn swapped(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        if char.is_uppercase() {
            out.extend(char.to_lowercase());
        } else {
            out.extend(char.to_uppercase());
        }
    }
    out
}

fn zero_filled(text: &str, width: usize) -> String {
    let missing = width.min(1_000_000).saturating_sub(text.chars().count());
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = text.strip_suffix(digits).unwrap_or_default();
    format!("{sign}{}{digits}", "0".repeat(missing))
}

fn fill(text: &str, (width, with): &(usize, Option<String>)) -> String {
    let missing = (*width).min(1_000_000).saturating_sub(text.chars().count());
    with.as_deref().unwrap_or(" ").repeat(missing)
}

fn split_from_the_right(text: &str, args: &[Value]) -> Result<Vec<String>, Error> {
    let (separator, max): (Option<&str>, Option<i64>) = from_args(args)?;
    let max = max.and_then(|max| usize::try_from(max).ok());
    let limit = max.map_or(usize::MAX, |max| max.saturating_add(1));
    let mut parts: Vec<String> = match separator {
        Some(separator) => text.rsplitn(limit, separator).map(str::to_owned).collect(),
        None => {
            let words: Vec<&str> = text.split_whitespace().collect();
            if words.len() < limit {
                words.into_iter().rev().map(str::to_owned).collect()
            } else {
                let mut rest = text.trim_end();
                let mut parts = Vec::new();
                while parts.len() + 1 < limit {
                    let Some((head, tail)) = rest.rsplit_once(char::is_whitespace) else { break };
                    parts.push(tail.to_owned());
                    rest = head.trim_end();
                }
                parts.push(rest.to_owned());
                parts
            }
        }
    };
    parts.reverse();
    Ok(parts)
}
