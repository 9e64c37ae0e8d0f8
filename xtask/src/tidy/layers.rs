//! Arrows between crates point down, and heavy dependencies stay where they belong.

use serde_json::Value;

const APP: &str = "factory-app";
const AUTHOR: &str = "factory-author";
const CLI: &str = "factory-cli";
const CORE: &str = "factory-core";
const ENGINE: &str = "factory-engine";
const SANDBOX: &str = "factory-sandbox";
const SPEC: &str = "factory-spec";
const SERVER: &str = "factory-server";
const STORE: &str = "factory-store";
const TEMPLATES: &str = "factory-templates";
const TESTKIT: &str = "factory-testkit";
const XTASK: &str = "xtask";

/// The floor of each crate, in halves: 2 is floor 1 of docs/architecture.md. Crates of one floor do not know each other.
/// What people write is half a floor above the core: a change of the blueprint must not rebuild the engine, the store
/// or the sandbox (docs/adr/0011).
const FLOORS: [(&str, u8); 12] = [
    (CORE, 2),
    (SPEC, 3),
    (ENGINE, 4),
    ("factory-providers", 4),
    (TEMPLATES, 4),
    (AUTHOR, 4),
    (SANDBOX, 4),
    ("factory-insight", 4),
    (STORE, 4),
    (APP, 6),
    (SERVER, 8),
    (CLI, 10),
];

/// All that a crate may depend on, where that is not everything below it.
const ONLY: [(&str, &[&str]); 6] = [
    (ENGINE, &[CORE]),
    (STORE, &[CORE]),
    (SANDBOX, &[CORE]),
    (AUTHOR, &[SPEC]),
    (SPEC, &[CORE]),
    (SERVER, &[CORE, APP]),
];

/// The only users of an external crate, whatever the kind of the dependency.
const PINS: [(&str, &[&str]); 5] = [
    ("axum", &[SERVER, TESTKIT]),
    ("gix", &[ENGINE]),
    ("rusqlite", &[STORE]),
    ("minijinja", &[TEMPLATES]),
    ("clap", &[CLI]),
];

/// Who must not use an external crate outside its tests.
const NEVER: [(&str, &[&str]); 5] = [
    (SPEC, &["tokio", "hyper", "reqwest", "anyhow"]),
    (CORE, &["tokio", "hyper", "reqwest", "anyhow"]),
    (TEMPLATES, &["tokio", "hyper", "reqwest"]),
    (AUTHOR, &["tokio", "hyper", "reqwest"]),
    (SANDBOX, &["tokio", "hyper", "reqwest"]),
];

/// One line of a `Cargo.toml`.
struct Arrow<'a> {
    from: &'a str,
    to: &'a str,
    is_dev: bool,
    is_internal: bool,
}

fn read(metadata: &Value) -> Vec<Arrow<'_>> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            found.push(Arrow {
                from: package["name"].as_str().unwrap_or_default(),
                to: dependency["name"].as_str().unwrap_or_default(),
                is_dev: dependency["kind"] == "dev",
                is_internal: dependency["path"].is_string(),
            });
        }
    }
    found
}

fn floor(name: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, floor)| *floor)
}

/// Crates without a floor and arrows that do not point down.
pub(super) fn arrows(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let names = packages.filter_map(|package| package["name"].as_str());
    let homeless = names.filter(|name| floor(name).is_none() && ![TESTKIT, XTASK].contains(name));
    let mut violations: Vec<String> = homeless
        .map(|name| format!("`{name}` has no floor in xtask/src/tidy/layers.rs"))
        .collect();
    let internal = read(metadata).into_iter().filter(|arrow| arrow.is_internal);
    violations.extend(internal.filter_map(|arrow| {
        let problem = misdirection(&arrow)?;
        Some(format!(
            "`{}` depends on `{}`: {problem}",
            arrow.from, arrow.to
        ))
    }));
    violations
}

