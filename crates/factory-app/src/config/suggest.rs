//! Which setting somebody probably meant.

use factory_spec::suggest::nearest;

use super::keys;

/// The setting or section that `path` most likely stands for, if anything comes near.
pub(crate) fn nearest_key(path: &str) -> Option<String> {
    let sections = keys::names().filter_map(|name| Some(name.split_once('.')?.0));
    // Otherwise the right name in the wrong section, `memory_mb` for `allocation.memory_mb`.
    let misplaced = || {
        let last = path.rsplit('.').next()?;
        keys::names().find(|name| name.rsplit('.').next() == Some(last))
    };
    nearest(path, keys::names().chain(sections))
        .or_else(misplaced)
        .map(str::to_owned)
}

/// The variable that `name` most likely stands for, if any comes near.
pub(crate) fn nearest_variable(name: &str) -> Option<String> {
    // The likeliest slip is a single underscore for two, so it does not count.
    let squeezed = |name: &str| name.replace("__", "_");
    let variables = keys::VARIABLES.map(|(_, variable)| (squeezed(variable), variable));
    let near = nearest(
        &squeezed(name),
        variables.iter().map(|(squeezed, _)| squeezed.as_str()),
    );
    // Otherwise the name of a section, `FACTORY_LOG` for `FACTORY_LOG__LEVEL`.
    let section = format!("{name}__");
    let mut of_section = variables.iter().map(|(_, variable)| *variable);
    match near {
        Some(near) => variables
            .iter()
            .find(|(squeezed, _)| squeezed == near)
            .map(|(_, variable)| (*variable).to_owned()),
        None => of_section
            .find(|variable| variable.starts_with(&section))
            .map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }

    #[test]
    fn a_variable_is_found_whatever_its_underscores() {
        for (name, expected) in [
            ("FACTORY_RETRY_ATTEMPTS", Some("FACTORY_RETRY__ATTEMPTS")),
            ("FACTORY_PLAYBOK", Some("FACTORY_PLAYBOOK")),
            ("FACTORY_LOG", Some("FACTORY_LOG__LEVEL")),
            ("FACTORY_COLOUR", None),
        ] {
            assert_eq!(nearest_variable(name).as_deref(), expected, "{name}");
        }
        let hostile = format!("FACTORY_{}", "x".repeat(1 << 20));
        assert_eq!(nearest_variable(&hostile), None);
    }
}
