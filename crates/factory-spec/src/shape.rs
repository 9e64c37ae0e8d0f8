//! What a JSON value must look like, as a table, so that every wrong type and every unknown key of a document is
//! named at once instead of only the first.

use serde_json::Value;

use crate::fault::{Fault, join};
use crate::message::{kind_of, quoted, shown};
use crate::suggest::{did_you_mean, did_you_mean_or_list};

/// What a value must look like.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string.
    Text,
    /// A whole number that is not negative.
    Count,
    /// Any number.
    Number,
    /// `true` or `false`.
    Flag,
    /// Anything; checked elsewhere.
    Any,
    /// One of these strings.
    Word(&'static [&'static str]),
    /// A list.
    List(&'static Self),
    /// An object with free keys.
    Map(&'static Self),
    /// An object with these keys, each of which may be left out.
    Keys(&'static [(&'static str, Self)]),
    /// The same, or null.
    Maybe(&'static Self),
}

impl Shape {
    fn expected(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Count => "a whole number, 0 or more".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Any => "anything".to_owned(),
            Self::Word(words) => format!("one of {}", quoted(words)),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) | Self::Keys(_) => "an object".to_owned(),
            Self::Maybe(shape) => format!("{} or nothing", shape.expected()),
        }
    }

    /// Appends every place where `value` does not look like this.
    pub(crate) fn check(&self, value: &Value, pointer: &str, faults: &mut Vec<Fault>) {
        match (self, value) {
            (Self::Any, _) | (Self::Maybe(_), Value::Null) => {}
            (Self::Maybe(shape), _) => shape.check(value, pointer, faults),
            (Self::Text, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Flag, Value::Bool(_)) => {}
            (Self::Count, Value::Number(number)) if number.is_u64() => {}
            (Self::Word(words), Value::String(word)) => {
                if !words.contains(&word.as_str()) {
                    faults.push(Fault::new(
                        pointer,
                        format!("`{}` is not known here", shown(word)),
                        did_you_mean_or_list(word, words),
                    ));
                }
            }
            (Self::List(shape), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    shape.check(item, &join(pointer, index), faults);
                }
            }
            (Self::Map(shape), Value::Object(members)) => {
                for (key, member) in members {
                    shape.check(member, &join(pointer, key), faults);
                }
            }
            (Self::Keys(keys), Value::Object(members)) => {
                for (key, member) in members {
                    let here = join(pointer, key);
                    match keys.iter().find(|(known, _)| known == key) {
                        Some((_, shape)) => shape.check(member, &here, faults),
                        None => faults.push(unknown_key(&here, key, keys)),
                    }
                }
            }
            _ => {
                let problem = format!("this is {}", kind_of(value));
                faults.push(Fault::new(
                    pointer,
                    problem,
                    format!("write {}", self.expected()),
                ));
            }
        }
    }
}

fn unknown_key(pointer: &str, key: &str, keys: &[(&'static str, Shape)]) -> Fault {
    let known: Vec<&str> = keys.iter().map(|(known, _)| *known).collect();
    let remedy = did_you_mean(key, known.iter().copied())
        .unwrap_or_else(|| format!("the keys here are {}", quoted(&known)));
    Fault::of_key(
        pointer,
        format!("the key `{}` is unknown", shown(key)),
        remedy,
    )
}
