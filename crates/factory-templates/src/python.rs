//! Values in Python's spellings: `str()`, `repr()`, literals with double quotes, and `json.dumps`.

use std::fmt::Write as _;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

/// `str(value)`: what `{{ value }}` prints.
pub(crate) fn str_of(value: &Value) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Spelling { quote: Quote::Repr }.of(value),
    }
}

/// A Python literal with double quotes.
pub(crate) fn literal(value: &Value) -> Result<String, Error> {
    Spelling {
        quote: Quote::Double,
    }
    .of(value)
}

#[derive(Clone, Copy)]
enum Quote {
    /// As `repr()`: single quotes unless the text has some and no double ones.
    Repr,
    /// Always double quotes.
    Double,
}

struct Spelling {
    quote: Quote,
}

impl Spelling {
    fn of(&self, value: &Value) -> Result<String, Error> {
        let mut out = String::new();
        self.write(value, &mut out)?;
        Ok(out)
    }

    fn write(&self, value: &Value, out: &mut String) -> Result<(), Error> {
        match value.kind() {
            ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
            ValueKind::None => out.push_str("None"),
            ValueKind::Bool => out.push_str(if value.is_true() { "True" } else { "False" }),
            ValueKind::Number => out.push_str(&number(value)),
            ValueKind::String => self.write_text(value.as_str().unwrap_or_default(), out),
            ValueKind::Map => {
                out.push('{');
                for (index, key) in value.try_iter()?.enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    self.write(&key, out)?;
                    out.push_str(": ");
                    self.write(&value.get_item(&key)?, out)?;
                }
                out.push('}');
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let (open, close) = if value.is_tuple() {
                    ('(', ')')
                } else {
                    ('[', ']')
                };
                out.push(open);
                let mut count = 0;
                for item in value.try_iter()? {
                    out.push_str(if count == 0 { "" } else { ", " });
                    self.write(&item, out)?;
                    count += 1;
                }
                if value.is_tuple() && count == 1 {
                    out.push(',');
                }
                out.push(close);
            }
            ValueKind::Bytes | ValueKind::Plain | ValueKind::Invalid | _ => {
                let detail = format!("a {} has no Python spelling", value.kind());
                return Err(Error::new(ErrorKind::InvalidOperation, detail));
            }
        }
        Ok(())
    }

    fn write_text(&self, text: &str, out: &mut String) {
        let quote = match self.quote {
            Quote::Repr if !text.contains('\'') || text.contains('"') => '\'',
            Quote::Repr | Quote::Double => '"',
        };
        out.push(quote);
        for char in text.chars() {
            match char {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                _ if char == quote => out.extend(['\\', char]),
                _ if is_printable(char) => out.push(char),
                _ => write_escape(char, out),
            }
        }
        out.push(quote);
    }
}

fn write_escape(char: char, out: &mut String) {
    let code = u32::from(char);
    // Writing to a string cannot fail.
    let _written = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// Python's `str.isprintable` for one character, but for unassigned ones, which count as printable here.
fn is_printable(char: char) -> bool {
    let format = matches!(char,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}'
        | '\u{f0000}'..='\u{10ffff}');
    char == ' ' || !(char.is_control() || char.is_whitespace() || format)
}

/// A number as Python prints it.
pub(crate) fn number(value: &Value) -> String {
    if value.is_integer() {
        return value.to_string();
    }
    f64::try_from(value.clone()).map_or_else(|_| value.to_string(), float)
}

