//! The same bytes as Python's cookiecutter 2.7.1; `tests/fixtures/README.md` says how the expected trees were made.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use factory_templates::{File, Template};
use serde_json::{Map, Value};

use crate::support::{answers, fixture};

fn read(dir: &Path, prefix: &str, files: &mut BTreeMap<String, File>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), &format!("{path}/"), files);
        } else {
            let bytes = fs::read(entry.path()).unwrap();
            files.insert(
                path,
                File {
                    bytes,
                    executable: is_executable(&entry.path()),
                },
            );
        }
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o111 != 0
}

/// What differs between two trees, line by line for text.
fn differences(found: &BTreeMap<String, File>, expected: &BTreeMap<String, File>) -> Vec<String> {
    let mut out = Vec::new();
    let paths: BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
    for path in paths {
        let (Some(ours), Some(theirs)) = (found.get(path), expected.get(path)) else {
            let is_ours = found.contains_key(path);
            out.push(format!(
                "{path}: only {}",
                if is_ours { "here" } else { "cookiecutter's" }
            ));
            continue;
        };
        if ours.executable != theirs.executable {
            out.push(format!("{path}: executable here: {}", ours.executable));
        }
        let (ours, theirs) = (lines(ours), lines(theirs));
        for at in (0..ours.len().max(theirs.len())).filter(|at| ours.get(*at) != theirs.get(*at)) {
            let (ours, theirs) = (ours.get(at), theirs.get(at));
            let [ours, theirs] =
                [ours, theirs].map(|line| line.map(|line| String::from_utf8_lossy(line)));
            out.push(format!("{path}:{}\n  - {theirs:?}\n  + {ours:?}", at + 1));
        }
    }
    out
}

fn lines(file: &File) -> Vec<&[u8]> {
    file.bytes.split(|byte| *byte == b'\n').collect()
}

fn compare(name: &str) {
    let home = fixture(&format!("cookiecutter/{name}"));
    let cases: Map<String, Value> =
        serde_json::from_str(&fs::read_to_string(home.join("cases.json")).unwrap()).unwrap();
    let template = Template::open(&home.join("template")).unwrap();
    assert_eq!(template.check(), []);
    for (case, given) in cases {
        let found = template
            .scaffold(&answers(&given), &Value::Null)
            .unwrap()
            .into_files();
        let mut expected = BTreeMap::new();
        read(&home.join("expected").join(&case), "", &mut expected);
        let differences = differences(&found, &expected);
        assert!(
            differences.is_empty(),
            "{name}, case {case} (- cookiecutter, + here):\n{}",
            differences.join("\n")
        );
    }
}

#[test]
fn variables_resolve_as_in_cookiecutter() {
    compare("variables");
}

#[test]
fn newlines_binaries_modes_and_names_are_kept_as_in_cookiecutter() {
    compare("bytes");
}

#[test]
fn a_newline_set_by_the_template_is_used_everywhere() {
    compare("newlines");
}

#[test]
fn other_delimiters_are_understood() {
    compare("delimiters");
}

#[test]
fn files_include_each_other() {
    compare("includes");
}

#[test]
fn the_language_gives_the_bytes_of_jinja2() {
    compare("language");
}

#[test]
fn slugs_are_those_of_python_slugify() {
    compare("slugs");
}
