//! Text that others wrote: authors, products, people. It is shown and never steers the terminal.

use std::borrow::Cow;

/// The text with every character escaped that a terminal could obey; line breaks and tabs stay.
///
/// Everything that is printed passes through here, with the exception of our own help and the live bars' frame.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            // The end of a line as other systems write it.
            '\r' if chars.peek() == Some(&'\n') => {}
            char if steers(char) => shown.extend(char.escape_unicode()),
            char => shown.push(char),
        }
    }
    Cow::Owned(shown)
}

/// Whether a terminal obeys it: control characters of both sets, and those that turn the direction of writing.
pub(crate) fn steers(char: char) -> bool {
    let turns = matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (char.is_control() && !matches!(char, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_everything_else_stays() {
        for (text, shown) in [
            ("größer — 日本\n\tx", "größer — 日本\n\tx"),
            ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("\u{9b}2J\u{7f}\u{7}", "\\u{9b}2J\\u{7f}\\u{7}"),
            ("a\r\nb\rc", "a\nb\\u{d}c"),
            ("a\u{202e}b", "a\\u{202e}b"),
        ] {
            assert_eq!(plain(text), shown);
            assert_eq!(plain(shown), shown, "escaped once and for all");
        }
    }
}
