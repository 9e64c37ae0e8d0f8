//! A folder's door, `mod.rs` or `lib.rs`, leads to the rooms and holds none itself: docs, attributes, `mod`
//! and `use` lines.

use syn::Item;
use syn::spanned::Spanned as _;

/// Doors that still hold code. This list only shrinks: a door that has become clean must leave it.
pub(super) const NOT_YET: [&str; 0] = [];

/// The doors among the sources.
pub(super) fn doors<'a>(
    sources: impl Iterator<Item = (&'a str, &'a str)>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    sources.filter(|(path, _)| {
        path.contains("/src/")
            && !path.contains("/tests/")
            && (path.ends_with("/mod.rs") || path.ends_with("/lib.rs"))
    })
}

/// Doors with anything else in them, and doors of the list `not_yet` that no longer belong there.
pub(super) fn rooms_in_doors<'a>(
    sources: impl Iterator<Item = (&'a str, &'a str)>,
    not_yet: &[&str],
) -> Vec<String> {
    let mut violations = Vec::new();
    let mut excused = Vec::new();
    for (path, text) in doors(sources) {
        let room = match syn::parse_file(text) {
            Ok(file) => file.items.iter().find(|item| !belongs(item)).map(place),
            Err(error) => Some(format!("cannot be parsed: {error}")),
        };
        match room {
            Some(_) if not_yet.contains(&path) => excused.push(path),
            Some(room) => violations.push(format!("{path}{room}")),
            None => {}
        }
    }
    let clean = not_yet.iter().filter(|path| !excused.contains(path));
    violations.extend(clean.map(|path| {
        format!("{path} holds nothing but `mod` and `use`; take it off the list `NOT_YET`")
    }));
    violations
}

fn belongs(item: &Item) -> bool {
    match item {
        Item::Use(_) => true,
        Item::Mod(module) => module.content.is_none(),
        _ => false,
    }
}

fn place(item: &Item) -> String {
    let line = item.span().start().line;
    format!(":{line} holds code; a door holds `mod` and `use` lines only")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "\
//! Docs.
#![allow(x)]
#[cfg(test)]
mod tests;
pub mod a;
pub use self::a::{B, C};
use d::e;
";

    #[test]
    fn a_door_with_a_room_in_it_is_found() {
        for room in [
            "fn f() {}",
            "pub struct S;",
            "mod inline {}",
            "pub const N: u8 = 1;",
            "macro_rules! m { () => {} }",
            "impl S {}",
        ] {
            let text = format!("{CLEAN}{room}\n");
            let sources = [
                ("crates/a/src/lib.rs", CLEAN),
                ("crates/a/src/b/mod.rs", text.as_str()),
                ("crates/a/src/b/room.rs", text.as_str()),
                ("crates/a/tests/it/b/mod.rs", text.as_str()),
            ];
            assert_eq!(
                rooms_in_doors(sources.into_iter(), &[]),
                ["crates/a/src/b/mod.rs:8 holds code; a door holds `mod` and `use` lines only"],
                "{room}"
            );
            let excused = rooms_in_doors(sources.into_iter(), &["crates/a/src/b/mod.rs"]);
            assert_eq!(excused, Vec::<String>::new());
        }
    }

    #[test]
    fn a_clean_or_missing_door_must_leave_the_list() {
        let sources = [("crates/a/src/lib.rs", CLEAN)];
        let not_yet = ["crates/a/src/lib.rs", "crates/a/src/gone/mod.rs"];
        assert_eq!(
            rooms_in_doors(sources.into_iter(), &not_yet),
            [
                "crates/a/src/lib.rs holds nothing but `mod` and `use`; take it off the list `NOT_YET`",
                "crates/a/src/gone/mod.rs holds nothing but `mod` and `use`; take it off the list `NOT_YET`",
            ]
        );
    }
}
