//! Templates that would write elsewhere, never end, or give other bytes each time.

use std::collections::BTreeMap;
use std::fs;

use factory_templates::{File, PathProblem, Template, Tree, WriteError};
use serde_json::{Value, json};

use crate::support::{Written, answers, rendered};

#[test]
fn files_cannot_leave_the_project() {
    for (name, target, reason) in [
        ("{{cookiecutter.evil}}", "/etc/passwd", "it is absolute"),
        (
            "{{cookiecutter.evil}}",
            "../outside",
            "it climbs out by `..`",
        ),
        (
            "a/{{cookiecutter.evil}}",
            "../../outside",
            "it climbs out by `..`",
        ),
        (
            "{{cookiecutter.evil}}",
            ".git/hooks/post-checkout",
            "it lies in `.git`",
        ),
        (
            "sub/{{cookiecutter.evil}}/config",
            ".GIT",
            "it lies in `.git`",
        ),
        (
            "{{cookiecutter.evil}}",
            "a\u{0}b",
            "it holds a control character",
        ),
    ] {
        let error = rendered(name, "x", &json!({"slug": "x", "evil": target})).unwrap_err();
        assert!(
            error.contains(reason) && error.contains("is refused"),
            "{target}: {error}"
        );
    }
}

#[test]
fn two_paths_that_differ_by_case_only_are_refused() {
    let written = Written::new(&[
        ("cookiecutter.json", r#"{"slug": "x", "twin": "README.md"}"#),
        ("{{cookiecutter.slug}}/readme.md", "a"),
        ("{{cookiecutter.slug}}/{{cookiecutter.twin}}", "b"),
    ]);
    let error = written
        .open()
        .unwrap()
        .scaffold(&BTreeMap::new(), &Value::Null)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("another path differs from it only by case"),
        "{error}"
    );
}

#[test]
fn a_tree_refuses_paths_that_clash() {
    let file = || File {
        bytes: Vec::new(),
        executable: false,
    };
    let mut tree = Tree::new();
    tree.insert("a/b", file()).unwrap();
    for (path, expected) in [
        ("a/b/c", PathProblem::FileAndFolder),
        ("a", PathProblem::FileAndFolder),
        ("A/c", PathProblem::CaseTwin),
        ("../c", PathProblem::Climbs),
        ("", PathProblem::FileAndFolder),
    ] {
        assert_eq!(tree.insert(path, file()), Err(expected), "{path}");
    }
    assert_eq!(tree.insert("a/b", file()), Ok(()));
    assert_eq!(tree.len(), 1);
}

#[test]
fn what_never_ends_is_stopped() {
    for text in [
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'a.txt' %}",
        "{{ '%999999999d' | format(1) }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ 'a' * 999999999999 }}",
        "{% for a in range(99999) %}{{ '0123456789' * 1000 }}{% endfor %}",
    ] {
        let error = rendered("a.txt", text, &json!({"slug": "x"})).unwrap_err();
        assert!(
            error.contains("{{cookiecutter.slug}}/a.txt"),
            "{text}: {error}"
        );
    }
}

