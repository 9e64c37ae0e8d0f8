//! Words that must not be in the repository: folders of one machine, marks of unfinished work.

/// Folders of the machine on which this is written. Split, so that this file does not contain them.
const FOLDERS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/fa", "rm/")];

/// Marks of unfinished work.
const MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!"),
];

/// Every place with such a word.
pub(super) fn unwanted(files: &[(String, String)]) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in files {
        for (index, line) in text.lines().enumerate() {
            let folders = FOLDERS.iter().filter(|folder| has_folder(line, folder));
            let marks = MARKS.iter().filter(|mark| has_word(line, mark));
            let place = |word: &&str| format!("{path}:{}: `{word}`", index + 1);
            violations.extend(folders.chain(marks).map(place));
        }
    }
    violations
}

// At the start of a path: `src` followed by the same letters is another folder.
fn has_folder(line: &str, folder: &str) -> bool {
    let goes_on =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '}' | ')' | '/' | '*');
    line.match_indices(folder)
        .any(|(at, _)| !line[..at].ends_with(goes_on))
}

fn has_word(line: &str, word: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(goes_on) && !line[at + word.len()..].starts_with(goes_on)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: String) -> usize {
        unwanted(&[("a.md".to_owned(), line)]).len()
    }

    #[test]
    fn unwanted_words_are_found_and_their_neighbours_are_not() {
        for folder in FOLDERS {
            assert_eq!(found(format!("see {folder}x")), 1);
            assert_eq!(found(format!("{folder}x")), 1);
            assert_eq!(found(format!("src{folder}x and https://a.org{folder}x")), 0);
        }
        for mark in MARKS {
            assert_eq!(found(format!("// {mark} later")), 1);
            assert_eq!(found(format!("// {mark}: later")), 1);
            assert_eq!(found(format!("AUTO{mark} MAS{mark}S")), 0);
        }
        assert_eq!(found("a todo list".to_owned()), 0);
    }
}
