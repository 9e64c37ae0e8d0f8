//! Guesses which known word somebody meant; the one `did you mean …?` of the program.

use strsim::damerau_levenshtein;

use crate::message::quoted;

/// Longest word that is compared, in characters: nobody mistypes more than this, and a hostile key must stay cheap.
const LENGTH_MAX: usize = 64;

/// Finds the known word that is meant, if one is near; the first of several that are equally near.
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
    known
        .into_iter()
        .filter(|candidate| {
            let other = candidate.chars().take(LENGTH_MAX + edits_max + 1).count();
            other.abs_diff(length) <= edits_max
        })
        .map(|candidate| {
            let edits = damerau_levenshtein(&word, &candidate.to_lowercase());
            (edits, candidate)
        })
        .filter(|(edits, _)| *edits <= edits_max)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
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
