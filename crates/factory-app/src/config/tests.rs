//! Tables of layers and what comes of them.

use super::merge::DEFAULTS;
use super::*;

fn file(text: &str) -> SettingsFile {
    SettingsFile {
        path: "/home/u/factory.toml".into(),
        text: text.into(),
    }
}

fn project(text: &str) -> Result<Loaded, ConfigError> {
    Sources {
        project: Some(file(text)),
        ..Sources::default()
    }
    .merge()
}

fn variables(variables: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let environment = variables
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    Sources {
        environment,
        ..Sources::default()
    }
    .merge()
}

fn entry(loaded: &Loaded, key: &str) -> (Option<String>, String) {
    let entry = loaded
        .entries
        .iter()
        .find(|entry| entry.key == key)
        .unwrap();
    (
        entry.value.as_ref().map(ToString::to_string),
        entry.origin.to_string(),
    )
}

#[test]
fn without_any_source_the_defaults_hold() {
    let Loaded { config, entries } = Sources::default().merge().unwrap();
    assert_eq!(config.playbook, "mvp");
    assert_eq!(
        (config.concurrency.startups, config.concurrency.tasks),
        (5, 0)
    );
    assert_eq!((config.ports.first, config.ports.last), (3000, 3099));
    assert_eq!(
        (
            config.allocation.memory_mb,
            config.allocation.calls_per_hour
        ),
        (500, 1000)
    );
    assert_eq!(
        (config.allocation.cpu_cores, config.allocation.per_day_usd),
        (0.5, 15.0)
    );
    assert_eq!(
        (config.retry.delay_ms, config.retry.delay_ms_max),
        (500, 30_000)
    );
    assert_eq!((config.retry.attempts, config.staging.max_file_mb), (3, 50));
    assert_eq!(config.templates.dir, None);
    assert_eq!(config.store.durability, Durability::Strict);
    assert_eq!(config.log.level, LogLevel::Warn);
    assert!(entries.iter().all(|entry| entry.origin == Origin::Default));
}

#[test]
fn every_setting_but_the_folder_of_templates_has_a_default_with_a_comment() {
    let Loaded { entries, .. } = Sources::default().merge().unwrap();
    let unset: Vec<_> = entries
        .iter()
        .filter(|e| e.value.is_none())
        .map(|e| e.key)
        .collect();
    assert_eq!(unset, ["templates.dir"]);
    let lines: Vec<&str> = DEFAULTS.lines().collect();
    for pair in lines.windows(2) {
        if pair[1].contains(" = ") && !pair[1].starts_with(['#', 's']) {
            let is_first_of_ports = pair[0] == "[ports]" || pair[0].starts_with("first");
            assert!(pair[0].starts_with('#') || is_first_of_ports, "{}", pair[1]);
        }
    }
}

#[test]
fn later_layers_win_and_each_value_remembers_its_source() {
    let mut sources = Sources {
        user: Some(file(
            "retry.attempts = 1\n[concurrency]\nstartups = 1\ntasks = 1\nverifications = 1",
        )),
        project: Some(SettingsFile {
            path: "/p/factory.toml".into(),
            text: "schema_version = 1\nconcurrency = { tasks = 2, verifications = 2 }".into(),
        }),
        ..Sources::default()
    };
    sources
        .environment
        .insert("FACTORY_CONCURRENCY__VERIFICATIONS".into(), "3".into());
    sources
        .environment
        .insert("FACTORY_CONCURRENCY__STARTUPS".into(), "3".into());
    sources.environment.insert("HOME".into(), "/home/u".into());
    sources.flags.concurrency = ConcurrencyLayer {
        startups: Some(4),
        ..Default::default()
    };
    let loaded = sources.merge().unwrap();
    let entry = |key| {
        let (value, origin) = entry(&loaded, key);
        format!("{} {origin}", value.unwrap())
    };
    assert_eq!(entry("retry.attempts"), "1 /home/u/factory.toml");
    assert_eq!(entry("concurrency.tasks"), "2 /p/factory.toml");
    assert_eq!(
        entry("concurrency.verifications"),
        "3 FACTORY_CONCURRENCY__VERIFICATIONS"
    );
    assert_eq!(entry("concurrency.startups"), "4 flag");
    assert_eq!(entry("playbook"), "\"mvp\" default");
    assert_eq!(loaded.config.concurrency.startups, 4);
    assert_eq!(loaded.config.concurrency.verifications, 3);
}

#[test]
fn variables_are_read_by_the_type_of_the_setting() {
    let loaded = variables(&[
        ("FACTORY_PLAYBOOK", "12"),
        ("FACTORY_ALLOCATION__PER_DAY_USD", "3"),
        ("FACTORY_STORE__DURABILITY", "relaxed"),
        ("FACTORY_TEMPLATES__DIR", "my/templates"),
        ("FACTORY_LOG__LEVEL", ""),
    ])
    .unwrap();
    assert_eq!(loaded.config.playbook, "12");
    assert_eq!(
        entry(&loaded, "allocation.per_day_usd").0.as_deref(),
        Some("3.0")
    );
    assert_eq!(loaded.config.store.durability, Durability::Relaxed);
    assert_eq!(loaded.config.templates.dir, Some("my/templates".into()));
    assert_eq!(
        entry(&loaded, "log.level"),
        (Some("\"warn\"".into()), "default".into())
    );
}