fn misdirection(arrow: &Arrow<'_>) -> Option<&'static str> {
    let (from, to) = (floor(arrow.from), floor(arrow.to));
    if arrow.to == XTASK {
        return Some("xtask stands alone");
    }
    if arrow.from == XTASK {
        return (![CORE, SPEC].contains(&arrow.to))
            .then_some("xtask only publishes what floor 1 says");
    }
    if arrow.to == TESTKIT {
        return (!arrow.is_dev).then_some("the test kit is for tests");
    }
    if arrow.from == TESTKIT {
        return (arrow.to == CLI).then_some("the test kit stands below the program");
    }
    // A crate without a floor is a violation of its own.
    if from.is_some() && from <= to {
        return Some("arrows point down");
    }
    if arrow.is_dev {
        return None;
    }
    if arrow.to == STORE && arrow.from != CLI {
        return Some("only the program names the store");
    }
    let only = ONLY.iter().find(|(name, _)| *name == arrow.from);
    let is_allowed = only.is_none_or(|(_, allowed)| allowed.contains(&arrow.to));
    (!is_allowed).then_some("this crate must not know it")
}

/// External dependencies in the wrong crate.
pub(super) fn pins(metadata: &Value) -> Vec<String> {
    let mut violations = Vec::new();
    for arrow in read(metadata).iter().filter(|arrow| !arrow.is_internal) {
        let Arrow { from, to, .. } = arrow;
        let pin = PINS.iter().find(|(name, _)| name == to);
        if let Some((_, users)) = pin.filter(|(_, users)| !users.contains(from)) {
            violations.push(format!(
                "`{from}` uses `{to}`, which is for {}",
                users.join(", ")
            ));
        }
        if !arrow.is_dev
            && NEVER
                .iter()
                .any(|(name, never)| name == from && never.contains(to))
        {
            violations.push(format!("`{from}` must not use `{to}`"));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A workspace from lines `from -> to`, `from -dev-> to` and, to an external crate, `from => to`.
    fn metadata(lines: &[&str]) -> Value {
        let packages = lines.iter().map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let path = (words[1] != "=>").then_some("/somewhere");
            let kind = (words[1] == "-dev->").then_some("dev");
            json!({"name": words[0], "dependencies": [{"name": words[2], "kind": kind, "path": path}]})
        });
        json!({"packages": packages.collect::<Vec<_>>()})
    }

    #[test]
    fn arrows_that_point_down_are_fine() {
        let violations = arrows(&metadata(&[
            "factory-engine -> factory-core",
            "factory-app -> factory-sandbox",
            "factory-server -> factory-app",
            "factory-server -dev-> factory-store",
            "factory-engine -dev-> factory-testkit",
            "factory-cli -> factory-store",
            "factory-testkit -> factory-server",
            "xtask -> factory-core",
        ]));
        assert_eq!(violations, Vec::<String>::new());
    }

    #[test]
    fn every_wrong_arrow_is_found() {
        for line in [
            "factory-core -> factory-engine",
            "factory-engine -> factory-sandbox",
            "factory-engine -> factory-spec",
            "factory-store -> factory-spec",
            "factory-sandbox -> factory-spec",
            "factory-core -> factory-spec",
            "factory-author -> factory-core",
            "factory-engine -dev-> factory-sandbox",
            "factory-app -> factory-server",
            "factory-app -> factory-store",
            "factory-server -> factory-engine",
            "factory-app -> factory-testkit",
            "factory-testkit -> factory-cli",
            "factory-core -> xtask",
            "xtask -> factory-app",
            "factory-utils -> factory-core",
        ] {
            assert_eq!(arrows(&metadata(&[line])).len(), 1, "{line}");
        }
    }

    #[test]
    fn a_dependency_outside_its_crate_is_found() {
        for line in [
            "factory-app => axum",
            "factory-store => gix",
            "factory-engine => rusqlite",
            "factory-app => minijinja",
            "factory-server => clap",
            "factory-core => tokio",
        ] {
            assert_eq!(pins(&metadata(&[line])).len(), 1, "{line}");
        }
        let fine = [
            "factory-server => axum",
            "factory-cli => clap",
            "factory-app => tokio",
        ];
        assert_eq!(pins(&metadata(&fine)), Vec::<String>::new());
    }
}
