//! Which newline a rendered file gets: the one that Python says its source has.

/// How much Python decodes at once.
const CHUNK_BYTES: usize = 8192;

/// The newline of a source file as Python's text reader reports it after the first line.
///
/// It has then seen everything up to the end of the chunk with the first line end; of several newlines it names
/// `\r` first, then `\n`, then `\r\n`. Without any newline it is `\n`.
pub(crate) fn detected(source: &str) -> &'static str {
    let bytes = source.as_bytes();
    let mut end = 0;
    loop {
        end = (end + CHUNK_BYTES).min(bytes.len());
        let mut seen = bytes.get(..end).unwrap_or(bytes);
        // A `\r` at the end of a chunk waits for what follows.
        if end < bytes.len() {
            seen = seen.strip_suffix(b"\r").unwrap_or(seen);
        }
        if let Some(newline) = first_of(seen) {
            return newline;
        }
        if end == bytes.len() {
            return "\n";
        }
    }
}

fn first_of(bytes: &[u8]) -> Option<&'static str> {
    let mut found = [false; 3];
    let mut previous = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => found[2] = true,
            b'\r' => found[0] = true,
            b'\n' if previous != b'\r' => found[1] = true,
            _ => {}
        }
        previous = *byte;
    }
    ["\r", "\n", "\r\n"]
        .into_iter()
        .zip(found)
        .find(|(_, found)| *found)
        .map(|(newline, _)| newline)
}

/// Puts `newline` in the place of every `\n`, as Python does when it writes text.
pub(crate) fn translated(text: String, newline: &str) -> String {
    if newline == "\n" {
        text
    } else {
        text.replace('\n', newline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newline_is_the_one_that_python_reports() {
        let late = format!("{}\r\nx\n", "a".repeat(9000));
        for (source, expected) in [
            ("", "\n"),
            ("a\nb\r\n", "\n"),
            ("a\r\nb\n", "\n"),
            ("a\r\nb\r\n", "\r\n"),
            ("a\rb\n", "\r"),
            (late.as_str(), "\n"),
        ] {
            assert_eq!(
                detected(source),
                expected,
                "{:?}",
                source.get(..source.len().min(9))
            );
        }
        assert_eq!(translated("a\nb\n".to_owned(), "\r\n"), "a\r\nb\r\n");
    }
}
