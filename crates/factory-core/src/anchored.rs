//! Anchored lists: lines between two comment lines of a shared file.
//!
//! As long as a list is a sorted set of one-line entries, two slices that add a line to it commute: whatever order they
//! land in, the file has the same bytes. A list that people keep otherwise is left as they keep it.
//! This room knows text only; which file and which list a slice changes is said in the template.

/// Opens a list, followed by its name.
const BEGIN: &str = "factory:begin";
/// Closes a list, followed by its name.
const END: &str = "factory:end";

/// One anchored list in a text. Lines count from 0; the entries are strictly between the two marker lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The word after `factory:begin`.
    pub name: String,
    /// Line of the `factory:begin` marker.
    pub begin_line: usize,
    /// Line of the `factory:end` marker.
    pub end_line: usize,
    /// White space before the `factory:begin` marker's comment.
    pub indent: String,
}

/// What is wrong with the markers of a text. Line numbers count from 1, as editors show them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// `factory:begin` without its `factory:end`.
    #[error("anchored list `{name}` opened on line {line} is never closed")]
    Unclosed {
        /// Name of the list.
        name: String,
        /// Line of its begin.
        line: usize,
    },
    /// `factory:end` of a list that is not open.
    #[error("line {line} closes the anchored list `{name}`, which is not open there")]
    NotOpen {
        /// Name of the list.
        name: String,
        /// Line of the end.
        line: usize,
    },
    /// A list that begins inside another one.
    #[error("anchored list `{name}` on line {line} begins inside `{outer}`")]
    Nested {
        /// Name of the inner list.
        name: String,
        /// Name of the outer list.
        outer: String,
        /// Line of the inner begin.
        line: usize,
    },
    /// Two lists of one name.
    #[error("anchored list `{name}` begins a second time on line {line}")]
    Twice {
        /// Name of the list.
        name: String,
        /// Line of the second begin.
        line: usize,
    },
    /// A marker without a name.
    #[error("the marker on line {line} names no list")]
    Unnamed {
        /// Line of the marker.
        line: usize,
    },
    /// The text has no list of this name.
    #[error("no anchored list `{name}`; the file has: {}", listed(known))]
    Missing {
        /// The wanted list.
        name: String,
        /// Lists that the text has.
        known: Vec<String>,
    },
}

fn listed(known: &[String]) -> String {
    if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    }
}

enum Marker<'a> {
    Begin { name: &'a str, indent: &'a str },
    End { name: &'a str },
}

/// Finds the anchored lists of a text, in order of appearance.
///
/// A marker is a line whose first word is `factory:begin` or `factory:end` once the signs that open a comment
/// are skipped; prose that mentions a marker is none.
///
/// # Errors
///
/// The first fault from the top: a list unclosed, nested, opened twice or without a name.
pub fn regions(text: &str) -> Result<Vec<Region>, Fault> {
    let mut regions: Vec<Region> = Vec::new();
    let mut open: Option<Region> = None;
    for (index, line) in text.lines().enumerate() {
        let Some(marker) = marker(line) else { continue };
        let (Marker::Begin { name, .. } | Marker::End { name }) = marker;
        if name.is_empty() {
            return Err(Fault::Unnamed { line: index + 1 });
        }
        let name = name.to_owned();
        match (marker, open.take()) {
            (Marker::Begin { .. }, Some(outer)) => {
                return Err(Fault::Nested {
                    name,
                    outer: outer.name,
                    line: index + 1,
                });
            }
            (Marker::Begin { .. }, None) if regions.iter().any(|region| region.name == name) => {
                return Err(Fault::Twice {
                    name,
                    line: index + 1,
                });
            }
            (Marker::Begin { indent, .. }, None) => {
                open = Some(Region {
                    name,
                    begin_line: index,
                    end_line: index,
                    indent: indent.to_owned(),
                });
            }
            (Marker::End { .. }, Some(region)) if region.name == name => {
                regions.push(Region {
                    end_line: index,
                    ..region
                });
            }
            (Marker::End { .. }, _) => {
                return Err(Fault::NotOpen {
                    name,
                    line: index + 1,
                });
            }
        }
    }
    match open {
        Some(region) => Err(Fault::Unclosed {
            name: region.name,
            line: region.begin_line + 1,
        }),
        None => Ok(regions),
    }
}

