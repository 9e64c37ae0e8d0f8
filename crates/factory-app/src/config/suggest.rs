//! Guesses which setting somebody meant.

use super::keys;

/// The setting or section that `path` most likely stands for, if anything comes near.
pub(crate) fn nearest_key(path: &str) -> Option<String> {
    let sections = keys::names().filter_map(|name| Some(name.split_once('.')?.0));
    let candidates = keys::names().chain(sections);
    let near = candidates
        .map(|candidate| (distance(path, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 4).max(1))
        .min();
    // Otherwise the right name in the wrong section, `memory_mb` for `allocation.memory_mb`.
    let misplaced = || {
        let last = path.rsplit('.').next()?;
        keys::names().find(|name| name.rsplit('.').next() == Some(last))
    };
    near.map(|(_, candidate)| candidate)
        .or_else(misplaced)
        .map(str::to_owned)
}

/// The variable that `name` most likely stands for, if any comes near.
pub(crate) fn nearest_variable(name: &str) -> Option<String> {
    // What is left when a single underscore stands for two, the likeliest slip.
    let squeezed = |name: &str| name.replace("__", "_");
    let own = squeezed(name);
    let near = keys::VARIABLES
        .into_iter()
        .map(|(_, variable)| (distance(&own, &squeezed(variable)), variable))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, variable)| variable);
    // Otherwise the name of a section, `FACTORY_LOG` for `FACTORY_LOG__LEVEL`.
    let of_section = || {
        let section = format!("{name}__");
        let mut variables = keys::VARIABLES.into_iter().map(|(_, variable)| variable);
        variables.find(|variable| variable.starts_with(&section))
    };
    near.or_else(of_section).map(str::to_owned)
}

/// Edit distance (Levenshtein): letters inserted, removed or replaced.
fn distance(left: &str, right: &str) -> usize {
    // Nobody mistypes this much; a hostile key shall cost nothing.
    if left.len() > 100 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, a) in left.chars().enumerate() {
        let mut previous = index + 1;
        let mut diagonal = std::mem::replace(&mut row[0], previous);
        for (cell, b) in row.iter_mut().skip(1).zip(right.chars()) {
            let replaced = diagonal + usize::from(a != b);
            diagonal = *cell;
            *cell = replaced.min(diagonal + 1).min(previous + 1);
            previous = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_edits() {
        for (left, right, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("größe", "grösse", 2),
        ] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
            assert_eq!(distance(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn near_names_and_misplaced_names_are_found_and_far_ones_are_not() {
        let cases = [
            ("concurency", Some("concurrency")),
            ("concurrency.task", Some("concurrency.tasks")),
            ("memory_mb", Some("allocation.memory_mb")),
            ("retry.attempt", Some("retry.attempts")),
            ("portz.first", Some("ports.first")),
            ("colour", None),
        ];
        for (path, expected) in cases {
            assert_eq!(nearest_key(path).as_deref(), expected, "{path}");
        }
        assert_eq!(
            nearest_variable("FACTORY_RETRY_ATTEMPTS").as_deref(),
            Some("FACTORY_RETRY__ATTEMPTS")
        );
        assert_eq!(
            nearest_variable("FACTORY_LOG").as_deref(),
            Some("FACTORY_LOG__LEVEL")
        );
        assert_eq!(nearest_variable("FACTORY_COLOUR"), None);
    }
}
