//! One thing that is wrong with an input, where it stands, and what would be right.

use serde::{Deserialize, Serialize};

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// Where it stands, as a JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
}

impl Fault {
    /// Makes a fault.
    pub fn new(
        pointer: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.pointer.is_empty() {
            write!(formatter, "{}: ", self.pointer)?;
        }
        write!(formatter, "{}; {}", self.problem, self.remedy)
    }
}

/// Appends a key to a JSON pointer, escaped.
pub(crate) fn join(pointer: &str, key: impl std::fmt::Display) -> String {
    let key = key.to_string().replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{key}")
}

/// Finds the known word that somebody most likely meant, if any is near.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = if word.chars().count() <= 4 { 1 } else { 2 };
    known
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Number of single-letter edits between two words, a swap of neighbours counting as one. Words are cut at 64
/// letters, so that a hostile key costs nothing.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, &mine) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &theirs) in right.iter().enumerate() {
            let mut best = (last[column] + usize::from(mine != theirs))
                .min(last[column + 1] + 1)
                .min(current[column] + 1);
            if row > 0 && column > 0 && mine == right[column - 1] && theirs == left[row - 1] {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        for (word, expected) in [
            ("fetures", Some("features")),
            ("feautres", Some("features")),
            ("NAME", Some("name")),
            ("nmae", Some("name")),
            ("colour", None),
        ] {
            assert_eq!(
                nearest(word, ["name", "features", "one_liner"]),
                expected,
                "{word}"
            );
        }
    }

    #[test]
    fn a_pointer_escapes_slashes_and_tildes() {
        assert_eq!(join("/entities", "a/b~c"), "/entities/a~1b~0c");
    }
}