/// Whether these lines of a list are a set that a program may reorder: sorted by bytes, none twice, none blank, and each
/// an entry of its own: indented as the list is, with every bracket closed on the line that opens it. An item of a
/// Markdown list (`- `, `* `) is an entry whatever its brackets.
pub fn is_set(entries: &[&str], indent: &str) -> bool {
    let is_sorted = entries.is_sorted_by(|one, next| one < next);
    is_sorted && entries.iter().all(|entry| is_one_line(entry, indent))
}

fn is_one_line(entry: &str, indent: &str) -> bool {
    let Some(text) = entry.strip_prefix(indent) else {
        return false;
    };
    if text.is_empty() || text.starts_with(char::is_whitespace) || text.ends_with('\\') {
        return false;
    }
    if text.starts_with("- ") || text.starts_with("* ") {
        return true;
    }
    let mut open = Vec::new();
    for char in text.chars() {
        match char {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(char) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

/// Adds `line` (or each line of it, when it holds several) to the anchored list `name`.
///
/// A new line takes over the indentation of the begin marker and the newline of the begin marker's line. It is put where
/// it belongs if the list [is a set](is_set), else behind the last line, and what was there keeps its order. Inserting
/// the same line again changes nothing.
///
/// # Errors
///
/// When the markers of the text are at fault, or it has no list of this name.
pub fn insert(text: &str, name: &str, line: &str) -> Result<String, Fault> {
    let found = regions(text)?;
    let Some(region) = found.iter().find(|region| region.name == name) else {
        let known = found.into_iter().map(|region| region.name).collect();
        return Err(Fault::Missing {
            name: name.to_owned(),
            known,
        });
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (before, rest) = lines.split_at(region.begin_line + 1);
    let (inside, after) = rest.split_at(region.end_line - region.begin_line - 1);
    let newline = if before.last().is_some_and(|begin| begin.ends_with("\r\n")) {
        "\r\n"
    } else {
        "\n"
    };

    let mut entries: Vec<&str> = inside.iter().map(|entry| without_newline(entry)).collect();
    let is_set = is_set(&entries, &region.indent);
    let new: Vec<String> = line
        .lines()
        .filter(|entry| !entry.trim().is_empty())
        .map(|entry| format!("{}{}", region.indent, entry.trim_end()))
        .collect();
    for entry in &new {
        if !entries.contains(&entry.as_str()) {
            entries.push(entry);
        }
    }
    if is_set {
        entries.sort_unstable();
    }
    let mut out = before.concat();
    for entry in entries {
        out.push_str(entry);
        out.push_str(newline);
    }
    out.extend(after.iter().copied());
    Ok(out)
}

/// A line as [`str::split_inclusive`] gives it, without what ends it.
pub fn without_newline(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

/// Reads a line as a marker: comment signs only, then the marker word, then the name.
fn marker(line: &str) -> Option<Marker<'_>> {
    let (at, word) = match (line.find(BEGIN), line.find(END)) {
        (Some(at), _) => (at, BEGIN),
        (None, Some(at)) => (at, END),
        (None, None) => return None,
    };
    let opening = line.get(..at)?;
    let is_comment = opening
        .chars()
        .all(|sign| !sign.is_alphanumeric() && !matches!(sign, '`' | '"' | '\''));
    let rest = line.get(at + word.len()..)?;
    if !is_comment || rest.starts_with(|next: char| !next.is_whitespace()) {
        return None;
    }
    let rest = rest.trim_start();
    let end = rest
        .find(|char: char| !char.is_alphanumeric() && !"_-./:".contains(char))
        .unwrap_or(rest.len());
    let name = rest.get(..end).unwrap_or_default().trim_end_matches('-');
    let indent_end = line.len() - line.trim_start().len();
    let indent = line.get(..indent_end).unwrap_or_default();
    Some(if word == BEGIN {
        Marker::Begin { name, indent }
    } else {
        Marker::End { name }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTERS: &str = "x = 1\n# factory:begin imports\nimport b\n# factory:end imports\n\n\
        def all():\n    # factory:begin calls\n    # factory:end calls\n";

    #[test]
    fn markers_are_found_with_their_lines_and_indentation() {
        let found = regions(ROUTERS).unwrap();
        let seen: Vec<_> = found
            .iter()
            .map(|r| (r.name.as_str(), r.begin_line, r.end_line, r.indent.as_str()))
            .collect();
        assert_eq!(seen, [("imports", 1, 3, ""), ("calls", 6, 7, "    ")]);
    }

    #[test]
    fn lines_stand_sorted_by_bytes_and_once() {
        let mut text = ROUTERS.to_owned();
        for line in [
            "import c", "import Z", "import b", "import a", "import c", "  ",
        ] {
            text = insert(&text, "imports", line).unwrap();
        }
        text = insert(&text, "calls", "b()\na()\n").unwrap();
        let expected = "x = 1\n# factory:begin imports\nimport Z\nimport a\nimport b\nimport c\n\
            # factory:end imports\n\ndef all():\n    # factory:begin calls\n    a()\n    b()\n    # factory:end calls\n";
        assert_eq!(text, expected);
        assert_eq!(insert(&text, "calls", "a()").unwrap(), text);
    }

    #[test]
    fn a_list_that_people_keep_in_an_order_of_their_own_stays_as_it_is() {
        let text =
            "# factory:begin x\nlog()\nauth(\n    user)\nauth2()\nlog()\n\n# factory:end x\n";
        let expected =
            "# factory:begin x\nlog()\nauth(\n    user)\nauth2()\nlog()\n\na()\n# factory:end x\n";
        assert_eq!(insert(text, "x", "a()\nlog()").unwrap(), expected);
    }

    #[test]
    fn only_sorted_lines_that_are_entries_of_their_own_are_a_set() {
        for (entries, indent, expected) in [
            (vec!["a()", "b([1, {}])"], "", true),
            (vec!["- one (two", "- two"], "", true),
            (vec!["b()", "a()"], "", false),
            (vec!["a()", "a()"], "", false),
            (vec!["a(", "x)"], "", false),
            (vec!["a()", "b)("], "", false),
            (vec!["  a()", "  b()"], "  ", true),
            (vec!["a()", "b()"], "  ", false),
            (vec!["  a()", "    b()"], "  ", false),
            (vec!["", "a()"], "", false),
            (vec!["a = 1 + \\", "b"], "", false),
            (vec![], "", true),
        ] {
            assert_eq!(is_set(&entries, indent), expected, "{entries:?}");
        }
    }

    #[test]
    fn any_order_of_insertion_gives_the_same_bytes() {
        let lines = ["d", "a", "c", "b"];
        let in_order = |order: [usize; 4]| {
            order.iter().fold(ROUTERS.to_owned(), |text, &at| {
                insert(&text, "calls", lines[at]).unwrap()
            })
        };
        assert_eq!(in_order([0, 1, 2, 3]), in_order([3, 1, 0, 2]));
    }

    #[test]
    fn the_newline_of_the_file_and_a_missing_last_one_are_kept() {
        let text = "<!-- factory:begin nav -->\r\n<!-- factory:end nav-->";
        let with = insert(text, "nav", "<li>a</li>").unwrap();
        assert_eq!(
            with,
            "<!-- factory:begin nav -->\r\n<li>a</li>\r\n<!-- factory:end nav-->"
        );
    }

    #[test]
    fn comments_of_every_language_carry_markers() {
        for line in [
            "// factory:begin a",
            "/* factory:begin a */",
            "{# factory:begin a #}",
            "-- factory:begin a",
            "; factory:begin a",
        ] {
            assert!(
                matches!(marker(line), Some(Marker::Begin { name: "a", .. })),
                "{line}"
            );
        }
    }

    #[test]
    fn prose_about_markers_is_no_marker() {
        let prose = "Lines between factory:begin NAME and factory:end NAME\n- `factory:begin x`\n# factory:beginning\n";
        assert_eq!(regions(prose), Ok(Vec::new()));
    }

    #[test]
    fn faults_name_the_list_and_the_line() {
        for (text, expected) in [
            (
                "# factory:begin a\n",
                "anchored list `a` opened on line 1 is never closed",
            ),
            (
                "\n# factory:end a\n",
                "line 2 closes the anchored list `a`, which is not open there",
            ),
            (
                "# factory:begin a\n# factory:end b\n",
                "line 2 closes the anchored list `b`, which is not open there",
            ),
            (
                "# factory:begin a\n# factory:begin b\n",
                "anchored list `b` on line 2 begins inside `a`",
            ),
            (
                "# factory:begin a\n# factory:end a\n# factory:begin a\n# factory:end a\n",
                "anchored list `a` begins a second time on line 3",
            ),
            ("# factory:begin\n", "the marker on line 1 names no list"),
            (
                "# factory:begin b\n# factory:end b\n",
                "no anchored list `a`; the file has: b",
            ),
            ("", "no anchored list `a`; the file has: none"),
        ] {
            assert_eq!(
                insert(text, "a", "x").unwrap_err().to_string(),
                expected,
                "{text}"
            );
        }
    }
}
