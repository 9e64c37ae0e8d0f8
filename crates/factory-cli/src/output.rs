//! What people and programs read: data to stdout, words to stderr, `--json` everywhere.
//!
//! The one place that prints. A closed pipe is not an error of ours.

use std::io::{IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use factory_app::error::AppError;
use serde::Serialize;

/// How answers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Tables and sentences.
    Text,
    /// JSON.
    Json,
}

/// Writes data.
pub(crate) fn data(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// Writes words for a person.
pub(crate) fn words(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
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
    serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}

/// A value of a table, or a dash.
pub(crate) fn or_dash(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// What failed and what to do.
pub(crate) fn failure(error: &AppError) {
    words(&format!("error[{}]: {}", error.code, error.chain()));
    if let Some(hint) = &error.hint {
        words(&format!("hint: {hint}"));
    }
}

/// Whether a person sits at stderr.
pub(crate) fn is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// A table without lines, as wide as the terminal.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head.iter().map(|text| text.to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let lines: Vec<String> = table
        .to_string()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}
