//! What fits into a terminal.

use std::borrow::Cow;
use std::io;
use std::os::fd::AsFd;

use console::measure_text_width;
use rustix::termios::tcgetwinsize;

/// The width of a terminal that does not know its own.
const USUAL_WIDTH: usize = 80;

/// Columns of a terminal.
pub(crate) fn columns(terminal: &impl AsFd) -> usize {
    let size = tcgetwinsize(terminal).map_or(0, |size| usize::from(size.ws_col));
    if size > 0 { size } else { USUAL_WIDTH }
}

/// Columns of the terminal that questions are shown on.
pub(crate) fn dialog_columns() -> usize {
    columns(&io::stderr())
}

/// The beginning of a line, as much of it as fits into `width` columns.
pub(crate) fn first_columns(text: &str, width: usize) -> Cow<'_, str> {
    console::truncate_str(text, width, "…")
}

/// The end of a line, as much of it as fits into `width` columns.
pub(crate) fn last_columns(text: &str, width: usize) -> &str {
    let starts = text.char_indices().map(|(at, _)| at);
    let mut tails = starts.filter_map(|at| text.get(at..));
    tails
        .find(|tail| measure_text_width(tail) <= width)
        .unwrap_or_default()
}

/// Breaks a text between words so that no line is wider than `width`, if its words are not.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_keep_their_beginning_or_their_end() {
        assert_eq!(first_columns("Ledgerly", 8), "Ledgerly");
        assert_eq!(first_columns("Ledgerly", 5), "Ledg…");
        assert_eq!(last_columns("why so?", 3), "so?");
        assert_eq!(last_columns("日本語", 4), "本語");
        assert_eq!(last_columns("", 4), "");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("a bb  ccc\ndddd", 5), "a bb\nccc\ndddd");
        assert_eq!(wrap("incomprehensible to me", 5), "incomprehensible\nto me");
    }
}
