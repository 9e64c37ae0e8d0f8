//! Conflict markers: no merge result may hold one that neither side had.

use std::collections::HashSet;

/// Whether `merged` has a line that looks like a conflict marker and is in neither side.
pub(super) fn has_new_markers(merged: &[u8], ours: &[u8], theirs: &[u8]) -> bool {
    let is_marker = |line: &&[u8]| line.starts_with(b"<<<<<<<") || line.starts_with(b">>>>>>>");
    let mut markers = lines(merged).filter(is_marker).peekable();
    if markers.peek().is_none() {
        return false;
    }
    let known: HashSet<&[u8]> = lines(ours).chain(lines(theirs)).filter(is_marker).collect();
    markers.any(|marker| !known.contains(marker))
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::has_new_markers;

    #[test]
    fn a_marker_counts_only_when_the_merge_made_it() {
        let text = b"a\n<<<<<<< x\nb\n";
        assert!(has_new_markers(text, b"a\n", b"b\n"));
        assert!(
            !has_new_markers(text, text, b"b\n"),
            "a text about merging may show one"
        );
        assert!(
            !has_new_markers(b"=======\nTitle\n", b"", b""),
            "an underlined title is none"
        );
    }
}
