//! The complete example of the documentation, and what happens when it is broken.

use serde_json::{Value, json};

use super::*;
use crate::fault::{Fault, join};

const LEDGERLY: &str = include_str!("../../tests/fixtures/ledgerly.blueprint.json");

const SCHEMA: &str = include_str!("../../../../docs/schemas/blueprint.schema.json");

fn ledgerly() -> Value {
    serde_json::from_str(LEDGERLY).unwrap()
}

/// Sets the value at a pointer whose parent exists; `null` as text `REMOVE` removes it.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(members) => {
            members.insert(key.to_owned(), value);
        }
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} leads nowhere"),
    }
}

fn faults_of(document: Value) -> Vec<String> {
    match Blueprint::from_value(document) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_complete_example_parses_checks_clean_and_is_written_byte_for_byte() {
    let blueprint = Blueprint::parse(LEDGERLY).unwrap();
    assert_eq!(check(&blueprint), []);
    assert_eq!(blueprint.to_json(), LEDGERLY);
    assert_eq!(Blueprint::parse(&blueprint.to_json()).unwrap(), blueprint);
}

#[test]
fn every_key_that_is_written_is_known_to_the_layout() {
    // One of everything, so that no list hides the keys of its items.
    let mut document = ledgerly();
    set(
        &mut document,
        "/model",
        json!({ "entity": "Job", "target": "rate", "features": ["words"] }),
    );
    assert_eq!(faults_of(document), Vec::<String>::new());
    let written = Blueprint::default().to_json();
    let value: Value = serde_json::from_str(&written).unwrap();
    let mut faults = Vec::new();
    layout::BLUEPRINT.check(&value, "", &mut faults);
    assert_eq!(faults, []);
}

#[test]
fn what_may_be_left_out_is_filled_in() {
    let mut document = ledgerly();
    let client = document
        .pointer_mut("/entities/0")
        .unwrap()
        .as_object_mut()
        .unwrap();
    for key in ["plural", "display", "search", "workflow", "seed_records"] {
        client.shift_remove(key);
    }
    let blueprint = Blueprint::from_value(document).unwrap();
    let client = blueprint.entity("Client").unwrap();
    assert_eq!(
        (
            client.plural.as_str(),
            client.display.as_deref(),
            client.seed_records
        ),
        ("Clients", Some("name"), 12)
    );
}

/// Sets one place and expects these faults among those that follow from it.
fn check_table(table: &[(&str, Value, &[&str])]) {
    for (pointer, value, expected) in table {
        let mut document = ledgerly();
        set(&mut document, pointer, value.clone());
        let faults = faults_of(document);
        for start in *expected {
            let is_reported = faults.iter().any(|fault| fault.starts_with(start));
            assert!(
                is_reported,
                "{pointer} = {value}: nothing starts with `{start}` in {faults:#?}"
            );
        }
    }
}

#[test]
fn a_broken_layout_is_refused() {
    check_table(&[
        (
            "/schema_version",
            json!(2),
            &["/schema_version: version 2 is not known"],
        ),
        (
            "/colour",
            json!(1),
            &["/colour: the key `colour` is unknown"],
        ),
        (
            "/entities/0/feilds",
            json!([]),
            &["/entities/0/feilds: the key `feilds` is unknown; did you mean `fields`?"],
        ),
        (
            "/entities/0/fields/0/type",
            json!("txt"),
            &["/entities/0/fields/0/type: `txt` is not known here; did you mean `text`?"],
        ),
        (
            "/entities/0/fields/0/required",
            json!("yes"),
            &["/entities/0/fields/0/required: this is text; write true or false"],
        ),
        (
            "/stories/0/detail",
            json!({}),
            &["/stories/0/detail: a story of kind `crud` has no detail"],
        ),
        (
            "/stories/2/detail/mesure",
            json!("sum"),
            &["/stories/2/detail/mesure: the key `mesure` is unknown; did you mean `measure`?"],
        ),
        (
            "/roles",
            json!({}),
            &["/roles: this is an object; write a list"],
        ),
    ]);
    assert!(
        Blueprint::parse("{").unwrap_err()[0]
            .problem
            .starts_with("this is not JSON")
    );
    assert_eq!(
        Blueprint::parse("[]").unwrap_err()[0].problem,
        "this is a list"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_bad_name_is_refused_with_a_good_one() {
    check_table(&[
        (
            "/product/name",
            json!(" "),
            &["/product/name: the product has no name"],
        ),
        (
            "/product/slug",
            json!("../x"),
            &["/product/slug: this is not a valid folder name; write `x`"],
        ),
        (
            "/entities/0/fields/1/name",
            json!("class"),
            &[
                "/entities/0/fields/1/name: `class` is a reserved word of Python; write `client_class`",
                "/entities/0/search/1",
            ],
        ),
        (
            "/entities/1/fields/1/name",
            json!("from"),
            &[
                "/entities/1/fields/1/name: `from` is a reserved word of Python; write `from_date`",
                "/entities/2/fields/5/computed",
                "/stories/0/acceptance/0/steps/0/with/words",
            ],
        ),
        (
            "/entities/2/fields/3/name",
            json!("created_at"),
            &[
                "/entities/2/fields/3/name: `created_at` is already in every record; leave it out",
                "/stories/3/detail/on/field",
                "/stories/3/acceptance/0/steps/0/with/due_on",
                "/stories/3/acceptance/0/expect/0/field",
            ],
        ),
        (
            "/entities/2/fields/3/name",
            json!("client_id"),
            &[
                "/entities/2/fields/3/name: `client_id` is the column of the reference `client`",
                "/stories/3/detail",
                "/stories",
                "/stories",
            ],
        ),
        (
            "/entities/0/fields/1",
            json!({"name": "Name"}),
            &[
                "/entities/0/fields/1/name: `Name` is not a valid field name; write `name`",
                "/entities/0/fields/1/name: `name` and `Name` become the same name",
                "/entities/0/search/1",
            ],
        ),
        (
            "/entities/0/plural",
            json!("Jobs"),
            &["/entities/1/plural: the plural `Jobs` of `Job` is taken by `Client`"],
        ),
        (
            "/roles/1/name",
            json!("Client people"),
            &[
                "/roles/1/name: `Client people` is not a valid role name; write `ClientPeople`",
                "/entities/2/workflow/transitions/1/roles/0",
                "/stories/1/role",
                "/stories/1",
                "/stories/1",
                "/stories/3/role",
            ],
        ),
    ]);
    for (name, start) in [
        (
            "client line",
            "`client line` is not a valid entity name; write `ClientLine`",
        ),
        (
            "None",
            "`None` is a reserved word of Python; write `NoneEntry`",
        ),
        (
            "User",
            "`User` is built in; refer to it without declaring it",
        ),
        ("JOB", "`JOB` is not a valid entity name; write `Job`"),
    ] {
        let mut document = ledgerly();
        set(
            &mut document,
            "/entities/-",
            json!({ "name": name, "plural": "Others", "fields": [{ "name": "x" }] }),
        );
        assert!(
            faults_of(document)
                .iter()
                .any(|fault| fault.contains(start)),
            "{name}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_broken_field_is_refused() {
    let field = "/entities/1/fields/2";
    for (value, start) in [
        (
            json!({"name": "rate", "type": "money", "currency": "euro"}),
            "/currency: `euro` is not a currency code",
        ),
        (
            json!({"name": "rate", "type": "integer", "min": 3, "max": 1}),
            "/max: max 1 is below min 3",
        ),
        (
            json!({"name": "rate", "type": "integer", "default": "x"}),
            "/default: the default is wrong",
        ),
        (
            json!({"name": "rate", "type": "money", "values": ["a"]}),
            "/values: only an enum field has values",
        ),
        (
            json!({"name": "rate", "type": "decimal", "references": {"entity": "Job"}}),
            "/references: only ref and refs fields",
        ),
        (
            json!({"name": "rate", "type": "money", "computed": "words *"}),
            "/computed: `words *`: a number or a field is missing",
        ),
        (
            json!({"name": "rate", "type": "money", "computed": "title * 2"}),
            "/computed: `Job.title` is of type text",
        ),
        (
            json!({"name": "rate", "type": "money", "computed": "wrods"}),
            "/computed: there is no field `wrods`; did you mean `words`?",
        ),
    ] {
        let mut document = ledgerly();
        set(&mut document, field, value.clone());
        let faults = faults_of(document);
        assert!(
            faults
                .iter()
                .any(|fault| fault.starts_with(&format!("{field}{start}"))),
            "{value}: {faults:#?}"
        );
    }
    check_table(&[
        (
            "/entities/2/fields/1/references/entity",
            json!("Cleint"),
            &[
                "/entities/2/fields/1/references: there is no entity `Cleint`; did you mean `Client`?",
            ],
        ),
        (
            "/entities/2/fields/1/references/on_delete",
            json!("set_null"),
            &["/entities/2/fields/1/references: a required reference cannot become empty"],
        ),
        (
            "/entities/2/fields/4/values",
            json!(["draft", "sent"]),
            &[
                "/entities/2/workflow/transitions/1/to: `paid` is not a value of `status`",
                "/stories/1/acceptance/0/expect/0/equals",
            ],
        ),
        (
            "/entities/2/fields/4/default",
            json!(null),
            &["/entities/2/workflow/field: `status` has no default"],
        ),
        (
            "/entities/2/workflow/field",
            json!("number"),
            &["/entities/2/workflow/field: `number` is of type text"],
        ),
    ]);
}

#[test]
fn a_cycle_of_required_references_is_refused_with_its_path() {
    let mut document = ledgerly();
    let back = json!({"name": "last_invoice", "type": "ref", "required": true, "references": {"entity": "Invoice"}});
    set(&mut document, "/entities/1/fields/-", back);
    assert_eq!(
        faults_of(document),
        [
            "/entities/2/fields/2/references: required references form a cycle: Job.last_invoice → Invoice.job → Job; \
          make one of them optional, or no first record can be created"
        ]
    );
    check_table(&[(
        "/entities/0/fields/1",
        json!({"name": "email", "type": "ref", "required": true, "references": {"entity": "Client"}}),
        &[
            "/entities/0/search/1: `email` does not hold text",
            "/entities/0/fields/1/references: required references form a cycle: Client.email → Client",
        ],
    )]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_broken_story_is_refused() {
    let first = "/stories/0/acceptance/0";
    let at = |tail: &str| format!("{first}{tail}");
    check_table(&[
        (
            "/stories/0/role",
            json!("Translater"),
            &["/stories/0/role: there is no role `Translater`; did you mean `Translator`?"],
        ),
        (
            "/stories/0/entities",
            json!([]),
            &["/stories/0/entities: the story touches no entity"],
        ),
        (
            "/stories/0/acceptance",
            json!([]),
            &["/stories/0/acceptance: the story has no acceptance test"],
        ),
        (
            "/stories/1/id",
            json!("s1"),
            &[
                "/stories/1/id: the id `s1` is used twice",
                "/endpoints/2/story",
            ],
        ),
        (
            "/stories/2/detail",
            json!(null),
            &["/stories/2/detail: a story of kind `report` needs its own detail"],
        ),
        (
            "/stories/2/detail/measure",
            json!("sum"),
            &["/stories/2/detail/field: the report does not say what it adds up"],
        ),
        (
            "/stories/3/detail/to",
            json!("Nobody"),
            &["/stories/3/detail/to: `Nobody` is neither a role nor a field"],
        ),
        (
            "/stories/3/detail/on/field",
            json!("number"),
            &["/stories/3/detail/days_before: there is no date to count from"],
        ),
        (
            &at("/expect"),
            json!([]),
            &[&at("/expect: nothing is expected")],
        ),
        (
            &at("/expect/0/of"),
            json!("$nobody"),
            &[&at("/expect/0/of: no step binds `$nobody`")],
        ),
        (
            &at("/expect/0/field"),
            json!("totl"),
            &[&at(
                "/expect/0/field: there is no field `totl`; did you mean `total`?",
            )],
        ),
        (
            &at("/expect/0/equals"),
            json!("121.00"),
            &[&at(
                "/expect/0/equals: after these steps `total` is 120.0, not \"121.00\"",
            )],
        ),
        (
            &at("/steps/0/do"),
            json!("send"),
            &[
                &at("/steps/0/do: `send` is not an action on `Job`"),
                &at("/steps/1/with/job: no earlier step binds `$job`"),
            ],
        ),
        (
            &at("/steps/0/with/words"),
            json!("many"),
            &[&at("/steps/0/with/words: `many` is not a whole number")],
        ),
        (
            &at("/steps/1/with/client"),
            json!("$job"),
            &[&at(
                "/steps/1/with/client: `$job` is not a record of `Client`",
            )],
        ),
        (
            &at("/steps/1/with/total"),
            json!("1.00"),
            &[&at("/steps/1/with/total: `total` is computed")],
        ),
        (
            &at("/steps/1/with/status"),
            json!("sent"),
            &[&at(
                "/steps/1/with/status: `status` changes only by transitions",
            )],
        ),
        (
            &at("/steps/1/as"),
            json!("Client"),
            &[&at("/steps/1: `Client` may not create `Invoice`")],
        ),
        (
            "/stories/1/acceptance/0/steps/1/do",
            json!("pay"),
            &[
                "/stories/1/acceptance/0/steps/1: `Translator` may not pay `Invoice`",
                "/stories/1/acceptance/0/steps/1/do: `pay` is not allowed from the state `draft`",
            ],
        ),
    ]);
}

#[test]
fn access_and_reach_are_checked() {
    check_table(&[
        (
            "/roles/1/can/1/scope",
            json!("own"),
            &[
                "/stories/1/acceptance/0/steps/2: `Client` may pay only its own records, and `Translator` created this one",
            ],
        ),
        (
            "/roles/1/can",
            json!([{"action": "read", "entity": "Invoice", "scope": "all"}]),
            &[
                "/entities/2/workflow/transitions/1/roles/0: `Client` has no permission `pay` on `Invoice`",
                "/stories/1/acceptance/0/steps/2: `Client` may not pay `Invoice`",
            ],
        ),
        (
            "/roles/1/can/0/action",
            json!("raed"),
            &["/roles/1/can/0/action: `raed` is not an action on `Invoice`"],
        ),
        (
            "/entities/1/owner",
            json!("Nobody"),
            &["/entities/1/owner: there is no role `Nobody`"],
        ),
        (
            "/entities/-",
            json!({"name": "Lonely", "plural": "Lonelies", "fields": [{"name": "x"}]}),
            &["/entities/3: nothing leads to `Lonely`"],
        ),
        (
            "/pages/0/path",
            json!("/../x"),
            &["/pages/0/path: `/../x` is not a valid path"],
        ),
        (
            "/pages/0/path",
            json!("/jobs"),
            &["/pages/4/path: there are two pages `/jobs`"],
        ),
    ]);
}

#[test]
fn too_many_entities_and_fields_are_refused_without_delay() {
    for count in [61, 300, 50_000] {
        let mut blueprint = Blueprint::parse(LEDGERLY).unwrap();
        blueprint.entities = (0..count)
            .map(|index| Entity {
                name: format!("E{index}"),
                ..Entity::default()
            })
            .collect();
        assert!(
            check(&blueprint)
                .iter()
                .any(|fault| fault.problem == format!("there are {count} entities"))
        );
    }
    let mut blueprint = Blueprint::parse(LEDGERLY).unwrap();
    blueprint.entities[0].fields = (0..61)
        .map(|index| Field {
            name: format!("f{index}"),
            ..Field::default()
        })
        .collect();
    assert!(
        check(&blueprint)
            .iter()
            .any(|fault| fault.problem == "there are 61 fields")
    );
}

/// Every place of a document that has a shape of its own: of a list the first item, of later stories the detail.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, member)| places(member, &join(here, key), found)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let here = join(here, index);
                match item.get("detail") {
                    Some(detail) if index > 0 => places(detail, &join(&here, "detail"), found),
                    None if index > 0 => {}
                    _ => places(item, &here, found),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_published_schema_agrees_with_the_program() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut complete = ledgerly();
    let model = json!({
        "task": "regression", "entity": "Job", "target": "rate", "features": ["words"],
        "horizon": 3, "metric": "mean_absolute_error"
    });
    set(&mut complete, "/model", model);
    assert_eq!(
        conformance::violations(&schema, &complete),
        Vec::<String>::new()
    );
    let mut pointers = Vec::new();
    places(&complete, "", &mut pointers);
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1),
        json!("x"),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({ "colour": 1 }),
    ];
    for (pointer, value) in pointers
        .iter()
        .flat_map(|pointer| values.iter().map(move |value| (pointer, value)))
    {
        let mut document = complete.clone();
        *document.pointer_mut(pointer).unwrap() = value.clone();
        let violations = conformance::violations(&schema, &document);
        let mut layout_faults = Vec::new();
        layout::BLUEPRINT.check(&document, "", &mut layout_faults);
        assert!(
            layout_faults.is_empty() || !violations.is_empty(),
            "{pointer} = {value}: the schema accepts it, the program says {layout_faults:?}"
        );
        assert!(
            violations.is_empty() || !layout_faults.is_empty() || !faults_of(document).is_empty(),
            "{pointer} = {value}: the program accepts it, the schema says {violations:?}"
        );
    }
}

#[test]
fn what_the_published_schema_requires_the_program_requires_too() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut pointers = Vec::new();
    places(&ledgerly(), "", &mut pointers);
    let mut refused = 0;
    for pointer in pointers.iter().filter(|pointer| !pointer.is_empty()) {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut document = ledgerly();
        if let Some(members) = document.pointer_mut(parent).unwrap().as_object_mut() {
            members.shift_remove(key);
            if !conformance::violations(&schema, &document).is_empty() {
                refused += 1;
                assert_ne!(
                    faults_of(document),
                    Vec::<String>::new(),
                    "without {pointer}"
                );
            }
        }
    }
    assert!(refused > 30, "only {refused} keys are required");
}

#[test]
fn a_fault_of_a_file_has_its_line_and_column() {
    let at = |text: &[u8]| {
        let line = |fault: Fault| {
            format!(
                "{:?} {}",
                fault.position.map(|p| p.to_string()),
                fault.problem
            )
        };
        read(text)
            .unwrap_err()
            .into_iter()
            .map(line)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        at(b"{\n  \"colour\": 1\n}"),
        [r#"Some("2:3") the key `colour` is unknown"#]
    );
    assert_eq!(
        at(b"{\n  \"roles\": {}\n}"),
        [r#"Some("2:12") this is an object"#]
    );
    assert_eq!(
        at(b"{\n  \"roles\":\n}"),
        [r#"Some("3:1") this is not JSON: expected value"#]
    );
    assert_eq!(
        at(b"{\n\"\xff\": 1}"),
        [r#"Some("2:2") the byte 0xff at offset 3 is not UTF-8"#]
    );
    let text = LEDGERLY.replacen("\"Client\"", "\"client\"", 1);
    let faults = read(text.as_bytes()).unwrap_err();
    assert!(
        faults
            .iter()
            .all(|fault| fault.position.is_some_and(|at| at.line > 1)),
        "{faults:?}"
    );
    assert_eq!(read(LEDGERLY.as_bytes()), Blueprint::parse(LEDGERLY));
}

#[test]
fn the_words_of_a_format_are_those_of_its_documents() {
    for field_type in FieldType::ALL {
        assert_eq!(json!(field_type), json!(field_type.as_str()));
        assert_eq!(field_type.as_str().parse(), Ok(*field_type));
    }
    assert!("Text".parse::<FieldType>().is_err());
    assert_eq!(FieldType::WORDS.len(), FieldType::ALL.len());
}
