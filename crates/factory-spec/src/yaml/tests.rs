//! What is read, what is refused, and where it is said to be.

use serde_json::{Value, json};

use super::decode::BYTES_MAX;
use super::parse;
use super::reader::DEPTH_MAX;
use crate::fault::Fault;
use crate::position::Position;

fn value(text: &str) -> Value {
    parse(text.as_bytes()).unwrap().value
}

/// `line:column problem; remedy`, without the place if there is none.
fn fault(text: impl AsRef<[u8]>) -> String {
    let fault = parse(text.as_ref()).unwrap_err();
    fault.position.map_or_else(
        || fault.to_string(),
        |position| format!("{position} {fault}"),
    )
}

#[test]
fn plain_scalars_follow_the_core_schema() {
    let cases = [
        ("~", json!(null)),
        ("Null", json!(null)),
        ("TRUE", json!(true)),
        ("False", json!(false)),
        ("yes", json!("yes")),
        ("no", json!("no")),
        ("12", json!(12)),
        ("-7", json!(-7)),
        ("+7", json!(7)),
        ("007", json!(7)),
        ("0o17", json!(15)),
        ("0xfF", json!(255)),
        ("0x", json!("0x")),
        ("18446744073709551615", json!(u64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("1.5", json!(1.5)),
        (".5", json!(0.5)),
        ("2.", json!(2.0)),
        ("-1e3", json!(-1000.0)),
        ("1e", json!("1e")),
        (".", json!(".")),
        ("-", json!([null])),
        ("1.2.3", json!("1.2.3")),
        ("12:30", json!("12:30")),
        ("2024-01-31", json!("2024-01-31")),
        ("1_000", json!("1_000")),
        ("'12'", json!("12")),
        ("\"true\"", json!("true")),
        ("|\n  a\n  b\n", json!("a\nb\n")),
        (">-\n  a\n  b\n", json!("a b")),
        ("größer", json!("größer")),
    ];
    for (text, expected) in cases {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn numbers_that_json_cannot_hold_are_refused() {
    for number in [
        "18446744073709551616",
        "-9223372036854775809",
        "1e999",
        ".inf",
        "-.INF",
        ".nan",
    ] {
        let problem = fault(format!("a: {number}"));
        assert!(
            problem.starts_with(&format!("1:4 the number `{number}` cannot")),
            "{problem}"
        );
    }
}

#[test]
fn keys_and_values_remember_where_they_stood() {
    let text = "\u{feff}name: Ledgerly\nfounder: { skills: [py, 'l, n'] }\nempty:\nentities:\n  \
                Größe/~: { a: ~ }\n  B:\n    - x\n    -   y: 1\n        z: 2\n";
    let document = parse(text.as_bytes()).unwrap();
    let place = |pointer: &str| {
        let shown = |position: Option<Position>| position.map(|position| position.to_string());
        (
            shown(document.key_position(pointer)),
            shown(document.position(pointer)),
        )
    };
    let at = |key: &str, value: &str| {
        (
            Some(key.to_owned()).filter(|key| !key.is_empty()),
            Some(value.to_owned()),
        )
    };
    assert_eq!(place(""), at("", "1:1"));
    assert_eq!(place("/name"), at("1:1", "1:7"));
    assert_eq!(place("/founder"), at("2:1", "2:10"));
    assert_eq!(place("/founder/skills/1"), at("", "2:25"));
    assert_eq!(place("/empty"), at("3:1", "3:1"));
    assert_eq!(place("/entities"), at("4:1", "5:3"));
    assert_eq!(place("/entities/Größe~1~0"), at("5:3", "5:12"));
    assert_eq!(place("/entities/Größe~1~0/a"), at("5:14", "5:17"));
    assert_eq!(place("/entities/B/0"), at("", "7:7"));
    assert_eq!(place("/entities/B/1/z"), at("9:9", "9:12"));
    assert_eq!(place("/nowhere"), (None, None));
    assert_eq!(
        document.value.pointer("/entities/Größe~1~0/a"),
        Some(&Value::Null)
    );
}

#[test]
fn windows_line_ends_and_key_order_are_kept_right() {
    let document = parse(b"b: 1\r\na: 2\r\nc: ~\r\nd:\r\n").unwrap();
    assert_eq!(
        document.value.to_string(),
        r#"{"b":1,"a":2,"c":null,"d":null}"#
    );
    assert_eq!(
        document.position("/a"),
        Some(Position { line: 2, column: 4 })
    );
    assert_eq!(
        document.position("/c"),
        Some(Position { line: 3, column: 4 })
    );
    assert_eq!(
        document.position("/d"),
        Some(Position { line: 4, column: 1 })
    );
}

#[test]
fn keys_are_texts_as_they_are_written() {
    assert_eq!(
        value("1: a\ntrue: b\n? c\n: d"),
        json!({"1": "a", "true": "b", "c": "d"})
    );
    assert_eq!(value("~: a"), json!({"~": "a"}));
}

#[test]
fn anything_that_hides_a_value_is_refused() {
    let cases = [
        ("a: &x 1", "1:7 anchors"),
        ("a: &x [1]\nb: *x", "1:7 anchors"),
        (
            "a: *x",
            "1:4 while parsing node, found unknown anchor; put the text in quotes",
        ),
        (
            "a: !!str 1",
            "1:10 the tag `tag:yaml.org,2002:!str` is not supported",
        ),
        ("a: !thing {}", "1:11 the tag `!thing` is not supported"),
        ("<<: {a: 1}", "1:1 merge keys"),
        (
            "a: 1\nb: 2\n'a': 3",
            "3:1 the key `a` is defined twice, first in line 1; keep one of them",
        ),
        ("x: {a: 1, a: 2}", "1:11 the key `a` is defined twice"),
        ("a: 1\n---\nb: 2", "2:1 a second document begins"),
        ("? [a]\n: 1", "1:3 a key is a list or a mapping"),
        (": 1", "1:1 an entry has no key"),
    ];
    for (text, expected) in cases {
        let problem = fault(text);
        assert!(problem.starts_with(expected), "{text}: {problem}");
    }
}

#[test]
fn a_syntax_error_comes_with_its_position_and_advice() {
    let cases = [
        (
            "a: b: c",
            "1:5",
            "put the text in quotes if `: ` belongs to it",
        ),
        ("a: 'b", "1:4", "close the quotes"),
        ("a: [1, 2\nb: 3", "2:2", "close the open list"),
        ("a: {b: 1\n", "2:1", "close the mapping"),
        ("a: 1\n\tb: 2", "1:4", "with spaces"),
        ("a: @b", "1:4", "put the text in quotes"),
        ("a: 1\n  b: 2\n", "2:4", "quotes"),
        ("a:\n  - b\n c: 1\n", "3:2", "indent"),
        ("a: 1\nb\n", "3:1", "`key: value`"),
    ];
    for (text, position, remedy) in cases {
        let problem = fault(text);
        assert!(
            problem.starts_with(position) && problem.contains(remedy),
            "{text:?}: {problem}"
        );
    }
}

#[test]
fn a_text_that_is_not_utf_8_is_refused_with_the_offset_of_the_byte() {
    assert_eq!(
        fault(b"name: x\nzwei: gr\xf6\xdfer\n"),
        "2:9 the byte 0xf6 at offset 16 is not UTF-8; save the file as UTF-8"
    );
    assert_eq!(
        fault(b"\xff\xfea\0"),
        "the file is UTF-16; save it as UTF-8"
    );
}

#[test]
fn control_characters_do_not_end_the_text() {
    let problem = fault("a: 1\nb: \0c\nd: 2");
    assert!(
        problem.starts_with("2:4 there is a control character, U+0000"),
        "{problem}"
    );
}

#[test]
fn an_empty_text_is_refused() {
    for text in ["", "\n", "# only a comment\n"] {
        assert!(fault(text).starts_with("the file is empty"), "{text:?}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
    assert!(fault(nested(DEPTH_MAX + 1)).starts_with("1:65 lists and mappings are nested"));
    assert!(fault(nested(5000)).contains("nest less"));
    assert!(fault("- ".repeat(BYTES_MAX / 2)).contains("nested more than 64 deep"));
    assert!(fault("a".repeat(BYTES_MAX + 1)).starts_with("the file is 1048577 bytes long"));
    assert_eq!(
        value(&"- a\n".repeat(BYTES_MAX / 4))
            .as_array()
            .unwrap()
            .len(),
        BYTES_MAX / 4
    );
}

// The parser is young; a mistyped text must not crash the program.
#[test]
fn damaged_texts_never_panic() {
    let seed_text = "a: {b: [1, 'x'], c: \"y\\n\"}\nd:\n  - e: |\n      f\n    g: &h !!i *h\n--- %TAG\n? j\n: k\n";
    let snippets: Vec<char> = "[]{}:,-?|>&*!%@`'\"#\\ \n\t~é<.0x".chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    for _ in 0..20_000 {
        let mut text: Vec<char> = seed_text.chars().collect();
        for _ in 0..=random(8) {
            let at = random(text.len());
            match random(3) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, snippets[random(snippets.len())]),
                _ => text[at] = snippets[random(snippets.len())],
            }
        }
        let text: String = text.into_iter().collect();
        let _read_or_refused = parse(text.as_bytes());
    }
}

#[test]
fn a_fault_is_located_at_its_key_or_value_or_at_the_nearest_thing_around_it() {
    let document = parse(b"resources:\n  memory: 3\nlist: [a]\n").unwrap();
    let at = |fault: Fault| document.locate(fault).position.unwrap().to_string();
    for (pointer, key, value) in [
        ("/resources/memory", "2:3", "2:11"),
        ("/resources", "1:1", "2:3"),
        ("/list/0", "3:8", "3:8"),
        ("/list/7", "3:7", "3:7"),
        ("/nowhere/at/all", "1:1", "1:1"),
        ("", "1:1", "1:1"),
    ] {
        assert_eq!(at(Fault::of_key(pointer, "", "")), key, "{pointer}");
        assert_eq!(at(Fault::new(pointer, "", "")), value, "{pointer}");
    }
}
