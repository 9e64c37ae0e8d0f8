//! Files stay small, and no test file is forgotten.

use std::collections::BTreeMap;

/// Lines of a file that are not its tests.
const LINES_MAX: usize = 600;

/// Source files that are too long. Tests may be as long as they like.
pub(super) fn sizes<'a>(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let code =
        sources.filter(|(path, _)| !path.contains("/tests/") && !path.ends_with("/tests.rs"));
    let counted = code.map(|(path, text)| (path, lines_without_tests(text)));
    let too_long = counted.filter(|(_, count)| *count > LINES_MAX);
    too_long
        .map(|(path, count)| format!("{path} has {count} lines, at most {LINES_MAX}"))
        .collect()
}

// The module of tests is at the end of a file.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let is_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ");
    lines.windows(2).position(is_tests).unwrap_or(lines.len())
}

/// Integration tests that no program contains: each crate has one, `tests/it/main.rs`, and it must
/// declare every module beside it.
pub(super) fn forgotten_tests<'a>(
    sources: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<String> {
    let sources: BTreeMap<&str, &str> = sources.collect();
    let mut violations = Vec::new();
    for path in sources.keys() {
        let Some((package, inside)) = path.split_once("/tests/") else {
            continue;
        };
        if package.contains("/src") {
            continue;
        }
        let Some(inside) = inside.strip_prefix("it/") else {
            violations.push(format!(
                "{path} is a test program of its own; move it into tests/it"
            ));
            continue;
        };
        // `a.rs` and `a/mod.rs` are declared in `main.rs`, `a/b.rs` in `a/mod.rs`.
        let inside = inside
            .strip_suffix("/mod.rs")
            .or_else(|| inside.strip_suffix(".rs"))
            .unwrap_or(inside);
        let (door, module) = match inside.rsplit_once('/') {
            None => (format!("{package}/tests/it/main.rs"), inside),
            Some((folder, module)) => (format!("{package}/tests/it/{folder}/mod.rs"), module),
        };
        let declares = |text: &&str| text.lines().any(|line| declared(line) == Some(module));
        if module != "main" && !sources.get(door.as_str()).is_some_and(declares) {
            violations.push(format!("{path} is not declared in {door}"));
        }
    }
    violations
}

fn declared(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    line.strip_prefix("mod ")?.strip_suffix(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        let code = "fn f() {}\n".repeat(LINES_MAX);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{code}}}\n");
        let fine = format!("{code}{tests}");
        let long = format!("{code}\n{tests}");
        let files = [
            ("a/src/fine.rs", fine.as_str()),
            ("a/src/long.rs", &long),
            ("a/tests/it/x.rs", &long),
        ];
        assert_eq!(
            sizes(files.into_iter()),
            ["a/src/long.rs has 601 lines, at most 600"]
        );
    }

    #[test]
    fn a_test_file_that_nobody_declares_is_found() {
        let files = [
            (
                "crates/a/tests/it/main.rs",
                "mod one;\npub(crate) mod three;\n// mod two;\n",
            ),
            ("crates/a/tests/it/one.rs", ""),
            ("crates/a/tests/it/two.rs", ""),
            ("crates/a/tests/it/three/mod.rs", "mod inner;"),
            ("crates/a/tests/it/three/inner.rs", ""),
            ("crates/a/tests/it/three/lost.rs", ""),
            ("crates/a/tests/alone.rs", ""),
            ("crates/b/tests/it/one.rs", ""),
            ("crates/b/src/claim/tests/table.rs", ""),
        ];
        assert_eq!(
            forgotten_tests(files.into_iter()),
            [
                "crates/a/tests/alone.rs is a test program of its own; move it into tests/it",
                "crates/a/tests/it/three/lost.rs is not declared in crates/a/tests/it/three/mod.rs",
                "crates/a/tests/it/two.rs is not declared in crates/a/tests/it/main.rs",
                "crates/b/tests/it/one.rs is not declared in crates/b/tests/it/main.rs",
            ]
        );
    }
}
