//! The grammar, by table.

use crate::claim::{Claim, Glob, GlobError, Mode, covers};

fn glob(text: &str) -> Glob {
    Glob::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_glob_matches_what_its_documentation_says() {
    for (text, yes, no) in [
        ("src", "src src/a src/a/b.rs", "srcs a/src sr"),
        ("src/", "src/a src/a/b", "src srcs/a"),
        ("src/*", "src/a src/.b", "src src/a/b"),
        (
            "src/*.rs",
            "src/a.rs src/.rs",
            "src/a/b.rs src/a.rs/x src/ars",
        ),
        ("src/**", "src/a src/a/b", "src srcs/a"),
        ("**", "a a/b/c", ""),
        ("**/x", "x a/x a/b/x x/y a/x/y", "ax a/bx"),
        ("**/x.*", "x.a a/x.a a/b/x.", "x x.a/y"),
        ("a/**/b", "a/b a/x/b a/x/y/b a/b/c", "ab a/xb"),
        ("a/**/b?", "a/bb a/x/bb", "a/b a/bb/c"),
        ("a**b", "ab axb", "a/b"),
        ("{a,b/c}", "a a/x b/c b/c/d", "b c"),
        ("{a,b{c,d}}e", "ae bce bde", "be ae_"),
        ("x{,y}", "x xy", "xx"),
        ("[a-c]?", "ax bé", "a dx a/ axx"),
        ("[!a-c]", "d é", "a / dd"),
        ("[]a]", "] a", "b"),
        ("[a-]", "a -", "b"),
        (r"\*", "* */x", "a"),
        (r"a\{b,c\}", "a{b,c}", "ab ac"),
        (r"[\]]", "]", r"\"),
        ("./src", "src", ""),
        ("é*", "é éa", "e"),
    ] {
        let glob = glob(text);
        for path in yes.split_whitespace() {
            assert!(glob.is_match(path), "`{text}` should match `{path}`");
            assert!(
                path.starts_with(glob.literal_prefix()),
                "prefix of `{text}`"
            );
        }
        for path in no.split_whitespace() {
            assert!(!glob.is_match(path), "`{text}` should not match `{path}`");
        }
    }
}

#[test]
fn what_no_path_can_be_is_refused() {
    for (text, expected) in [
        ("", "the glob is empty"),
        ("/etc", "the glob `/etc` is not relative to the project"),
        ("{,a}/b", "the glob `{,a}/b` is not relative to the project"),
        ("../x", "the glob `../x` has a component `..`"),
        ("a/{b,..}/x", "the glob `a/{b,..}/x` has a component `..`"),
        ("a/./b", "the glob `a/./b` has a component `.`"),
        ("a//b", "the glob `a//b` has an empty component"),
        ("a\nb", "the glob \"a\\nb\" has a control character"),
        ("a[b", "in the glob `a[b`, `[` is never closed"),
        ("a{b", "in the glob `a{b`, `{` is never closed"),
        ("a\\", "in the glob `a\\`, `\\` is never closed"),
        (
            "a}b",
            "in the glob `a}b`, `}` closes nothing; write `\\}` for the character itself",
        ),
        ("[z-a]", "in the glob `[z-a]`, a `[...]` matches nothing"),
        ("[/]", "in the glob `[/]`, a `[...]` matches nothing"),
    ] {
        assert_eq!(Glob::parse(text).unwrap_err().to_string(), expected);
    }
    let many = "{a,b}".repeat(9);
    assert!(matches!(
        Glob::parse(&many),
        Err(GlobError::TooManyAlternatives { .. })
    ));
    let long = "a".repeat(2_000);
    assert!(matches!(Glob::parse(&long), Err(GlobError::TooLong { .. })));
}

#[test]
fn a_literal_glob_matches_its_path_only() {
    let glob = Glob::literal("a[1]/{x}*?\\.md").unwrap();
    assert!(glob.is_match("a[1]/{x}*?\\.md"));
    assert!(!glob.is_match("a1/xab.md"));
}

#[test]
fn a_glob_travels_as_its_text() {
    let claim = Claim::new(Mode::Edit, glob("src/**"));
    let json = serde_json::to_string(&claim).unwrap();
    assert_eq!(json, r#"{"mode":"edit","glob":"src/**"}"#);
    assert_eq!(serde_json::from_str::<Claim>(&json).unwrap(), claim);
    assert!(serde_json::from_str::<Claim>(r#"{"mode":"edit","glob":"../x"}"#).is_err());
}

#[test]
fn edit_and_write_cover_a_change_and_read_does_not() {
    let claims = [
        Claim::new(Mode::Read, glob("db/**")),
        Claim::new(Mode::Edit, glob("src/routes.py")),
        Claim::new(Mode::Write, glob("src/api")),
    ];
    for (path, expected) in [
        ("db/a.sql", false),
        ("src/routes.py", true),
        ("src/api/a/b.py", true),
        ("src/other.py", false),
    ] {
        assert_eq!(covers(&claims, path), expected, "{path}");
    }
    assert!(covers(&[Claim::everything()], "any/thing"));
}
