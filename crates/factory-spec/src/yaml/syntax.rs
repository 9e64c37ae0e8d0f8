//! The parser's complaints, each with advice.
//!
//! The advice is found by words of the parser's message, for `saphyr-parser` has no kinds of errors. That is why
//! `Cargo.toml` pins it to one exact version: look through this table before you raise it. The test
//! `a_syntax_error_comes_with_its_position_and_advice` notices when a message no longer matches.

use saphyr_parser::ScanError;

use crate::fault::Fault;
use crate::position::Position;

/// Adds advice to the parser's complaint.
pub(super) fn syntax_fault(error: &ScanError) -> Fault {
    let mark = error.marker();
    let position = Position {
        line: mark.line(),
        column: mark.col() + 1,
    };
    let info = error.info();
    let known = [
        (
            "mapping values are not allowed",
            "put the text in quotes if `: ` belongs to it, or indent the key like the ones around it",
        ),
        ("quoted scalar", "close the quotes"),
        ("tab", "indent with spaces"),
        (
            "illegal placement of ':'",
            "close the open list or mapping, or use quotes",
        ),
        (
            "flow sequence",
            "separate the items by `,` and close the list with `]`",
        ),
        (
            "flow mapping",
            "separate the entries by `,` and close the mapping with `}`",
        ),
        (
            "unknown anchor",
            "put the text in quotes: a leading `*` is special",
        ),
        (
            "unexpected character",
            "put the text in quotes: it cannot begin with this character",
        ),
        ("recursion limit", "nest less"),
        (
            "simple key",
            "write `key: value`, with a space after the colon",
        ),
        (
            "block mapping",
            "indent all keys of a mapping alike and write each as `key: value`",
        ),
        (
            "block collection",
            "indent all items of a list alike and begin each with `- `",
        ),
    ];
    let remedy = known.iter().find(|(part, _)| info.contains(part)).map_or(
        "check the indentation, and put text with `: `, ` #` or brackets in quotes",
        |(_, remedy)| remedy,
    );
    Fault::in_text(position, info, remedy)
}
