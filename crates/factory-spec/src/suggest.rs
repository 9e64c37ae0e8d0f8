//! Guesses which known word is meant; the one `did you mean …?` of the program.

use strsim::damerau_levenshtein;

use crate::message::quoted;

/// Longest word that is compared, in characters: nobody mistypes more than this, and a hostile key must stay cheap.
const LENGTH_MAX: usize = 64;

/// Shortest word that is taken for the beginning of a known one, in characters.
const BEGINNING_LENGTH_MIN: usize = 3;

/// Finds the known word that is meant: the nearest, the first of several equally near ones; where none is near, one
/// that begins with the word, as `memory_mb` does with `memory`.
///
/// Near is one edit for a word of up to four characters, two for one of up to eleven, then a quarter of its length.
/// An edit inserts, removes or replaces a character or swaps two neighbours (Damerau-Levenshtein); case is ignored.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().take(LENGTH_MAX + 1).count();
    if length > LENGTH_MAX {
        return None;
    }
    let edits_max = if length <= 4 { 1 } else { 2.max(length / 4) };
    let word = word.to_lowercase();
    let mut near: Option<(usize, &str)> = None;
    let mut longer = None;
    for candidate in known {
        let candidate_length = candidate.chars().take(LENGTH_MAX + edits_max + 1).count();
        if candidate_length > LENGTH_MAX + edits_max {
            continue;
        }
        let lower = candidate.to_lowercase();
        if longer.is_none() && length >= BEGINNING_LENGTH_MIN && lower.starts_with(&word) {
            longer = Some(candidate);
        }
        if candidate_length.abs_diff(length) > edits_max {
            continue;
        }
        let edits = damerau_levenshtein(&word, &lower);
        if edits <= edits_max && near.is_none_or(|(fewest, _)| edits < fewest) {
            near = Some((edits, candidate));
        }
    }
    near.map(|(_, candidate)| candidate).or(longer)
}

/// The remedy ``did you mean `features`?``, if a known word is near.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, known).map(|meant| format!("did you mean `{meant}`?"))
}

/// The remedy for a word that is not one of `known`: the near one, or all of them.
pub fn did_you_mean_or_list(word: &str, known: &[&str]) -> String {
    did_you_mean(word, known.iter().copied())
        .unwrap_or_else(|| format!("use one of {}", quoted(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        let known = [
            "name",
            "features",
            "one_liner",
            "größe",
            "FACTORY_LOG__LEVEL",
        ];
        for (word, expected) in [
            ("fetures", Some("features")),
            ("feautres", Some("features")),
            ("featuring", None),
            ("NAME", Some("name")),
            ("nmae", Some("name")),
            ("mame", Some("name")),
            ("same one", None),
            ("grösse", Some("größe")),
            ("FACTORY_LOG_LEVEL", Some("FACTORY_LOG__LEVEL")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }

    #[test]
    fn the_nearest_wins_and_the_first_of_equals() {
        assert_eq!(nearest("tasks", ["masks", "task", "tasks"]), Some("tasks"));
        assert_eq!(nearest("retru", ["retry", "retro"]), Some("retry"));
    }

    #[test]
    fn a_word_that_is_cut_short_is_completed() {
        let known = ["memory_mb", "cpu_cores", "mime"];
        for (word, expected) in [
            ("memory", Some("memory_mb")),
            ("CPU", Some("cpu_cores")),
            ("me", None),
            ("memo", Some("memory_mb")),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }

    #[test]
    fn a_hostile_word_is_never_compared() {
        let long = "a".repeat(10 << 20);
        let near = format!("{}b", "a".repeat(10 << 20));
        assert_eq!(nearest(&long, [near.as_str(), "a"]), None);
        assert_eq!(nearest("a", [long.as_str()]), None);
    }

    #[test]
    fn a_remedy_names_the_near_word_or_all() {
        assert_eq!(
            did_you_mean_or_list("chek", &["check", "start"]),
            "did you mean `check`?"
        );
        assert_eq!(
            did_you_mean_or_list("colour", &["check", "start"]),
            "use one of `check`, `start`"
        );
    }
}
