//! The circles of all crates against the list of those that are known.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::graph::{self, Arrows};
use super::modules::Modules;

/// Circles that are still there, as they are reported. This list only shrinks: a circle that is gone or has become
/// smaller must leave it.
pub(in crate::tidy) const NOT_YET: [&str; 2] = [
    "crates/factory-author/src: draft/clauses.rs ↔ draft/extract.rs",
    "crates/factory-author/src: draft/entities.rs ↔ draft/roles.rs",
];

/// Circles that are not on the list `not_yet`, and entries of the list that are no longer circles.
pub(in crate::tidy) fn circles<'a>(
    sources: impl Iterator<Item = (&'a str, &'a str)>,
    not_yet: &[&str],
) -> Vec<String> {
    let mut violations = Vec::new();
    let mut excused = Vec::new();
    for (root, arrows) in crates(sources) {
        for circle in graph::circles(&arrows) {
            let name = format!("{root}: {}", circle.join(" ↔ "));
            match not_yet.iter().find(|known| **known == name) {
                Some(known) => excused.push(*known),
                None => violations.push(name + &ties(&circle, &arrows)),
            }
        }
    }
    let gone = not_yet.iter().filter(|known| !excused.contains(known));
    violations.extend(gone.map(|known| {
        format!("{known}: no circle of exactly these files; take it off the list `NOT_YET`")
    }));
    violations
}

/// The folder `src` of each crate, and the arrows between its files.
fn crates<'a>(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(&'a str, Arrows)> {
    let sources: BTreeMap<&str, &str> = sources.collect();
    let roots = sources.keys().filter_map(|path| {
        let root = path
            .strip_suffix("lib.rs")
            .or_else(|| path.strip_suffix("main.rs"))?;
        root.ends_with("/src/").then_some(root)
    });
    roots
        .map(|root| {
            let arrows = graph::arrows(&Modules::read(root, &sources));
            (root.trim_end_matches('/'), arrows)
        })
        .collect()
}

/// The names that tie the files of a circle, one line for each arrow.
fn ties(circle: &[String], arrows: &Arrows) -> String {
    let mut text = String::new();
    for (from, to) in arrows.iter().filter(|(from, _)| circle.contains(from)) {
        for (to, names) in to.iter().filter(|(to, _)| circle.contains(to)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let _ = write!(text, "\n    {from} → {to}: {}", names.join(", "));
        }
    }
    text
}

