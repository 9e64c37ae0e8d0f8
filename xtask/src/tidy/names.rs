//! Names that say nothing: of types, and of files.

/// Ends of type names that only say that a type does something.
const SUFFIXES: [&str; 10] = [
    "Manager",
    "Helper",
    "Helpers",
    "Handler",
    "Processor",
    "Util",
    "Utils",
    "Data",
    "Info",
    "Service",
];

/// Modules that would collect everything.
const MODULES: [&str; 8] = [
    "utils", "util", "common", "helpers", "helper", "services", "models", "misc",
];

/// Types and modules with such names.
pub(super) fn unwanted<'a>(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in sources {
        let parts = path
            .split('/')
            .map(|part| part.strip_suffix(".rs").unwrap_or(part));
        let modules = parts.filter(|part| MODULES.contains(part));
        violations.extend(modules.map(|module| format!("{path}: name the thing, not `{module}`")));
        for (index, line) in text.lines().enumerate() {
            // `Service` appears nowhere in a type name; the others only matter at its end.
            let name = declared_type(line).filter(|name| {
                name.contains("Service") || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
            });
            violations.extend(name.map(|name| format!("{path}:{}: type `{name}`", index + 1)));
        }
    }
    violations
}

/// The type that this line declares.
fn declared_type(line: &str) -> Option<&str> {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '/');
    let keyword =
        words.find(|word| !matches!(*word, "" | "pub" | "crate" | "super" | "in" | "unsafe"))?;
    if !matches!(keyword, "struct" | "enum" | "trait" | "type" | "union") {
        return None;
    }
    words.find(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_name_that_says_nothing_is_found() {
        // With a `~` in each keyword, or the check would find this test.
        let text = [
            "pub s~truct StartupManager {",
            "    pub(crate) e~num ServiceKind {",
            "t~ype Info = u8;",
            "pub(super) t~rait RequestHandler<T> {",
            "// s~truct OldHelper",
            "/// A s~truct FooManager once stood here.",
            "s~truct Database;",
            "s~truct Informed;",
            "fn data() {}",
            "let service = Manager;",
        ]
        .join("\n")
        .replace('~', "");
        assert_eq!(
            unwanted([("a.rs", text.as_str())].into_iter()),
            [
                "a.rs:1: type `StartupManager`",
                "a.rs:2: type `ServiceKind`",
                "a.rs:3: type `Info`",
                "a.rs:4: type `RequestHandler`",
            ]
        );
    }

    #[test]
    fn a_module_that_collects_everything_is_found() {
        let files = [
            ("crates/a/src/utils.rs", ""),
            ("crates/a/src/helpers/x.rs", ""),
        ];
        assert_eq!(unwanted(files.into_iter()).len(), 2);
        assert_eq!(
            unwanted([("crates/a/src/common_path.rs", "")].into_iter()).len(),
            0
        );
    }
}
