//! The rules that settings must meet beyond their types.

use super::layer::{Allocation, Config, Ports};

/// A setting, whether its rule is met, and the rule in words.
type Rule = (&'static str, bool, &'static str);

/// The first setting that breaks a rule, and the rule.
pub(crate) fn first_violation(config: &Config) -> Option<(&'static str, &'static str)> {
    let Config {
        playbook,
        concurrency,
        retry,
        staging,
        ..
    } = config;
    let general: [Rule; 5] = [
        (
            "playbook",
            !playbook.trim().is_empty(),
            "must name a playbook",
        ),
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
        (
            "staging.max_file_mb",
            staging.max_file_mb > 0,
            "must be at least 1",
        ),
    ];
    let mut rules = general
        .into_iter()
        .chain(range(&config.ports))
        .chain(allocation(&config.allocation, &config.ports));
    rules
        .find(|(_, is_met, _)| !is_met)
        .map(|(key, _, problem)| (key, problem))
}

fn range(ports: &Ports) -> [Rule; 2] {
    [
        (
            "ports.first",
            ports.first >= 1024,
            "must be at least 1024: lower ports are reserved for the system",
        ),
        (
            "ports.last",
            ports.last >= ports.first,
            "must not be below `ports.first`",
        ),
    ]
}

/// The bounds are those of a brief, so that one that leaves a key out gets nothing that it could not ask for.
fn allocation(allocation: &Allocation, ports: &Ports) -> [Rule; 7] {
    let port_count = u32::from(ports.last.saturating_sub(ports.first)) + 1;
    [
        (
            "allocation.memory_mb",
            (64..=1_048_576).contains(&allocation.memory_mb),
            "must be from 64 to 1048576",
        ),
        (
            "allocation.cpu_cores",
            (0.05..=256.0).contains(&allocation.cpu_cores),
            "must be from 0.05 to 256",
        ),
        (
            "allocation.storage_gb",
            (1..=16_384).contains(&allocation.storage_gb),
            "must be from 1 to 16384",
        ),
        (
            "allocation.ports",
            (1..=20).contains(&allocation.ports),
            "must be from 1 to 20",
        ),
        (
            "allocation.ports",
            u32::from(allocation.ports) <= port_count,
            "exceeds the ports from `ports.first` to `ports.last`",
        ),
        (
            "allocation.calls_per_hour",
            allocation.calls_per_hour <= 1_000_000,
            "must be at most 1000000",
        ),
        (
            "allocation.per_day_usd",
            (0.0..=1_000_000.0).contains(&allocation.per_day_usd),
            "must be from 0 to 1000000",
        ),
    ]
}
