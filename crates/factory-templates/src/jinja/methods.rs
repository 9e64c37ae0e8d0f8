//! Methods of Python's types that minijinja-contrib leaves out.

use minijinja::value::{Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat;

use super::text::{centred, check_brace_format};

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
    if method == "format" {
        check_brace_format(text)?;
    }
    let width = || from_args::<(usize, Option<String>)>(args);
    Ok(Some(match method {
        // Beside lower case only the sharp s is common.
        "casefold" => Value::from(text.to_lowercase().replace('ß', "ss")),
        "title" => Value::from(titled(text)),
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
            let middle = if text.contains(separator) {
                separator
            } else {
                ""
            };
            Value::from((head, middle, tail))
        }
        "rpartition" => {
            let (separator,): (&str,) = from_args(args)?;
            let (head, tail) = text.rsplit_once(separator).unwrap_or(("", text));
            let middle = if text.contains(separator) {
                separator
            } else {
                ""
            };
            Value::from((head, middle, tail))
        }
        "rsplit" => Value::from(split_from_the_right(text, args)?),
        "index" => {
            let (part,): (&str,) = from_args(args)?;
            let missing =
                || Error::new(ErrorKind::InvalidOperation, "the text is not in the string");
            let before = text.split_once(part).ok_or_else(missing)?.0;
            Value::from(before.chars().count())
        }
        "isidentifier" => {
            let starts = text.starts_with(|char: char| char.is_alphabetic() || char == '_');
            Value::from(
                starts
                    && text
                        .chars()
                        .all(|char| char.is_alphanumeric() || char == '_'),
            )
        }
        _ => return Ok(None),
    }))
}

/// `str.title`: every run of letters begins with a capital.
fn titled(text: &str) -> String {
    let mut out = String::new();
    let mut in_word = false;
    for char in text.chars() {
        if in_word {
            out.extend(char.to_lowercase());
        } else {
            out.extend(char.to_uppercase());
        }
        in_word = char.is_alphabetic();
    }
    out
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
        None => words_from_the_right(text, limit),
    };
    parts.reverse();
    Ok(parts)
}

/// At most `limit` parts between white space, the last first; the rest of the text is the last one.
fn words_from_the_right(text: &str, limit: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end();
    while !rest.trim_start().is_empty() {
        let split = rest
            .rsplit_once(char::is_whitespace)
            .filter(|_| parts.len() + 1 < limit);
        let (head, word) = split.unwrap_or(("", rest));
        parts.push(word.to_owned());
        rest = head.trim_end();
    }
    parts
}
