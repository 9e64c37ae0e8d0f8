//! Faults of `template.toml` and `cookiecutter.json`: all at once, each with its place and a remedy.

use factory_templates::{OpenError, Template};

use crate::support::Written;

const HEAD: &str = "schema_version = 1\nname = \"t\"\nversion = \"0.1.0\"\ndescription = \"d\"\nengine = \">=0.1.0\"\n";

fn faults(toml: &str) -> Vec<String> {
    let written = Written::new(&[
        ("cookiecutter.json", "{\"slug\": \"x\"}"),
        ("{{cookiecutter.slug}}/a.txt", "a"),
        ("slices/entity/e.txt", "e"),
        ("template.toml", toml),
    ]);
    match written.open() {
        Ok(_) => Vec::new(),
        Err(OpenError::Faulty { faults, .. }) => faults.iter().map(ToString::to_string).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_manifest_with_nothing_but_its_head_is_enough() {
    assert_eq!(faults(HEAD), Vec::<String>::new());
}

#[test]
fn all_faults_are_reported_at_once() {
    let toml = "schema_version = 2\nname = \"\"\nversion = \"one\"\nengine = \">=99.0.0\"\ndescripton = \"d\"\n\
        [needs]\nmemory_mb = \"much\"\ndatabase = \"mysql\"\n[[verify]]\ncheck = \"test\"\nrun = []\n";
    assert_eq!(
        faults(toml),
        [
            "template.toml, schema_version: this program reads version 1; write `schema_version = 1`",
            "template.toml, name: the key is missing; write a string",
            "template.toml, version: `one` is not a version: unexpected character 'o' while parsing major version number; write it like `0.1.0`",
            "template.toml, description: the key is missing; write a string",
            "template.toml, engine: it needs factory >=99.0.0, and this is 0.1.0; use another version of the template or of factory",
            "template.toml, needs.memory_mb: this is a string; write a whole number above 0",
            "template.toml, needs.database: `mysql` is not known; use one of `none`, `sqlite`, `postgres`",
            "template.toml, verify[0].check: `test` is not known; did you mean `tests`?",
            "template.toml, verify[0].run: the command is missing; write [\"program\", \"argument\"]",
            "template.toml, descripton: unknown key; did you mean `description`?",
        ]
    );
}

/// Text after the head, and the beginning of one of its faults.
const KEY_FAULTS: &[(&str, &str)] = &[
    ("x = 1", "x: unknown key; use one of"),
    (
        "[tools]\npython3 = \"three\"",
        "tools.python3: `three` is not a version requirement",
    ),
    (
        "[limits]\nbuld = {}",
        "limits.buld: unknown key; did you mean `build`?",
    ),
    (
        "[limits.build]\nmemory = 1",
        "limits.build.memory: unknown key; did you mean `memory_mb`?",
    ),
    (
        "[[ports]]\nname = \"web\"\nenv = \"1-PORT\"",
        "ports[0].env: `1-PORT` is not a valid variable name",
    ),
    (
        "[[ports]]\nname = \"web\"\nenv = \"A\"\n[[ports]]\nname = \"web\"\nenv = \"B\"",
        "ports[1].name: another port has this name or variable",
    ),
    (
        "[[verify]]\nrun = [\"x\"]",
        "verify[0].check: the key is missing; use one of `install`, `lint`, `types`, `tests`, `coverage`, `build`",
    ),
    (
        "[[verify]]\ncheck = \"lint\"\nrun = [\"x\"]\n[[verify]]\ncheck = \"lint\"\nrun = [\"x\"]",
        "verify[1].check: `lint` is listed twice",
    ),
    (
        "[[verify]]\ncheck = \"lint\"\nrun = [\"x\"]\nmin_coverage = 80",
        "verify[0].min_coverage: only the check `coverage` has it",
    ),
    (
        "[[verify]]\ncheck = \"coverage\"\nrun = [\"x\"]\nmin_coverage = 101",
        "verify[0].min_coverage: this is more than 100 percent",
    ),
    (
        "[[verify]]\ncheck = \"lint\"\nrun = \"x\"",
        "verify[0].run: this is a string; write a list of strings",
    ),
    (
        "[start]\nrun = [\"x\"]\nhealth = \"healthz\"",
        "start.health: this is not a path",
    ),
    (
        "[start]\nrun = [\"x\"]\nbefore = [[]]",
        "start.before: this is an array; write a list of commands",
    ),
    (
        "[start]\nrun = [\"x\"]\nenv = { A = 1 }",
        "start.env.A: this is an integer; write a string",
    ),
    (
        "[[slices]]\nname = \"a b\"\nfor_each = \"entity\"\nsource = \"slices/entity\"",
        "slices[0].name: `a b` is not a valid name",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"each\"\nsource = \"slices/entity\"",
        "slices[0].for_each: `each` is not known; use one of `entity`, `story`, `product`",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"entity\"",
        "slices[0].source: the slice neither renders nor edits anything",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"entity\"\nsource = \"slices/entities\"",
        "slices[0].source: there are no files in `slices/entities`; did you mean `slices/entity`?",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"entity\"\nkinds = [\"crud\"]\nsource = \"slices/entity\"",
        "slices[0].kinds: only slices of stories have kinds",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"story\"\nkinds = [\"crood\"]\nsource = \"slices/entity\"",
        "slices[0].kinds: `crood` is not a kind of story; did you mean `crud`?",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"story\"\nafter = [\"b\"]\nsource = \"slices/entity\"",
        "slices[0].after: there is no slice `b`",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"story\"\nafter = [\"b\"]\nsource = \"slices/entity\"\n\
             [[slices]]\nname = \"b\"\nfor_each = \"story\"\nafter = [\"a\"]\nsource = \"slices/entity\"",
        "slices[0].after: the slices wait for each other: a → b → a",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"story\"\nafter = [\"b\"]\nsource = \"slices/entity\"\n\
             [[slices]]\nname = \"b\"\nfor_each = \"product\"\nsource = \"slices/entity\"",
        "slices[0].after: `b` is rendered after all others",
    ),
    (
        "[[slices]]\nname = \"a\"\nfor_each = \"entity\"\nsource = \"slices/entity\"\n[[slices.edits]]\nfile = \"f\"\nanchor = \"a\"\nline = \"{{ entity.name\"",
        "slices[0].edits[0].line: syntax error",
    ),
    (
        "shared = [\"nowhere\"]",
        "shared: there is no shared layer `nowhere`",
    ),
    (
        "[prompts]\ncustom = 1",
        "prompts.custom: this is an integer; write a string",
    ),
];

#[test]
fn each_fault_names_its_key_and_what_to_do() {
    for (toml, expected) in KEY_FAULTS {
        let found = faults(&format!("{HEAD}{toml}\n"));
        let place = format!("template.toml, {expected}");
        assert!(
            found.iter().any(|fault| fault.starts_with(&place)),
            "{toml}\n{found:#?}"
        );
    }
}

#[test]
fn broken_toml_and_json_name_the_line() {
    assert!(faults(&format!("{HEAD}x = [\n"))[0].starts_with("template.toml, line "));
    let written = Written::new(&[
        ("cookiecutter.json", "{\n\"slug\": }"),
        ("{{cookiecutter.slug}}/a", "a"),
    ]);
    let OpenError::Faulty { faults, .. } = written.open().unwrap_err() else {
        panic!()
    };
    assert_eq!(
        (faults[0].file.as_str(), faults[0].at.as_str()),
        ("cookiecutter.json", "line 2")
    );
}

#[test]
fn what_cookiecutter_can_and_we_cannot_is_refused_with_the_reason() {
    for (json, expected) in [
        (
            "{\n  \"slug\": \"x\",\n  \"_extensions\": [\n    \"local.Thing\"]}",
            "cookiecutter.json, _extensions, line 4: the Jinja2 extension `local.Thing` is Python code and is not supported",
        ),
        (
            r#"{"templates": {"a": {"path": "a"}}}"#,
            "cookiecutter.json, templates: it holds several templates",
        ),
        (
            r#"{"_jinja2_env_vars": {"finalize": "x"}}"#,
            "cookiecutter.json, _jinja2_env_vars.finalize: `finalize: \"x\"` is not supported",
        ),
        (
            r#"{"_new_lines": "x"}"#,
            "cookiecutter.json, _new_lines: \"x\" is not a newline",
        ),
        (
            r#"{"_copy_without_render": "*.x"}"#,
            "cookiecutter.json, _copy_without_render: this is not a list of strings",
        ),
        ("[]", "cookiecutter.json: this is not a JSON object"),
    ] {
        let written = Written::new(&[
            ("cookiecutter.json", json),
            ("{{cookiecutter.slug}}/a", "a"),
        ]);
        let error = written.open().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn hooks_are_refused_and_an_empty_folder_for_them_is_not() {
    let scaffold = [
        ("cookiecutter.json", "{\"slug\": \"x\"}"),
        ("{{cookiecutter.slug}}/a", "a"),
    ];
    let with = |hook: &'static str| {
        let mut files = scaffold.to_vec();
        files.push((hook, "import os"));
        Written::new(&files)
            .open()
            .map(drop)
            .map_err(|error| error.to_string())
    };
    let error = with("hooks/post_gen_project.py").unwrap_err();
    assert!(
        error.contains(
            "hooks/post_gen_project.py: hooks are not run, for there is no sandbox for them yet"
        ),
        "{error}"
    );
    assert_eq!(with("hooks/README.md"), Ok(()));
}

#[test]
fn a_folder_that_is_not_a_template_is_refused_with_what_is_missing() {
    let error = Written::new(&[("README.md", "x")])
        .open()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("cookiecutter.json: the file is missing"),
        "{error}"
    );
    assert!(
        error.contains("there is no project folder with a file in it"),
        "{error}"
    );
    let error = Template::embedded("nofold").unwrap_err().to_string();
    assert!(
        error.starts_with("find template `nofold`; the program has: "),
        "{error}"
    );
}
