//! Reads YAML written by people: briefs and plans.
//!
//! The result is a JSON value that remembers where each of its parts stood, so that every later
//! complaint can name line and column. What makes YAML surprising is refused instead of guessed:
//! duplicate keys, anchors, tags, several documents. Plain scalars follow the core schema of YAML
//! 1.2: `no` and `12:30` are texts.

use std::collections::HashMap;
use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Map, Number, Value};

/// Largest text that is read, in bytes.
const BYTES_MAX: usize = 1 << 20;
/// Deepest nesting of lists and mappings.
const DEPTH_MAX: usize = 64;

/// A place in a text. Both numbers count from one; a column is a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a text could not be read, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {remedy}")]
pub struct Fault {
    /// Where it is wrong, if it is in one place.
    pub position: Option<Position>,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
}

impl Fault {
    fn new(
        position: impl Into<Option<Position>>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            position: position.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// What was read, and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The content.
    pub value: Value,
    places: HashMap<String, Place>,
}

/// Where a key and its value stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    key: Option<Position>,
    value: Position,
}

impl Document {
    /// Where the value at this JSON pointer (`/features/0`; empty for the whole) begins.
    ///
    /// A value that is left empty stands where its key stands.
    pub fn position(&self, pointer: &str) -> Option<Position> {
        self.places.get(pointer).map(|place| place.value)
    }

    /// Where the key of the mapping entry at this JSON pointer begins.
    pub fn key_position(&self, pointer: &str) -> Option<Position> {
        self.places.get(pointer).and_then(|place| place.key)
    }
}

/// Reads one YAML document.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse(bytes: &[u8]) -> Result<Document, Fault> {
    let text = decode(bytes)?;
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        text: text.chars().collect(),
        places: HashMap::new(),
    };
    let value = reader.document()?;
    Ok(Document {
        value,
        places: reader.places,
    })
}

fn decode(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() > BYTES_MAX {
        let problem = format!("the file is {} bytes long", bytes.len());
        return Err(Fault::new(
            None,
            problem,
            format!("at most {BYTES_MAX} bytes are read"),
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Fault::new(None, "the file is UTF-16", "save it as UTF-8"));
    }
    let text = str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let before = String::from_utf8_lossy(bytes.get(..offset).unwrap_or_default());
        let byte = bytes.get(offset).copied().unwrap_or_default();
        let problem = format!("the byte 0x{byte:02x} at offset {offset} is not UTF-8");
        Fault::new(end_of(&before), problem, "save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The parser takes a NUL for the end of the text: what follows would be lost without a word.
    let is_forbidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    match text.char_indices().find(|(_, c)| is_forbidden(*c)) {
        None => Ok(text),
        Some((offset, c)) => Err(Fault::new(
            end_of(text.get(..offset).unwrap_or_default()),
            format!("there is a control character, U+{:04X}", u32::from(c)),
            "remove it, or write it as an escape in double quotes",
        )),
    }
}

/// The place right after `text`.
fn end_of(text: &str) -> Position {
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    Position {
        line: text.matches('\n').count() + 1,
        column: last_line.chars().count() + 1,
    }
}

fn start_of(span: Span) -> Position {
    Position {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

struct Reader<'text> {
    parser: Parser<'text, StrInput<'text>>,
    /// By character, as the parser counts.
    text: Vec<char>,
    places: HashMap<String, Place>,
}

impl<'text> Reader<'text> {
    fn document(&mut self) -> Result<Value, Fault> {
        loop {
            match self.next()? {
                (Event::DocumentStart(_), _) => break,
                (Event::StreamEnd, _) => {
                    let remedy = "write at least one line `key: value`";
                    return Err(Fault::new(None, "there is nothing in the file", remedy));
                }
                _ => {}
            }
        }
        let (event, span) = self.next()?;
        let value = self.node(event, span, "", None, 0)?;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(value),
                (Event::DocumentStart(_), span) => {
                    let remedy = "keep one document and remove the lines `---` between them";
                    return Err(Fault::new(
                        start_of(span),
                        "a second document begins",
                        remedy,
                    ));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'text>, Span), Fault> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(syntax_fault(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// Reads the value that begins with `event` and notes where it and its key stand.
    fn node(
        &mut self,
        event: Event<'text>,
        span: Span,
        pointer: &str,
        key: Option<Position>,
        depth: usize,
    ) -> Result<Value, Fault> {
        let mut position = start_of(span);
        check_node(&event, position)?;
        if let (Some(key), true) = (key, self.is_left_empty(&event, span)) {
            position = key;
        }
        self.places.insert(
            pointer.to_owned(),
            Place {
                key,
                value: position,
            },
        );
        if depth >= DEPTH_MAX && !matches!(event, Event::Scalar(..)) {
            let problem = format!("lists and mappings are nested more than {DEPTH_MAX} deep");
            return Err(Fault::new(position, problem, "write it flatter"));
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain_scalar(&text, position),
            Event::Scalar(text, ..) => Ok(Value::String(text.into_owned())),
            Event::SequenceStart(..) => self.list(pointer, depth),
            Event::MappingStart(..) => self.mapping(pointer, depth),
            _ => Err(Fault::new(position, "a value is missing", "write one")),
        }
    }

    fn list(&mut self, pointer: &str, depth: usize) -> Result<Value, Fault> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::Array(items));
            }
            let pointer = format!("{pointer}/{}", items.len());
            items.push(self.node(event, span, &pointer, None, depth + 1)?);
        }
    }

    fn mapping(&mut self, pointer: &str, depth: usize) -> Result<Value, Fault> {
        let mut entries = Map::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Value::Object(entries));
            }
            let position = start_of(span);
            check_node(&event, position)?;
            let name = self.key(event, span)?;
            let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            if let Some(first) = self.places.get(&pointer).and_then(|place| place.key) {
                let problem = format!(
                    "the key `{name}` is there twice, first in line {}",
                    first.line
                );
                return Err(Fault::new(position, problem, "keep one of the two"));
            }
            let (event, span) = self.next()?;
            let value = self.node(event, span, &pointer, Some(position), depth + 1)?;
            entries.insert(name, value);
        }
    }

    fn key(&self, event: Event<'text>, span: Span) -> Result<String, Fault> {
        let position = start_of(span);
        let remedy = "write a name before the `:`";
        if self.is_left_empty(&event, span) {
            return Err(Fault::new(position, "an entry has no key", remedy));
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => {
                let remedy = "write the entries out";
                Err(Fault::new(
                    position,
                    "merge keys (`<<`) are not read",
                    remedy,
                ))
            }
            Event::Scalar(text, ..) => Ok(text.into_owned()),
            _ => Err(Fault::new(position, "a key is a list or a mapping", remedy)),
        }
    }

    // The parser reports a value that is not there as a plain `~`, at whatever stands next.
    fn is_left_empty(&self, event: &Event<'_>, span: Span) -> bool {
        matches!(event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "~")
            && self.text.get(span.start.index()) != Some(&'~')
    }
}

