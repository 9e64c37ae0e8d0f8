//! Runs the benches: examples named `bench_*` of any crate, in the release profile. Each prints its
//! own figures.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::cargo;

/// Runs all benches, or the named one, with or without its prefix `bench_`.
pub(crate) fn run(name: Option<&str>) -> Result<ExitCode> {
    let all = benches(&cargo::metadata()?);
    let known: Vec<&str> = all.iter().map(|(_, bench)| bench.as_str()).collect();
    let chosen: Vec<_> = all
        .iter()
        .filter(|(_, bench)| is_meant(name, bench))
        .collect();
    ensure!(
        !chosen.is_empty(),
        "no such bench; there are {}: {}",
        known.len(),
        known.join(", ")
    );
    let mut is_good = true;
    for (package, bench) in chosen {
        let arguments = ["run", "--release", "--package", package, "--example", bench];
        is_good &= cargo::show(&mut cargo::cargo(&arguments))?.is_success;
    }
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn is_meant(name: Option<&str>, bench: &str) -> bool {
    name.is_none_or(|name| name == bench || bench.strip_prefix("bench_") == Some(name))
}

/// Package and name of every bench.
fn benches(metadata: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        for target in package["targets"].as_array().into_iter().flatten() {
            let name = text(&target["name"]);
            if target["kind"][0] == "example" && name.starts_with("bench_") {
                found.push((text(&package["name"]), name));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn benches_are_examples_with_their_prefix() {
        let target = |kind: &str, name: &str| json!({"kind": [kind], "name": name});
        let targets = json!([
            target("example", "bench_append"),
            target("example", "run"),
            target("bin", "bench_x"),
        ]);
        let metadata = json!({"packages": [{"name": "factory-store", "targets": targets}]});
        assert_eq!(
            benches(&metadata),
            [("factory-store".into(), "bench_append".into())]
        );
        assert!(is_meant(Some("append"), "bench_append") && is_meant(None, "bench_append"));
        assert!(!is_meant(Some("end"), "bench_append"));
    }
}
