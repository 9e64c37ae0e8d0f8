//! A place in a text, as editors count it.

use std::fmt;

/// A line and a column, both counted from one; a column is a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Lines end at `\n`.
    pub line: usize,
    /// Characters, not bytes.
    pub column: usize,
}

impl Position {
    /// The position right after `text`.
    pub fn after(text: &str) -> Self {
        let last_line = text.rsplit('\n').next().unwrap_or_default();
        Self {
            line: text.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_characters_are_counted_from_one() {
        for (text, expected) in [
            ("", "1:1"),
            ("ab", "1:3"),
            ("größe", "1:6"),
            ("a\r\n", "2:1"),
            ("a\n\nb", "3:2"),
        ] {
            assert_eq!(Position::after(text).to_string(), expected, "{text:?}");
        }
    }
}