#[test]
fn a_relative_folder_in_a_file_is_meant_from_that_file() {
    let loaded = project("templates.dir = 'mine'").unwrap();
    assert_eq!(loaded.config.templates.dir, Some("/home/u/mine".into()));
    let loaded = project("templates.dir = '/opt/t'").unwrap();
    assert_eq!(loaded.config.templates.dir, Some("/opt/t".into()));
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_a_suggestion() {
    let cases = [
        ("[concurency]\nstartups = 1", "1:2 concurency: concurrency"),
        (
            "[concurrency]\n\n  startup = 1",
            "3:3 concurrency.startup: concurrency.startups",
        ),
        ("a = 1\nretry.attempts = 2\n", "1:1 a: -"),
        ("memory_mb = 5", "1:1 memory_mb: allocation.memory_mb"),
        (
            "playbook = 'x'\nlog = { levle = 'info' }",
            "2:9 log.levle: log.level",
        ),
        ("[log.level]\nx = 1", "-"),
    ];
    for (text, expected) in cases {
        let shown = match project(text).unwrap_err() {
            ConfigError::UnknownKey {
                position,
                key,
                suggestion,
                ..
            } => {
                format!(
                    "{} {key}: {}",
                    position.unwrap(),
                    suggestion.as_deref().unwrap_or("-")
                )
            }
            _ => "-".to_owned(),
        };
        assert_eq!(shown, expected, "{text}");
    }
    let Err(ConfigError::UnknownKey { suggestion, .. }) = variables(&[("FACTORY_PLAYBOK", "x")])
    else {
        panic!("accepted");
    };
    assert_eq!(suggestion.as_deref(), Some("FACTORY_PLAYBOOK"));
}

#[test]
fn syntax_and_types_are_refused_with_their_place() {
    let cases = [
        ("[retry\nattempts = 1", "1:7 "),
        (
            "retry.delay_ms = 'x'",
            "1:18 invalid type: string \"x\", expected u64",
        ),
        (
            "\nretry = 3",
            "2:9 invalid type: integer `3`, expected struct RetryLayer",
        ),
        (
            "store.durability = 'loose'",
            "1:20 unknown variant `loose`, expected `strict` or `relaxed`",
        ),
        (
            "ports.first = 70000",
            "1:15 invalid value: integer `70000`, expected u16",
        ),
        (
            "concurrency.tasks = -1",
            "1:21 invalid value: integer `-1`, expected u32",
        ),
        ("playbook = 'a'\nplaybook = 'b'", "2:1 duplicate key"),
    ];
    for (text, expected) in cases {
        let ConfigError::Malformed {
            position, problem, ..
        } = project(text).unwrap_err()
        else {
            panic!("another error for {text}");
        };
        let shown = format!("{} {problem}", position.unwrap());
        assert!(shown.starts_with(expected), "{text}: {shown}");
    }
    let shown = |name, value| variables(&[(name, value)]).unwrap_err().to_string();
    assert_eq!(
        shown("FACTORY_RETRY__DELAY_MS", "2m"),
        "FACTORY_RETRY__DELAY_MS: `2m` is not a whole number"
    );
    assert_eq!(
        shown("FACTORY_STORE__DURABILITY", "x"),
        "FACTORY_STORE__DURABILITY: unknown variant `x`, expected `strict` or `relaxed`"
    );
}

#[test]
fn a_file_of_a_newer_version_is_refused_before_its_keys() {
    let error = project("schema_version = 2\nnovelty = 1").unwrap_err();
    assert_eq!(
        error,
        ConfigError::UnknownSchema {
            origin: Origin::Project("/home/u/factory.toml".into()),
            found: 2,
        }
    );
}

#[test]
fn values_that_make_no_sense_are_refused_with_their_source() {
    let cases = [
        (
            "ports.last = 2000",
            "`ports.last = 2000` must not be below `ports.first`",
        ),
        (
            "ports.first = 80",
            "`ports.first = 80` must be at least 1024",
        ),
        (
            "concurrency.startups = 0",
            "`concurrency.startups = 0` must be at least 1",
        ),
        (
            "allocation.cpu_cores = nan",
            "`allocation.cpu_cores = nan` must be from 0.05 to 256",
        ),
        (
            "allocation.per_day_usd = -1",
            "`allocation.per_day_usd = -1.0` must be from 0",
        ),
        (
            "allocation.ports = 101",
            "`allocation.ports = 101` must be from 1 to 20",
        ),
        (
            "ports.last = 3001",
            "`allocation.ports = 3` exceeds the ports",
        ),
        (
            "allocation.calls_per_hour = 1000001",
            "`allocation.calls_per_hour = 1000001` must be at most",
        ),
        (
            "retry.delay_ms = 40000",
            "`retry.delay_ms_max = 30000` must not be below",
        ),
        ("playbook = ' '", "`playbook = \" \"` must name a playbook"),
    ];
    for (text, expected) in cases {
        let error = project(text).unwrap_err();
        assert!(
            matches!(error, ConfigError::Invalid { .. }),
            "{text}: {error}"
        );
        let shown = error.to_string();
        assert!(shown.contains(expected), "{text}: {shown}");
    }
    let shown = variables(&[("FACTORY_RETRY__ATTEMPTS", "0")])
        .unwrap_err()
        .to_string();
    assert_eq!(
        shown,
        "FACTORY_RETRY__ATTEMPTS: `retry.attempts = 0` must be at least 1"
    );
}

#[test]
fn a_log_level_is_spelled_as_the_settings_spell_it() {
    for level in [
        LogLevel::Error,
        LogLevel::Warn,
        LogLevel::Info,
        LogLevel::Debug,
        LogLevel::Trace,
    ] {
        let written = toml::Value::try_from(level).unwrap();
        assert_eq!(written.as_str(), Some(level.as_str()));
    }
}