/// `repr(float)`: the shortest digits, an exponent outside of 1e-4 to 1e16.
pub(crate) fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let scientific = format!("{value:e}");
        let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let (sign, exponent) = exponent
            .strip_prefix('-')
            .map_or(('+', exponent), |rest| ('-', rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let plain = value.to_string();
    if plain.contains('.') {
        plain
    } else {
        format!("{plain}.0")
    }
}

/// `json.dumps(value, sort_keys=True, indent=indent)`.
pub(crate) fn json(value: &Value, indent: Option<usize>) -> Result<String, Error> {
    let mut out = String::new();
    write_json(value, indent, 0, &mut out)?;
    Ok(out)
}

fn write_json(
    value: &Value,
    indent: Option<usize>,
    depth: usize,
    out: &mut String,
) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => out.push_str("null"),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => out.push_str(&json_number(value)),
        ValueKind::String => write_json_text(value.as_str().unwrap_or_default(), out),
        ValueKind::Map => {
            let mut entries = Vec::new();
            for key in value.try_iter()? {
                let name = json_key(&key)?;
                entries.push((name, value.get_item(&key)?));
            }
            entries.sort_by(|(a, _), (b, _)| a.chars().cmp(b.chars()));
            let empty = entries.is_empty();
            out.push('{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                separate(index, indent, depth + 1, out);
                write_json_text(&key, out);
                out.push_str(": ");
                write_json(&item, indent, depth + 1, out)?;
            }
            finish(empty, indent, depth, '}', out);
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let mut empty = true;
            out.push('[');
            for (index, item) in value.try_iter()?.enumerate() {
                empty = false;
                separate(index, indent, depth + 1, out);
                write_json(&item, indent, depth + 1, out)?;
            }
            finish(empty, indent, depth, ']', out);
        }
        ValueKind::Bytes | ValueKind::Plain | ValueKind::Invalid | _ => {
            let detail = format!("a {} has no JSON spelling", value.kind());
            return Err(Error::new(ErrorKind::BadSerialization, detail));
        }
    }
    Ok(())
}

fn json_number(value: &Value) -> String {
    match number(value).as_str() {
        "nan" => "NaN".to_owned(),
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        plain => plain.to_owned(),
    }
}

fn json_key(key: &Value) -> Result<String, Error> {
    match key.kind() {
        ValueKind::String => Ok(key.as_str().unwrap_or_default().to_owned()),
        _ => json(key, None),
    }
}

fn separate(index: usize, indent: Option<usize>, depth: usize, out: &mut String) {
    match indent {
        Some(width) => {
            out.push_str(if index == 0 { "\n" } else { ",\n" });
            out.extend(std::iter::repeat_n(' ', width * depth));
        }
        None => out.push_str(if index == 0 { "" } else { ", " }),
    }
}

fn finish(empty: bool, indent: Option<usize>, depth: usize, close: char, out: &mut String) {
    if let (false, Some(width)) = (empty, indent) {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', width * depth));
    }
    out.push(close);
}

fn write_json_text(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(char),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let _written = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::value::Serde;

    fn value(json: &str) -> Value {
        let parsed: serde_json::Value = serde_json::from_str(json).unwrap();
        Value::from(Serde(&parsed))
    }

    #[test]
    fn values_print_as_python_prints_them() {
        for (input, expected) in [
            ("true", "True"),
            ("null", "None"),
            ("1.0", "1.0"),
            ("1e16", "1e+16"),
            ("0.00001", "1e-05"),
            ("123456789.125", "123456789.125"),
            (
                r#"["a", 1, null, "it's", "\"'"]"#,
                r#"['a', 1, None, "it's", '"\'']"#,
            ),
            (r#"{"a": {"b": [true]}}"#, "{'a': {'b': [True]}}"),
            (r#""plain""#, "plain"),
        ] {
            assert_eq!(str_of(&value(input)).unwrap(), expected, "{input}");
        }
    }

    #[test]
    fn literals_have_double_quotes() {
        for (input, expected) in [
            (r#""say \"hi\" \\ it's""#, r#""say \"hi\" \\ it's""#),
            (
                r#""line\nend\t\u0000\u00a0é\u200b😀""#,
                r#""line\nend\t\x00\xa0é\u200b😀""#,
            ),
            (
                r#"{"a": [1, 2.5, false, null]}"#,
                r#"{"a": [1, 2.5, False, None]}"#,
            ),
        ] {
            assert_eq!(literal(&value(input)).unwrap(), expected, "{input}");
        }
    }

    #[test]
    fn json_comes_as_python_dumps_it() {
        let input = value(r#"{"b": [], "a": [1, {"x": "é😀\u007f"}], "c": {}}"#);
        let expected = "{\n    \"a\": [\n        1,\n        {\n            \"x\": \"\\u00e9\\ud83d\\ude00\\u007f\"\n        }\n    ],\n    \"b\": [],\n    \"c\": {}\n}";
        assert_eq!(json(&input, Some(4)).unwrap(), expected);
        assert_eq!(
            json(&input, None).unwrap(),
            r#"{"a": [1, {"x": "\u00e9\ud83d\ude00\u007f"}], "b": [], "c": {}}"#
        );
    }
}
