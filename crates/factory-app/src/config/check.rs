//! The rules that settings must meet beyond their types.

use super::layer::{Allocation, Config, Ports};

/// A setting, whether its rule is met, and the rule in words.
type Rule = (&'static str, bool, &'static str);

/// The first setting that no part of the program could honour, and what is wrong with it.
pub(crate) fn first_violation(config: &Config) -> Option<(&'static str, &'static str)> {
    let Config {
        playbook,
        concurrency,
        retry,
        lease,
        staging,
        ..
    } = config;
    let general: [Rule; 6] = [
        ("playbook", !playbook.trim().is_empty(), "names no playbook"),
        (
            "concurrency.startups",
            concurrency.startups > 0,
            "must be at least 1",
        ),
        ("retry.attempts", retry.attempts > 0, "must be at least 1"),
        (
            "retry.delay_ms_max",
            retry.delay_ms_max >= retry.delay_ms,
            "must not be below `retry.delay_ms`",
        ),
        ("lease.seconds", lease.seconds > 0, "must be at least 1"),
        (
            "staging.max_file_mb",
            staging.max_file_mb > 0,
            "must be at least 1",
        ),
    ];
    let mut rules = general
        .into_iter()
        .chain(resources(&config.ports, &config.allocation));
    rules
        .find(|(_, is_met, _)| !is_met)
        .map(|(key, _, problem)| (key, problem))
}

fn resources(ports: &Ports, allocation: &Allocation) -> [Rule; 7] {
    let port_count = u32::from(ports.last.saturating_sub(ports.first)) + 1;
    [
        (
            "ports.first",
            ports.first >= 1024,
            "must be at least 1024: lower ports are the system's",
        ),
        (
            "ports.last",
            ports.last >= ports.first,
            "must not be below `ports.first`",
        ),
        (
            "allocation.memory_mb",
            allocation.memory_mb >= 16,
            "must be at least 16",
        ),
        (
            "allocation.cpu_cores",
            allocation.cpu_cores > 0.0 && allocation.cpu_cores <= 1024.0,
            "must be above 0 and at most 1024",
        ),
        (
            "allocation.storage_gb",
            allocation.storage_gb > 0,
            "must be at least 1",
        ),
        (
            "allocation.ports",
            u32::from(allocation.ports) <= port_count,
            "is more than there are from `ports.first` to `ports.last`",
        ),
        (
            "allocation.per_day_usd",
            (0.0..=1_000_000.0).contains(&allocation.per_day_usd),
            "must be from 0 to 1000000",
        ),
    ]
}
