//! Every setting and every environment variable by name. A variable is declared here or unknown.

/// Each setting with the variable that sets it, in the order in which they are shown.
pub const VARIABLES: [(&str, &str); 19] = [
    ("playbook", "FACTORY_PLAYBOOK"),
    ("concurrency.startups", "FACTORY_CONCURRENCY__STARTUPS"),
    ("concurrency.tasks", "FACTORY_CONCURRENCY__TASKS"),
    (
        "concurrency.verifications",
        "FACTORY_CONCURRENCY__VERIFICATIONS",
    ),
    ("ports.first", "FACTORY_PORTS__FIRST"),
    ("ports.last", "FACTORY_PORTS__LAST"),
    ("allocation.memory_mb", "FACTORY_ALLOCATION__MEMORY_MB"),
    ("allocation.cpu_cores", "FACTORY_ALLOCATION__CPU_CORES"),
    ("allocation.storage_gb", "FACTORY_ALLOCATION__STORAGE_GB"),
    ("allocation.ports", "FACTORY_ALLOCATION__PORTS"),
    (
        "allocation.calls_per_hour",
        "FACTORY_ALLOCATION__CALLS_PER_HOUR",
    ),
    ("allocation.per_day_usd", "FACTORY_ALLOCATION__PER_DAY_USD"),
    ("retry.attempts", "FACTORY_RETRY__ATTEMPTS"),
    ("retry.delay_ms", "FACTORY_RETRY__DELAY_MS"),
    ("retry.delay_ms_max", "FACTORY_RETRY__DELAY_MS_MAX"),
    ("staging.max_file_mb", "FACTORY_STAGING__MAX_FILE_MB"),
    ("templates.dir", "FACTORY_TEMPLATES__DIR"),
    ("store.durability", "FACTORY_STORE__DURABILITY"),
    ("log.level", "FACTORY_LOG__LEVEL"),
];

/// `FACTORY_*` variables that are not settings.
pub const OTHER_VARIABLES: [&str; 0] = [];

/// The prefix of all our variables.
pub(crate) const PREFIX: &str = "FACTORY_";

/// The key that every file may hold beside the settings: the version of its format.
pub(crate) const SCHEMA_VERSION: &str = "schema_version";

/// Names of settings.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    VARIABLES.into_iter().map(|(name, _)| name)
}

/// Whether `path` is a section with settings.
pub(crate) fn is_section(path: &str) -> bool {
    names().any(|name| {
        name.strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_the_key_in_capitals_with_double_underscores() {
        for (name, variable) in VARIABLES {
            assert_eq!(
                variable,
                format!("{PREFIX}{}", name.to_uppercase().replace('.', "__"))
            );
        }
    }
}
