//! What people and programs read: data to stdout, words to stderr, `--json` everywhere.
//!
//! The one place that prints to stdout. A reader that has closed the pipe (`factory … | head`) is no failure: the
//! command goes on in silence and keeps its exit code, because what it does outlives what it prints. Any other
//! failed write, such as a full disk, is remembered and ends the program with exit code 1.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use factory_app::error::{AppError, Kind};
use serde::Serialize;
use serde_json::json;

pub(crate) use crate::screen::{styled_words, words};

use crate::screen::{columns, dialog_columns, plain, steers, wrap};

/// Fewer columns than this per cell cannot be read.
const CELL_WIDTH_MIN: usize = 10;

/// Before every line of a sentence but the first.
const INDENT: &str = "  ";

/// The first failed write to stdout.
static FAILED_WRITE: OnceLock<io::Error> = OnceLock::new();

/// How answers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Tables and sentences.
    Text,
    Json,
}

/// Writes data. What others wrote in it cannot steer the terminal.
pub(crate) fn data(text: &str) {
    styled_data(&plain(text));
}

/// Writes data of our own that may hold colours.
pub(crate) fn styled_data(text: &str) {
    let mut stdout = io::stdout().lock();
    if let Err(error) = writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        FAILED_WRITE.get_or_init(|| error);
    }
}

/// The failed write that makes the whole command fail, if there was one.
pub(crate) fn failed_write() -> Option<&'static io::Error> {
    FAILED_WRITE
        .get()
        .filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
}

/// One JSON document, or what a person reads of the same.
pub(crate) fn answer(format: Format, value: &impl Serialize, text: impl FnOnce() -> String) {
    match format {
        Format::Json => data(&json(value)),
        Format::Text => {
            let text = text();
            if !text.is_empty() {
                data(text.trim_end());
            }
        }
    }
}

/// One line of JSON.
pub(crate) fn json(value: &impl Serialize) -> String {
    let text =
        serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"));
    if !text.chars().any(steers) {
        return text;
    }
    // JSON lets stand what a terminal obeys; its own escape says the same.
    let escaped = |char: char| {
        if steers(char) {
            format!("\\u{:04x}", u32::from(char))
        } else {
            char.to_string()
        }
    };
    text.chars().map(escaped).collect()
}

/// What failed and what to do about it.
pub(crate) fn failure(format: Format, error: &AppError) {
    match format {
        Format::Json => failure_json(
            Some(error.code.as_str()),
            error.kind(),
            &error.chain(),
            error.hint.as_deref(),
        ),
        Format::Text => words(&failure_text(error)),
    }
}

/// The same, as people read it.
pub(crate) fn failure_text(error: &AppError) -> String {
    let hint = error
        .hint
        .as_ref()
        .map_or_else(String::new, |hint| format!("\nhint: {hint}"));
    format!("error[{}]: {}{hint}", error.code, error.chain())
}

/// One line of JSON on stderr; an error of the command line itself has no `code`.
pub(crate) fn failure_json(code: Option<&str>, kind: Kind, message: &str, hint: Option<&str>) {
    let kind = match kind {
        Kind::NotFound => "not_found",
        Kind::Invalid => "invalid",
        Kind::Refused => "refused",
        Kind::Conflict => "conflict",
        Kind::BudgetExceeded => "budget_exceeded",
        Kind::Unavailable => "unavailable",
        Kind::Internal => "internal",
    };
    let line =
        json!({ "type": "error", "code": code, "kind": kind, "message": message, "hint": hint });
    words(&json(&line));
}

/// Whether a person sits at stderr.
pub(crate) fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// A value of a table, or a dash.
pub(crate) fn or_dash(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// Columns of the terminal that data goes to; a pipe has none.
pub(crate) fn width() -> Option<usize> {
    io::stdout().is_terminal().then(|| columns(&io::stdout()))
}

/// A sentence for a person, broken between words where the terminal ends.
pub(crate) fn sentence(text: &str) {
    if !is_terminal() {
        return words(text);
    }
    let broken = wrap(text, dialog_columns().saturating_sub(INDENT.len()));
    words(&broken.replace('\n', &format!("\n{INDENT}")));
}

/// A table without lines. On a terminal it keeps within its width: cells wrap, and where even that cannot be read
/// each row becomes a block of `name value` lines.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    table_within(width(), head, rows)
}

/// The same for a given width.
pub(crate) fn table_within(
    width: Option<usize>,
    head: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    // Before anything is measured: an escaped character takes more room than the one it stands for.
    let shown = |row: Vec<String>| row.iter().map(|cell| plain(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.into_iter().map(shown).collect();
    let natural = grid(head, &rows, None);
    match width {
        Some(width) if !fits(&natural, width) => {
            if head.len() * CELL_WIDTH_MIN > width {
                blocks(head, &rows)
            } else {
                grid(head, &rows, u16::try_from(width).ok())
            }
        }
        _ => natural,
    }
}

/// Whether no line is wider.
pub(crate) fn fits(text: &str, width: usize) -> bool {
    text.lines()
        .all(|line| console::measure_text_width(line) <= width)
}

fn grid(head: &[&str], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    match width {
        Some(width) => table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_header(head.iter().map(|text| text.to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
        // Names are copied into the next command: they never break.
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    let lines: Vec<String> = table
        .to_string()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// Each row as lines of name and value.
fn blocks(head: &[&str], rows: &[Vec<String>]) -> String {
    let name_width = head.iter().map(|name| name.len()).max().unwrap_or_default();
    let block = |row: &Vec<String>| {
        let lines: Vec<String> = head
            .iter()
            .zip(row)
            .map(|(name, value)| format!("{:<name_width$}  {value}", name.to_uppercase()))
            .collect();
        lines.join("\n")
    };
    let blocks: Vec<String> = rows.iter().map(block).collect();
    blocks.join("\n\n")
}
