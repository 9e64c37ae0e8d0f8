//! One line of typing, byte by byte. Knows nothing of a terminal.

use std::collections::VecDeque;

const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;
const END_OF_INPUT: u8 = 0x04;
const ESCAPE: u8 = 0x1b;
const KILL_LINE: u8 = 0x15;

/// What a key did to the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edit {
    /// Every byte is used up and the line goes on.
    Open,
    /// Enter.
    Line(String),
    /// Escape.
    Cancelled,
    /// Ctrl-D on an empty line.
    Ended,
}

/// The line as far as it is typed.
#[derive(Debug, Default)]
pub(super) struct LineEditor {
    bytes: Vec<u8>,
}

impl LineEditor {
    /// Takes keys until the line is complete; the rest stays in `keys`.
    pub(super) fn feed(&mut self, keys: &mut VecDeque<u8>) -> Edit {
        while let Some(key) = keys.pop_front() {
            match key {
                b'\n' | b'\r' => return Edit::Line(self.text().trim().to_owned()),
                END_OF_INPUT if self.bytes.is_empty() => return Edit::Ended,
                // An arrow or function key sends Escape and more at once; the key itself comes alone.
                ESCAPE if matches!(keys.front(), Some(b'[' | b'O')) => skip_sequence(keys),
                ESCAPE => return Edit::Cancelled,
                BACKSPACE | DELETE => self.erase(),
                KILL_LINE => self.bytes.clear(),
                b'\t' => self.bytes.push(b' '),
                control if control < b' ' => {}
                typed => self.bytes.push(typed),
            }
        }
        Edit::Open
    }

    /// What has been typed.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Removes the last character, all bytes of it.
    fn erase(&mut self) {
        let is_continuation = |byte: u8| byte & 0b1100_0000 == 0b1000_0000;
        while self.bytes.pop().is_some_and(is_continuation) {}
    }
}

/// Skips the rest of an escape sequence, which ends with a letter or `~`.
fn skip_sequence(keys: &mut VecDeque<u8>) {
    keys.pop_front();
    while let Some(key) = keys.pop_front() {
        if (b'@'..=b'~').contains(&key) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> (Edit, String, usize) {
        let mut editor = LineEditor::default();
        let mut keys: VecDeque<u8> = keys.bytes().collect();
        let edit = editor.feed(&mut keys);
        (edit, editor.text(), keys.len())
    }

    #[test]
    fn keys_make_a_line() {
        let line = |text: &str| Edit::Line(text.to_owned());
        for (keys, edit, rest) in [
            ("a looks good\n", line("a looks good"), 0),
            ("a\ny\n", line("a"), 2),
            ("\r", line(""), 0),
            ("grün\u{7f}\u{7f}o\n", line("gro"), 0),
            ("\u{7f}\u{7f}a\n", line("a"), 0),
            ("wrong\u{15}a\n", line("a"), 0),
            ("a\u{1b}[D\u{1b}OP\u{1b}[3~b\n", line("ab"), 0),
            ("a\u{1b}", Edit::Cancelled, 0),
            ("\u{4}", Edit::Ended, 0),
            ("a\u{4}\u{1}\n", line("a"), 0),
            ("not yet", Edit::Open, 0),
        ] {
            let (found, _, left) = typed(keys);
            assert_eq!((found, left), (edit, rest), "{keys:?}");
        }
    }

    #[test]
    fn an_open_line_can_be_read() {
        assert_eq!(typed("größe").1, "größe");
    }
}