/// Refuses what hides a value behind something else.
fn check_node(event: &Event<'_>, position: Position) -> Result<(), Fault> {
    let (anchor, tag) = match event {
        Event::Alias(_) => (1, None),
        Event::Scalar(_, _, anchor, tag)
        | Event::SequenceStart(anchor, tag)
        | Event::MappingStart(anchor, tag) => (*anchor, tag.as_ref()),
        _ => (0, None),
    };
    if let Some(tag) = tag {
        let remedy = "remove the tag; put the value in quotes if it is meant as text";
        return Err(Fault::new(
            position,
            format!("the tag `{tag}` is not read"),
            remedy,
        ));
    }
    if anchor != 0 {
        let problem = "anchors (`&name`) and aliases (`*name`) are not read";
        let remedy = "write the value out; put it in quotes if it is a text that begins so";
        return Err(Fault::new(position, problem, remedy));
    }
    Ok(())
}

/// The value of a plain scalar by the core schema, section 10.3.2 of YAML 1.2.2.
fn plain_scalar(text: &str, position: Position) -> Result<Value, Fault> {
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
        Fault::new(
            position,
            problem,
            "write a smaller one, or put it in quotes if it is a text",
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

/// Puts the parser's complaint into words that help who wrote the text.
fn syntax_fault(error: &ScanError) -> Fault {
    let mark = error.marker();
    let position = Position {
        line: mark.line(),
        column: mark.col() + 1,
    };
    let info = error.info();
    let known = [
        (
            "mapping values are not allowed",
            "put the text in quotes if `: ` belongs to it, or indent the key like its neighbours",
        ),
        ("quoted scalar", "close the quotes"),
        ("tab", "indent with spaces"),
        (
            "illegal placement of ':'",
            "close the list or the mapping that is open, or use quotes",
        ),
        (
            "flow sequence",
            "separate the items by `,` and close the list with `]`",
        ),
        (
            "flow mapping",
            "separate the entries by `,` and close the mapping with `}`",
        ),
        (
            "unknown anchor",
            "put the text in quotes: `*` has a meaning at its start",
        ),
        (
            "unexpected character",
            "put the text in quotes: it may not begin with this character",
        ),
        ("recursion limit", "write it flatter"),
        (
            "simple key",
            "write `key: value`, with a space after the colon",
        ),
        (
            "block mapping",
            "indent all keys of a mapping alike and write each as `key: value`",
        ),
        (
            "block collection",
            "indent all items of a list alike and begin each with `- `",
        ),
    ];
    let remedy = known.iter().find(|(part, _)| info.contains(part)).map_or(
        "check the indentation, and put texts with `: `, ` #` or brackets in quotes",
        |(_, remedy)| remedy,
    );
    Fault::new(position, info, remedy)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> Value {
        parse(text.as_bytes()).unwrap().value
    }

    /// `line:column problem; remedy`, without the place if there is none.
    fn fault(text: impl AsRef<[u8]>) -> String {
        let fault = parse(text.as_ref()).unwrap_err();
        fault.position.map_or_else(
            || fault.to_string(),
            |position| format!("{position} {fault}"),
        )
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let cases = [
            ("~", json!(null)),
            ("Null", json!(null)),
            ("TRUE", json!(true)),
            ("False", json!(false)),
            ("yes", json!("yes")),
            ("no", json!("no")),
            ("12", json!(12)),
            ("-7", json!(-7)),
            ("+7", json!(7)),
            ("007", json!(7)),
            ("0o17", json!(15)),
            ("0xfF", json!(255)),
            ("0x", json!("0x")),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("2.", json!(2.0)),
            ("-1e3", json!(-1000.0)),
            ("1e", json!("1e")),
            (".", json!(".")),
            ("-", json!([null])),
            ("1.2.3", json!("1.2.3")),
            ("12:30", json!("12:30")),
            ("2024-01-31", json!("2024-01-31")),
            ("1_000", json!("1_000")),
            ("'12'", json!("12")),
            ("\"true\"", json!("true")),
            ("|\n  a\n  b\n", json!("a\nb\n")),
            (">-\n  a\n  b\n", json!("a b")),
            ("größer", json!("größer")),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_that_json_cannot_hold_are_refused() {
        for number in [
            "18446744073709551616",
            "-9223372036854775809",
            "1e999",
            ".inf",
            "-.INF",
            ".nan",
        ] {
            let problem = fault(format!("a: {number}"));
            assert!(
                problem.starts_with(&format!("1:4 the number `{number}` cannot")),
                "{problem}"
            );
        }
    }

    #[test]
    fn keys_and_values_remember_where_they_stood() {
        let text = "\u{feff}name: Ledgerly\nfounder: { skills: [py, 'l, n'] }\nempty:\nentities:\n  \
                    Größe/~: { a: ~ }\n  B:\n    - x\n    -   y: 1\n        z: 2\n";
        let document = parse(text.as_bytes()).unwrap();
        let place = |pointer: &str| {
            let shown = |position: Option<Position>| position.map(|position| position.to_string());
            (
                shown(document.key_position(pointer)),
                shown(document.position(pointer)),
            )
        };
        let at = |key: &str, value: &str| {
            (
                Some(key.to_owned()).filter(|key| !key.is_empty()),
                Some(value.to_owned()),
            )
        };
        assert_eq!(place(""), at("", "1:1"));
        assert_eq!(place("/name"), at("1:1", "1:7"));
        assert_eq!(place("/founder"), at("2:1", "2:10"));
        assert_eq!(place("/founder/skills/1"), at("", "2:25"));
        assert_eq!(place("/empty"), at("3:1", "3:1"));
        assert_eq!(place("/entities"), at("4:1", "5:3"));
        assert_eq!(place("/entities/Größe~1~0"), at("5:3", "5:12"));
        assert_eq!(place("/entities/Größe~1~0/a"), at("5:14", "5:17"));
        assert_eq!(place("/entities/B/0"), at("", "7:7"));
        assert_eq!(place("/entities/B/1/z"), at("9:9", "9:12"));
        assert_eq!(place("/nowhere"), (None, None));
        assert_eq!(
            document.value.pointer("/entities/Größe~1~0/a"),
            Some(&Value::Null)
        );
    }

    #[test]
    fn windows_line_ends_and_key_order_are_kept_right() {
        let document = parse(b"b: 1\r\na: 2\r\nc: ~\r\nd:\r\n").unwrap();
        assert_eq!(
            document.value.to_string(),
            r#"{"b":1,"a":2,"c":null,"d":null}"#
        );
        assert_eq!(
            document.position("/a"),
            Some(Position { line: 2, column: 4 })
        );
        assert_eq!(
            document.position("/c"),
            Some(Position { line: 3, column: 4 })
        );
        assert_eq!(
            document.position("/d"),
            Some(Position { line: 4, column: 1 })
        );
    }

    #[test]
    fn keys_are_texts_as_they_are_written() {
        assert_eq!(
            value("1: a\ntrue: b\n? c\n: d"),
            json!({"1": "a", "true": "b", "c": "d"})
        );
        assert_eq!(value("~: a"), json!({"~": "a"}));
    }

    #[test]
    fn what_hides_a_value_is_refused() {
        let cases = [
            ("a: &x 1", "1:7 anchors"),
            ("a: &x [1]\nb: *x", "1:7 anchors"),
            (
                "a: *x",
                "1:4 while parsing node, found unknown anchor; put the text in quotes",
            ),
            (
                "a: !!str 1",
                "1:10 the tag `tag:yaml.org,2002:!str` is not read",
            ),
            ("a: !thing {}", "1:11 the tag `!thing` is not read"),
            ("<<: {a: 1}", "1:1 merge keys"),
            (
                "a: 1\nb: 2\n'a': 3",
                "3:1 the key `a` is there twice, first in line 1; keep one of the two",
            ),
            ("x: {a: 1, a: 2}", "1:11 the key `a` is there twice"),
            ("a: 1\n---\nb: 2", "2:1 a second document begins"),
            ("? [a]\n: 1", "1:3 a key is a list or a mapping"),
            (": 1", "1:1 an entry has no key"),
        ];
        for (text, expected) in cases {
            let problem = fault(text);
            assert!(problem.starts_with(expected), "{text}: {problem}");
        }
    }

    #[test]
    fn a_syntax_error_says_where_and_what_would_be_right() {
        let cases = [
            (
                "a: b: c",
                "1:5",
                "put the text in quotes if `: ` belongs to it",
            ),
            ("a: 'b", "1:4", "close the quotes"),
            ("a: [1, 2\nb: 3", "2:2", "close the list"),
            ("a: {b: 1\n", "2:1", "close the mapping"),
            ("a: 1\n\tb: 2", "1:4", "with spaces"),
            ("a: @b", "1:4", "put the text in quotes"),
            ("a: 1\n  b: 2\n", "2:4", "quotes"),
            ("a:\n  - b\n c: 1\n", "3:2", "indent"),
            ("a: 1\nb\n", "3:1", "`key: value`"),
        ];
        for (text, place, remedy) in cases {
            let problem = fault(text);
            assert!(
                problem.starts_with(place) && problem.contains(remedy),
                "{text:?}: {problem}"
            );
        }
    }

    #[test]
    fn a_text_that_is_not_utf_8_is_refused_with_the_offset_of_the_byte() {
        assert_eq!(
            fault(b"name: x\nzwei: gr\xf6\xdfer\n"),
            "2:9 the byte 0xf6 at offset 16 is not UTF-8; save the file as UTF-8"
        );
        assert_eq!(
            fault(b"\xff\xfea\0"),
            "the file is UTF-16; save it as UTF-8"
        );
    }

    #[test]
    fn control_characters_do_not_end_the_text() {
        let problem = fault("a: 1\nb: \0c\nd: 2");
        assert!(
            problem.starts_with("2:4 there is a control character, U+0000"),
            "{problem}"
        );
    }

    #[test]
    fn an_empty_text_is_refused() {
        for text in ["", "\n", "# only a comment\n"] {
            assert!(
                fault(text).starts_with("there is nothing in the file"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert!(fault(nested(DEPTH_MAX + 1)).starts_with("1:65 lists and mappings are nested"));
        assert!(fault(nested(5000)).contains("write it flatter"));
        assert!(fault("- ".repeat(BYTES_MAX / 2)).contains("nested more than 64 deep"));
        assert!(fault("a".repeat(BYTES_MAX + 1)).starts_with("the file is 1048577 bytes long"));
        assert_eq!(
            value(&"- a\n".repeat(BYTES_MAX / 4))
                .as_array()
                .unwrap()
                .len(),
            BYTES_MAX / 4
        );
    }

    // The parser is young; a text that somebody mistyped must not bring the program down.
    #[test]
    fn damaged_texts_never_panic() {
        let seed_text = "a: {b: [1, 'x'], c: \"y\\n\"}\nd:\n  - e: |\n      f\n    g: &h !!i *h\n--- %TAG\n? j\n: k\n";
        let snippets: Vec<char> = "[]{}:,-?|>&*!%@`'\"#\\ \n\t~é<.0x".chars().collect();
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = |bound: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % bound as u64).unwrap()
        };
        for _ in 0..20_000 {
            let mut text: Vec<char> = seed_text.chars().collect();
            for _ in 0..=random(8) {
                let at = random(text.len());
                match random(3) {
                    0 => drop(text.remove(at)),
                    1 => text.insert(at, snippets[random(snippets.len())]),
                    _ => text[at] = snippets[random(snippets.len())],
                }
            }
            let text: String = text.into_iter().collect();
            let _read_or_refused = parse(text.as_bytes());
        }
    }
}