/// Every arrow between two files, to see that something is looked at.
#[cfg(test)]
pub(in crate::tidy) fn imports<'a>(
    sources: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<String> {
    let mut all = Vec::new();
    for (root, arrows) in crates(sources) {
        for (from, to) in arrows {
            all.extend(to.keys().map(|to| format!("{root}: {from} → {to}")));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a crate of these files, each violation in lines without indentation.
    fn found(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let paths: Vec<String> = files
            .iter()
            .map(|(file, _)| format!("crates/a/src/{file}"))
            .collect();
        let texts = files.iter().map(|(_, text)| *text);
        circles(paths.iter().map(String::as_str).zip(texts), &[])
            .iter()
            .map(|violation| {
                violation
                    .lines()
                    .map(|line| line.trim().to_owned())
                    .collect()
            })
            .collect()
    }

    fn is_circle_of_two(files: &[(&str, &str)], forth: &str, back: &str) {
        let expected = ["crates/a/src: one.rs ↔ two.rs", forth, back];
        assert_eq!(found(files), [expected], "{files:?}");
    }

    #[test]
    fn two_files_that_name_each_other_are_a_circle_however_they_do_it() {
        let lib = ("lib.rs", "mod one; mod two;");
        let two = ("two.rs", "use crate::one::One; pub struct Two(One);");
        for one in [
            "use crate::two::Two; pub struct One;",
            "use super::two::Two; pub struct One;",
            "use super::{two::{self, Two}}; pub struct One;",
            "pub struct One(Vec<crate::two::Two>);",
            "use crate::two; pub struct One; fn f() -> two::Two { g() }",
            "pub struct One; fn f() { let x = super::two::Two; }",
            "pub struct One; fn f() { use super::two::Two as T; }",
            "pub struct One; fn f() { println!(\"{}\", [super::two::Two]); }",
            "pub struct One; mod inner { fn f() -> super::super::two::Two { g() } }",
            "use super::two::*; pub struct One(Two);",
        ] {
            is_circle_of_two(
                &[lib, ("one.rs", one), two],
                "one.rs → two.rs: Two",
                "two.rs → one.rs: One",
            );
        }
    }

    #[test]
    fn a_name_behind_a_door_belongs_to_the_file_that_defines_it() {
        let files = [
            ("lib.rs", "mod b; pub use b::{One, Two};"),
            (
                "b/mod.rs",
                "mod one; mod two; pub use self::one::One; pub use two::*;",
            ),
            ("b/one.rs", "use super::Two; pub struct One;"),
            ("b/two.rs", "use crate::One; pub struct Two;"),
        ];
        assert_eq!(
            found(&files),
            [[
                "crates/a/src: b/one.rs ↔ b/two.rs",
                "b/one.rs → b/two.rs: Two",
                "b/two.rs → b/one.rs: One",
            ]]
        );
    }

    #[test]
    fn a_door_that_holds_code_is_in_the_circle_and_one_that_passes_on_is_not() {
        let room = (
            "b/room.rs",
            "use super::Call; pub fn perform(call: Call) {}",
        );
        let holds = "mod room; pub struct Call; pub fn perform() { room::perform(Call) }";
        let found_one = found(&[("lib.rs", "mod b;"), ("b/mod.rs", holds), room]);
        assert_eq!(found_one[0][0], "crates/a/src: b/mod.rs ↔ b/room.rs");
        let passes = "mod call; mod room; pub use call::Call; pub use room::perform;";
        let call = ("b/call.rs", "pub struct Call;");
        let none = found(&[("lib.rs", "mod b;"), ("b/mod.rs", passes), call, room]);
        assert_eq!(none, Vec::<Vec<String>>::new());
    }

    #[test]
    fn methods_of_one_type_in_two_files_tie_them() {
        let files = [
            ("lib.rs", "mod one; mod two;"),
            (
                "one.rs",
                "pub struct One; impl One { pub fn a(&self) { self.b(); self.c(); } fn c(&self) {} }",
            ),
            (
                "two.rs",
                "use super::one::One; impl One { pub fn b(&self) {} }",
            ),
        ];
        is_circle_of_two(&files, "one.rs → two.rs: b()", "two.rs → one.rs: One");
    }

    #[test]
    fn three_files_in_a_row_are_a_circle_only_when_it_closes() {
        let files = |last| {
            [
                ("main.rs", "mod a; mod b; mod c; fn main() { a::A; }"),
                ("a.rs", "pub struct A(crate::b::B);"),
                ("b.rs", "pub struct B(crate::c::C);"),
                ("c.rs", last),
            ]
        };
        assert_eq!(found(&files("pub struct C;")).len(), 0);
        let closed = found(&files("pub struct C(Box<crate::a::A>);"));
        assert_eq!(closed[0][0], "crates/a/src: a.rs ↔ b.rs ↔ c.rs");
    }

    #[test]
    fn tests_and_other_crates_tie_nothing() {
        let files = [
            ("lib.rs", "mod one; mod two; #[cfg(test)] mod three;"),
            (
                "one.rs",
                "pub struct One; #[cfg(test)] mod tests { use crate::two::Two; }
                 #[cfg(test)] use crate::two::Two; use serde::two; fn f(two: two::Two) {}",
            ),
            (
                "two.rs",
                "use crate::one::One; pub struct Two; use Two as two;",
            ),
            ("three.rs", "use crate::three::x;"),
        ];
        assert_eq!(found(&files), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_known_circle_is_excused_until_it_is_gone() {
        let circle = [
            ("crates/a/src/lib.rs", "mod one; mod two;"),
            ("crates/a/src/one.rs", "pub struct One(crate::two::Two);"),
            (
                "crates/a/src/two.rs",
                "pub struct Two(Box<crate::one::One>);",
            ),
        ];
        let not_yet = ["crates/a/src: one.rs ↔ two.rs"];
        assert_eq!(circles(circle.into_iter(), &not_yet), Vec::<String>::new());
        let row = circle.into_iter().take(2);
        assert_eq!(
            circles(row, &not_yet),
            [
                "crates/a/src: one.rs ↔ two.rs: no circle of exactly these files; take it off the list `NOT_YET`"
            ]
        );
    }
}
