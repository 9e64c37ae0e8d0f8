//! What settings, files and blueprints make of a brief.

use std::path::Path;

use factory_core::resources::{Budget, Resources};
use factory_spec::brief::Defaults;

use super::defaults::defaults;
use super::load::{LoadedBrief, read};
use super::{FileFault, LoadedBlueprint, from_blueprint};
use crate::config::{Allocation, Sources};

const BRIEF: &str = "name: Acme\none_liner: A shop\nfeatures: [Clients pay online]\n";

fn built_in() -> Allocation {
    Sources::default().merge().unwrap().config.allocation
}

fn configured() -> Allocation {
    Allocation {
        memory_mb: 300,
        cpu_cores: 0.25,
        storage_gb: 4,
        ports: 2,
        calls_per_hour: 10,
        per_day_usd: 2.5,
    }
}

fn brief(text: &str, allocation: &Allocation) -> Result<LoadedBrief, String> {
    let text = format!("{BRIEF}{text}");
    read(Path::new("b.yaml"), text.as_bytes(), &defaults(allocation)).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

#[test]
fn a_brief_that_asks_for_nothing_gets_what_the_settings_say() {
    let expected = Defaults {
        budget: Budget {
            total_nano_usd: None,
            per_day_nano_usd: 2_500_000_000,
            calls_per_hour: 10,
        },
        resources: Resources {
            memory_mib: 300,
            cpu_millicores: 250,
            disk_mib: 4096,
            port_count: 2,
        },
    };
    assert_eq!(defaults(&configured()), expected);
    let brief = brief("", &configured()).unwrap().brief;
    assert_eq!(
        (brief.budget, brief.resources),
        (expected.budget, expected.resources)
    );
}

#[test]
fn two_briefs_with_the_same_effect_are_the_same_brief() {
    let (configured, built_in) = (configured(), built_in());
    let canonical = |text, allocation| brief(text, allocation).unwrap().canonical;
    let spelt = "resources: { memory_mb: 300, cpu_cores: 0.25, storage_gb: 4, ports: 2 }\n\
                 budget: { calls_per_hour: 10, per_day_usd: 2.5 }\n";
    assert_eq!(canonical("", &configured), canonical(spelt, &built_in));
    assert_ne!(canonical("", &configured), canonical("", &built_in));
}

#[test]
fn a_fault_names_file_line_and_column() {
    for (text, expected) in [
        ("resources: many\n", "b.yaml:4:12: this is text; "),
        (
            "resources:\n  memory: 3\n",
            "b.yaml:5:3: the key `memory` is unknown; ",
        ),
        ("a: 'b", "b.yaml:4:4: "),
    ] {
        let refusal = brief(text, &configured()).unwrap_err();
        assert!(refusal.starts_with(expected), "{text}: {refusal}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
}

#[test]
fn the_built_in_settings_are_the_defaults_of_a_brief() {
    assert_eq!(defaults(&built_in()), Defaults::default());
}

const BLUEPRINT: &str =
    include_str!("../../../factory-spec/tests/fixtures/ledgerly.blueprint.json");

fn of_blueprint(text: &str) -> Result<LoadedBlueprint, Vec<FileFault>> {
    let file = Path::new("b.json");
    from_blueprint::read(file, text.as_bytes(), &defaults(&configured()))
}

#[test]
fn a_blueprint_says_what_a_brief_would() {
    let loaded = of_blueprint(BLUEPRINT).unwrap();
    assert_eq!(loaded.slug.as_str(), "ledgerly");
    assert_eq!(loaded.text, BLUEPRINT);
    assert_eq!(loaded.brief.name, "Ledgerly");
    assert_eq!(loaded.brief.features.len(), 4);
    assert_eq!(loaded.brief.resources, defaults(&configured()).resources);
}

#[test]
fn a_fault_of_a_blueprint_also_names_the_pointer() {
    let faults = of_blueprint("{\n  \"roles\": 3\n}").unwrap_err();
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        ["b.json:2:12: /roles: this is a number; write a list"]
    );
}

/// The allocation by a settings file, unless it is refused.
fn set(text: &str) -> Option<Allocation> {
    let project = crate::config::SettingsFile {
        path: "factory.toml".into(),
        text: text.to_owned(),
    };
    let sources = Sources {
        project: Some(project),
        ..Sources::default()
    };
    Some(sources.merge().ok()?.config.allocation)
}

#[test]
fn the_settings_have_the_bounds_of_a_brief() {
    for (group, key, inside, outside) in [
        (
            "resources",
            "memory_mb",
            ["64", "1048576"],
            ["63", "1048577"],
        ),
        (
            "resources",
            "cpu_cores",
            ["0.05", "256.0"],
            ["0.049", "256.1"],
        ),
        ("resources", "storage_gb", ["1", "16384"], ["0", "16385"]),
        ("resources", "ports", ["1", "20"], ["0", "21"]),
        (
            "budget",
            "calls_per_hour",
            ["0", "1000000"],
            ["-1", "1000001"],
        ),
        (
            "budget",
            "per_day_usd",
            ["0.0", "1000000.0"],
            ["-0.1", "1000000.1"],
        ),
    ] {
        for value in inside {
            let allocation = set(&format!("allocation.{key} = {value}")).unwrap();
            let filled = brief("", &allocation).unwrap();
            let spelt = brief(&format!("{group}: {{ {key}: {value} }}"), &built_in()).unwrap();
            assert_eq!(filled, spelt, "{key} = {value}");
        }
        for value in outside {
            assert_eq!(set(&format!("allocation.{key} = {value}")), None, "{value}");
            let spelt = brief(&format!("{group}: {{ {key}: {value} }}"), &built_in());
            assert!(spelt.is_err(), "{key} = {value}");
        }
    }
}
