//! One thing that is wrong with an input, where it is, and how to fix it.

use std::fmt;

use crate::position::Position;

/// Which half of a mapping entry a fault is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// What is before the colon: an unknown key, a bad name.
    Key,
    /// What is after it, or a list item, or the whole document.
    #[default]
    Value,
}

/// One thing that is wrong with an input.
///
/// The rules only know the pointer; whoever still has the text adds the position, as
/// [`Document::locate`](crate::yaml::Document::locate) does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// What the pointer's end means: the key itself or its value.
    pub part: Part,
    /// Line and column, once they are known.
    pub position: Option<Position>,
    /// What is wrong.
    pub problem: String,
    /// How to fix it.
    pub remedy: String,
}

impl Fault {
    /// A fault of the value at a JSON pointer.
    pub fn new(
        pointer: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            part: Part::Value,
            position: None,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// A fault of the key at the end of a JSON pointer, whatever its value is.
    pub fn of_key(
        pointer: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            part: Part::Key,
            ..Self::new(pointer, problem, remedy)
        }
    }

    /// A fault of the text itself, which has no pointer yet.
    pub fn in_text(
        position: impl Into<Option<Position>>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            position: position.into(),
            ..Self::new("", problem, remedy)
        }
    }
}

impl fmt::Display for Fault {
    /// Without the position, which belongs behind the name of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        write!(f, "{}; {}", self.problem, self.remedy)
    }
}

impl std::error::Error for Fault {}

/// Appends a key to a JSON pointer, escaped.
pub(crate) fn join(pointer: &str, key: impl fmt::Display) -> String {
    let key = key.to_string().replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_escapes_slashes_and_tildes() {
        assert_eq!(join("/entities", "a/b~c"), "/entities/a~1b~0c");
    }

    #[test]
    fn a_fault_reads_as_one_line() {
        let fault = Fault::new("/name", "`name` is empty", "give the startup a name");
        assert_eq!(
            fault.to_string(),
            "/name: `name` is empty; give the startup a name"
        );
        let fault = Fault::in_text(None, "the file is empty", "write one");
        assert_eq!(fault.to_string(), "the file is empty; write one");
    }
}
