//! Questions and answers, one at a time, with the screen to themselves.

use super::bars;
use super::editor::{Edit, LineEditor};
use super::keyboard::Keyboard;
use super::plain::plain;
use super::width::{dialog_columns, last_columns, wrap};

/// Clears the line that the cursor is on.
const CLEAR_LINE: &str = "\r\u{1b}[K";

/// What a person answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A line, without spaces around it.
    Line(String),
    /// Escape.
    Cancelled,
    /// The input has ended.
    Ended,
}

/// Has the screen until it is dropped.
#[derive(Debug)]
pub(crate) struct Dialog<'a> {
    keyboard: &'a mut Keyboard,
    /// Whether the cursor stands behind a prompt.
    is_prompting: bool,
}

impl<'a> Dialog<'a> {
    /// Takes the screen.
    pub(crate) fn open(keyboard: &'a mut Keyboard) -> Self {
        bars::take();
        Self {
            keyboard,
            is_prompting: false,
        }
    }

    /// Prints words, broken between them where the terminal ends.
    pub(crate) fn say(&mut self, text: &str) {
        let lines: Vec<String> = text
            .lines()
            .map(|line| wrap(line, dialog_columns()))
            .collect();
        self.print(&lines.join("\n"));
    }

    /// Prints a text with its line breaks; an open prompt gives way to it.
    pub(crate) fn print(&mut self, text: &str) {
        let clear = if self.is_prompting { CLEAR_LINE } else { "" };
        self.is_prompting = false;
        bars::write_now(&format!("{clear}{}\n", plain(text)));
    }

    /// Forgets what was typed before a question that has just been printed.
    pub(crate) fn discard_input(&mut self) {
        self.keyboard.discard();
    }

    /// Reads one line. May be dropped while it waits: the question is then withdrawn.
    pub(crate) async fn line(&mut self, prompt: &str) -> Reply {
        let mut editor = LineEditor::default();
        loop {
            let edit = editor.feed(&mut self.keyboard.typed);
            self.draw(prompt, &editor.text());
            let reply = match edit {
                Edit::Open if self.keyboard.wait().await => continue,
                Edit::Open | Edit::Ended => Reply::Ended,
                Edit::Line(text) => Reply::Line(text),
                Edit::Cancelled => Reply::Cancelled,
            };
            self.end_prompt();
            return reply;
        }
    }

    /// Asks for a yes; anything else is a no.
    pub(crate) async fn confirm(&mut self, question: &str) -> bool {
        self.say(question);
        self.discard_input();
        let reply = self.line("y/N > ").await;
        matches!(&reply, Reply::Line(line) if ["y", "yes"].contains(&line.to_lowercase().as_str()))
    }

    fn draw(&mut self, prompt: &str, text: &str) {
        self.is_prompting = true;
        let room = dialog_columns().saturating_sub(prompt.chars().count() + 1);
        let text = plain(text);
        let shown = last_columns(&text, room);
        bars::write_now(&format!("{CLEAR_LINE}{prompt}{shown}"));
    }

    fn end_prompt(&mut self) {
        if std::mem::take(&mut self.is_prompting) {
            bars::write_now("\n");
        }
    }
}

impl Drop for Dialog<'_> {
    fn drop(&mut self) {
        self.end_prompt();
        bars::give_back();
    }
}
