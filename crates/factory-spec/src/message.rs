//! Pieces of messages: quoted words, cut so that hostile input stays on one short line, and kinds of values.

use serde_json::Value;

/// Longest quotation from an input, in characters.
const QUOTE_LENGTH_MAX: usize = 60;

/// Names the kind of a value for people.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A word of the input as a message may quote it: short and on one line.
pub(crate) fn shown(word: &str) -> String {
    let mut text = String::new();
    for letter in word.chars().take(QUOTE_LENGTH_MAX) {
        if letter.is_control() {
            text.extend(letter.escape_debug());
        } else {
            text.push(letter);
        }
    }
    if word.chars().count() > QUOTE_LENGTH_MAX {
        text.push('…');
    }
    text
}

/// Joins words for a message: `` `a`, `b` ``.
pub(crate) fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_short_and_on_one_line() {
        assert_eq!(shown("a\nb\u{7}"), "a\\nb\\u{7}");
        assert_eq!(shown(&"x".repeat(60)), "x".repeat(60));
        assert_eq!(shown(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
    }
}