#[test]
fn what_gives_other_bytes_each_time_is_refused_with_its_line() {
    for (text, reason) in [
        (
            "\n{% now 'utc' %}",
            "line 2: invalid operation: `now` gives another result each time; give the time as answer `_now`",
        ),
        (
            "\n{{ uuid4() }}",
            "line 2: invalid operation: `uuid4` gives another result each time",
        ),
        (
            "{{ random_ascii_string(5, punctuation=true) }}",
            "line 1: invalid operation: `random_ascii_string` gives",
        ),
        (
            "{{ [1, 2] | random }}",
            "line 1: invalid operation: `random` gives another result each time",
        ),
        (
            "{% gitcommit %}",
            "line 1: syntax error: unknown statement gitcommit; extensions of Jinja2 are not supported",
        ),
    ] {
        let error = rendered("a.txt", text, &json!({"slug": "x"})).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn the_time_is_an_answer() {
    let written = Written::new(&[
        (
            "cookiecutter.json",
            r#"{"slug": "x", "year": "{% now 'utc', '%Y' %}"}"#,
        ),
        (
            "{{cookiecutter.slug}}/a.txt",
            "{{ cookiecutter.year }} {% now 'local' %} {% now 'utc', '%B %-d' %}",
        ),
    ]);
    let template = written.open().unwrap();
    let given = answers(&json!({"_now": "2026-02-03T23:59:59Z"}));
    let tree = template.scaffold(&given, &Value::Null).unwrap();
    assert_eq!(tree.text("a.txt"), Some("2026 2026-02-03 February 3"));
    let error = template
        .scaffold(&BTreeMap::new(), &Value::Null)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("cookiecutter.json: year: invalid operation: `now` gives"),
        "{error}"
    );
}

#[test]
fn mistakes_name_the_file_and_line() {
    for (text, reason) in [
        (
            "a\n{{ cookiecutter.nope }}",
            "line 2: `cookiecutter.nope` is undefined",
        ),
        ("a\n\n{{ nope }}", "line 3: `nope` is undefined"),
        ("{% if nope %}{% endif %}", "line 1: `nope` is undefined"),
        ("{{ 'x' | nope }}", "line 1: filter nope is unknown"),
        (
            "{{ 'x'.nope() }}",
            "line 1: string has no method named nope",
        ),
        ("{% include 'nope.txt' %}", "line 1: template not found"),
        (
            "{% include '../../cookiecutter.json' %}",
            "line 1: template not found",
        ),
        ("{% if %}", "line 1: syntax error"),
    ] {
        let error = rendered("a.txt", text, &json!({"slug": "x"})).unwrap_err();
        let place = format!("{{{{cookiecutter.slug}}}}/a.txt, {reason}");
        assert!(error.starts_with(&place), "{text}: {error}");
    }
}

#[test]
fn answers_are_words_and_never_templates() {
    let written = Written::new(&[
        ("cookiecutter.json", r#"{"name": "n", "slug": "x"}"#),
        ("{{cookiecutter.slug}}/a.txt", "{{ cookiecutter.name }}"),
    ]);
    let given = answers(&json!({"name": "{{ 7 * 7 }} {% raw %}"}));
    let tree = written
        .open()
        .unwrap()
        .scaffold(&given, &Value::Null)
        .unwrap();
    assert_eq!(tree.text("a.txt"), Some("{{ 7 * 7 }} {% raw %}"));
}

#[test]
fn answers_that_are_not_choices_are_refused() {
    let written = Written::new(&[
        (
            "cookiecutter.json",
            r#"{"slug": "x", "kind": ["web", "cli"], "flag": true, "deep": {"a": 1}}"#,
        ),
        (
            "{{cookiecutter.slug}}/a.txt",
            "{{ cookiecutter.kind }} {{ cookiecutter.flag }}",
        ),
    ]);
    let template = written.open().unwrap();
    for (given, expected) in [
        (
            json!({"kind": "lib"}),
            "answer `kind`: `lib` is not one of web, cli",
        ),
        (
            json!({"kind": ["web", "lib"]}),
            "answer `kind`: `lib` is not one of web, cli",
        ),
        (
            json!({"flag": "perhaps"}),
            "answer `flag`: `perhaps` is neither yes nor no",
        ),
        (
            json!({"deep": "flat"}),
            "answer `deep`: it takes a dictionary",
        ),
    ] {
        let error = template
            .scaffold(&answers(&given), &Value::Null)
            .unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_template_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "s").unwrap();
    let written = Written::new(&[
        ("cookiecutter.json", r#"{"slug": "x"}"#),
        ("{{cookiecutter.slug}}/a", "a"),
    ]);
    let link = written.dir.path().join("{{cookiecutter.slug}}/link");
    std::os::unix::fs::symlink(outside.path().join("secret"), link).unwrap();
    let error = written.open().unwrap_err().to_string();
    assert!(
        error.contains(
            "{{cookiecutter.slug}}/link: a link that leads out of the template or nowhere"
        ),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn writing_a_tree_never_follows_a_link() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("kept"), "kept").unwrap();
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), root.path().join("folder")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("kept"), root.path().join("file")).unwrap();
    let file = || File {
        bytes: b"new".to_vec(),
        executable: true,
    };

    let mut tree = Tree::new();
    tree.insert("folder/x", file()).unwrap();
    let error = tree.write_to(root.path()).unwrap_err();
    assert!(matches!(error, WriteError::NoFolder { path } if path.ends_with("folder")));

    let mut tree = Tree::new();
    tree.insert("file", file()).unwrap();
    tree.insert("a/b/c", file()).unwrap();
    tree.write_to(root.path()).unwrap();
    assert_eq!(fs::read(root.path().join("file")).unwrap(), b"new");
    assert_eq!(fs::read(root.path().join("a/b/c")).unwrap(), b"new");
    assert_eq!(fs::read(outside.path().join("kept")).unwrap(), b"kept");
    assert!(!outside.path().join("x").exists());
    tree.write_to(root.path()).unwrap();
}

#[test]
fn what_tools_leave_behind_is_not_part_of_a_template() {
    let written = Written::new(&[
        ("cookiecutter.json", r#"{"slug": "x"}"#),
        ("{{cookiecutter.slug}}/a.py", "a"),
        ("{{cookiecutter.slug}}/__pycache__/a.pyc", "x"),
        ("{{cookiecutter.slug}}/.venv/bin/python", "x"),
        ("{{cookiecutter.slug}}/node_modules/m/index.js", "x"),
    ]);
    let tree = Template::open(written.dir.path())
        .unwrap()
        .scaffold(&BTreeMap::new(), &Value::Null)
        .unwrap();
    assert_eq!(tree.paths().collect::<Vec<_>>(), ["a.py"]);
}
