//! From the parser's events to a value with positions.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde_json::{Map, Value};

use super::decode::decode;
use super::document::{Document, Entry, Positions};
use super::scalar::plain_scalar;
use super::syntax::syntax_fault;
use crate::fault::{Fault, join};
use crate::position::Position;

/// Deepest nesting of lists and mappings.
pub(super) const DEPTH_MAX: usize = 64;

/// Reads one YAML document.
///
/// # Errors
/// The first thing that is wrong.
pub fn parse(bytes: &[u8]) -> Result<Document, Fault> {
    let text = decode(bytes)?;
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        text: text.chars().collect(),
        positions: HashMap::new(),
    };
    let value = reader.document()?;
    Ok(Document {
        value,
        positions: reader.positions,
    })
}

struct Reader<'text> {
    parser: Parser<'text, StrInput<'text>>,
    /// By character, as the parser counts.
    text: Vec<char>,
    positions: Positions,
}

impl<'text> Reader<'text> {
    fn document(&mut self) -> Result<Value, Fault> {
        loop {
            match self.next()? {
                (Event::DocumentStart(_), _) => break,
                (Event::StreamEnd, _) => {
                    let remedy = "write at least one line `key: value`";
                    return Err(Fault::in_text(None, "the file is empty", remedy));
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
                    return Err(Fault::in_text(
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

    /// Reads the value that begins with `event` and notes where it and its key begin.
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
        self.positions.insert(
            pointer.to_owned(),
            Entry {
                key,
                value: position,
            },
        );
        if depth >= DEPTH_MAX && !matches!(event, Event::Scalar(..)) {
            let problem = format!("lists and mappings are nested more than {DEPTH_MAX} deep");
            return Err(Fault::in_text(position, problem, "nest less"));
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain_scalar(&text, position),
            Event::Scalar(text, ..) => Ok(Value::String(text.into_owned())),
            Event::SequenceStart(..) => self.list(pointer, depth),
            Event::MappingStart(..) => self.mapping(pointer, depth),
            _ => Err(Fault::in_text(position, "a value is missing", "write one")),
        }
    }

    fn list(&mut self, pointer: &str, depth: usize) -> Result<Value, Fault> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::Array(items));
            }
            let pointer = join(pointer, items.len());
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
            let pointer = join(pointer, &name);
            if let Some(first) = self.positions.get(&pointer).and_then(|entry| entry.key) {
                let problem = format!(
                    "the key `{name}` is defined twice, first in line {}",
                    first.line
                );
                return Err(Fault::in_text(position, problem, "keep one of them"));
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
            return Err(Fault::in_text(position, "an entry has no key", remedy));
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => {
                let remedy = "write the entries out";
                Err(Fault::in_text(
                    position,
                    "merge keys (`<<`) are not supported",
                    remedy,
                ))
            }
            Event::Scalar(text, ..) => Ok(text.into_owned()),
            _ => Err(Fault::in_text(
                position,
                "a key is a list or a mapping",
                remedy,
            )),
        }
    }

    // The parser reports a missing value as a plain `~`, at the position of whatever comes next.
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
        let remedy = "remove the tag; put the value in quotes if it is text";
        return Err(Fault::in_text(
            position,
            format!("the tag `{tag}` is not supported"),
            remedy,
        ));
    }
    if anchor != 0 {
        let problem = "anchors (`&name`) and aliases (`*name`) are not supported";
        let remedy = "write the value out; put it in quotes if it is text";
        return Err(Fault::in_text(position, problem, remedy));
    }
    Ok(())
}

fn start_of(span: Span) -> Position {
    Position {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}
