//! Good and bad briefs.

use serde_json::{Value, json};

use factory_core::id::SLUG_LENGTH_MAX;

use factory_core::resources::{Budget, Resources};

use super::*;
use crate::blueprint::conformance::violations;
use crate::blueprint::{ENTITIES_MAX, FIELDS_MAX, FieldType};
use crate::{Fault, yaml};

/// A brief from a JSON value, with the built-in defaults.
fn check(value: &Value) -> Result<Brief, Vec<Fault>> {
    super::check(value, &Defaults::default())
}

fn ledgerly() -> Value {
    json!({
        "schema_version": 1,
        "name": "Ledgerly",
        "one_liner": "Invoicing for freelance translators",
        "industry": "fintech",
        "template": "neoforge",
        "audience": ["freelance translators", "small agencies"],
        "founder": { "skills": ["python"], "hours_per_week": 15 },
        "features": ["Clients pay an invoice online and get a receipt"],
        "entities": {
            "Client": { "name": "text!", "email": "email^" },
            "Job": { "title": "text!", "words": "integer!", "rate": { "type": "money", "currency": "EUR", "min": 0 } },
            "Invoice": { "number": "text^!", "client": "ref Client!", "job": "ref Job!", "status": "draft|sent|paid" }
        },
        "budget": { "total_usd": 10, "per_day_usd": 15.5, "calls_per_hour": 1000 },
        "resources": { "memory_mb": 500, "cpu_cores": 0.5, "storage_gb": 2, "ports": 3 }
    })
}

#[test]
fn a_full_brief_is_read() {
    let brief = check(&ledgerly()).unwrap();
    assert_eq!(brief.budget.per_day_nano_usd, 15_500_000_000);
    assert_eq!(brief.resources, Resources::default());
    let names: Vec<&str> = brief
        .entities
        .iter()
        .map(|entity| entity.name.as_str())
        .collect();
    assert_eq!(names, ["Client", "Job", "Invoice"]);
    assert_eq!(brief.entities[1].fields[2].currency.as_deref(), Some("EUR"));
}

#[test]
fn three_keys_are_enough() {
    let brief = check(&json!({ "name": "A", "one_liner": "B", "features": ["C"] })).unwrap();
    assert_eq!(
        (brief.template.as_str(), brief.budget, brief.entities.len()),
        (AUTO, Budget::default(), 0)
    );
}

/// Wrong briefs, each by the key that is wrong, its value and how the fault begins.
#[expect(clippy::too_many_lines, reason = "a table")]
fn wrong() -> Vec<(&'static str, Value, &'static str)> {
    let many: serde_json::Map<String, Value> = (0..300)
        .map(|index| (format!("Thing{index}"), json!({ "name": "text" })))
        .collect();
    vec![
        (
            "schema_version",
            json!(9),
            "/schema_version: version 9 is not known; write 1",
        ),
        (
            "schema_version",
            json!("1"),
            "/schema_version: version \"1\" is not known; write 1",
        ),
        (
            "feature",
            json!([]),
            "/feature: the key `feature` is unknown; did you mean `features`?",
        ),
        ("name", json!("../x"), "/name: `../x` looks like a path"),
        ("name", json!("a/b"), "/name: `a/b` looks like a path"),
        ("name", json!(""), "/name: `name` is empty"),
        (
            "name",
            json!("a\u{7}b"),
            "/name: the name has control characters",
        ),
        (
            "name",
            json!("日本"),
            "/name: `日本` has no letter or digit",
        ),
        ("name", json!(7), "/name: this is a number; write text"),
        ("one_liner", json!(" "), "/one_liner: `one_liner` is empty"),
        ("features", json!([]), "/features: `features` is empty"),
        (
            "features",
            json!("all"),
            "/features: this is text; write a list",
        ),
        (
            "features",
            json!(["ok", "  "]),
            "/features/1: the feature says nothing",
        ),
        (
            "features",
            json!(["x".repeat(501)]),
            "/features/0: the text has 501 characters; keep to 500",
        ),
        (
            "features",
            json!(vec!["x"; 101]),
            "/features: there are 101 features; keep to 100",
        ),
        (
            "budget",
            json!({ "total_usd": -1 }),
            "/budget/total_usd: -1 is out of range",
        ),
        (
            "budget",
            json!({ "total": 1 }),
            "/budget/total: the key `total` is unknown",
        ),
        (
            "resources",
            json!({ "ports": 21 }),
            "/resources/ports: 21 is out of range; give a whole number from 1 to 20",
        ),
        (
            "resources",
            json!({ "ports": 0 }),
            "/resources/ports: 0 is out of range",
        ),
        (
            "resources",
            json!({ "memory_mb": -5 }),
            "/resources/memory_mb: -5 is out of range",
        ),
        (
            "resources",
            json!({ "cpu_cores": 0 }),
            "/resources/cpu_cores: 0 is out of range",
        ),
        (
            "entities",
            json!([]),
            "/entities: this is a list; write entities with their fields",
        ),
        (
            "entities",
            json!(many),
            "/entities: there are 300 entities; keep to 60",
        ),
        (
            "entities",
            json!({ "Job": {} }),
            "/entities/Job: the entity has no field",
        ),
        (
            "entities",
            json!({ "Job": "text" }),
            "/entities/Job: this is text; write its fields",
        ),
        (
            "entities",
            json!({ "job": { "a": "text" } }),
            "/entities/job: `job` is not a valid entity name; write `Job`",
        ),
        (
            "entities",
            json!({ "Job": { "a": "strin" } }),
            "/entities/Job/a: `strin` is not a type",
        ),
        (
            "entities",
            json!({ "Job": { "a": 3 } }),
            "/entities/Job/a: this is a number; write a type",
        ),
        (
            "entities",
            json!({ "Job": { "class": "text" } }),
            "/entities/Job/class: `class` is a reserved word of Python; write `job_class`",
        ),
        (
            "entities",
            json!({ "Job": { "a": { "typ": "text" } } }),
            "/entities/Job/a/typ: the key `typ` is unknown; did you mean `type`?",
        ),
        (
            "entities",
            json!({ "Job": { "a": { "type": "string" } } }),
            "/entities/Job/a/type: `string` is not a type; did you mean `text`?",
        ),
        (
            "entities",
            json!({ "Job": { "a": "ref Clinet" }, "Client": { "b": "text" } }),
            "/entities/Job/a: there is no entity `Clinet`; did you mean `Client`?",
        ),
        (
            "entities",
            json!({ "Job": { "a": "text" }, "JOb": { "a": "text" } }),
            "/entities/JOb: `Job` and `JOb` differ only by case",
        ),
        (
            "entities",
            json!({ "LineItem": { "a": "text" }, "Lineitem": { "a": "text" } }),
            "/entities/Lineitem: `LineItem` and `Lineitem` differ only by case",
        ),
        (
            "entities",
            json!({ "Job": { "a": "text" }, "Jobs": { "a": "text" } }),
            "/entities/Jobs: `Jobs` is the plural of `Job`",
        ),
        (
            "entities",
            json!({ "A": { "b": "ref B!" }, "B": { "a": "ref A!" } }),
            "/entities/B/a: required references form a cycle: A.b → B.a → A",
        ),
        (
            "entities",
            json!({ "A": { "b": { "type": "money", "computed": "c * 2" } } }),
            "/entities/A/b/computed: there is no field `c`",
        ),
    ]
}

#[test]
fn a_bad_brief_is_refused_with_the_place_and_a_remedy() {
    for (key, value, expected) in wrong() {
        let mut document = ledgerly();
        document
            .as_object_mut()
            .unwrap()
            .insert(key.to_owned(), value.clone());
        let faults: Vec<String> = check(&document)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(
            faults.iter().any(|fault| fault.starts_with(expected)),
            "{key} = {value}: {faults:#?}"
        );
    }
}

#[test]
fn all_faults_are_reported_at_once() {
    let document =
        json!({ "one_liner": 3, "features": [], "colour": "red", "budget": { "total_usd": -1 } });
    let pointers: Vec<String> = check(&document)
        .unwrap_err()
        .into_iter()
        .map(|fault| fault.pointer)
        .collect();
    assert_eq!(
        pointers,
        [
            "/one_liner",
            "/colour",
            "",
            "/features",
            "/budget/total_usd"
        ]
    );
}

#[test]
fn anything_but_an_object_is_refused() {
    for document in [json!(null), json!([]), json!("Ledgerly"), json!(3)] {
        assert_eq!(check(&document).unwrap_err().len(), 1, "{document}");
    }
}

const SCHEMA: &str = include_str!("../../../../docs/schemas/brief.schema.json");

/// Faults that no schema can say: words that are taken, entities and fields that must fit each other.
const BEYOND: [&str; 8] = [
    "`class` is a reserved word of Python",
    "there is no entity",
    "there is no field",
    "differ only by case",
    "is the plural of",
    "form a cycle",
    "cannot be unique",
    "has no `min`",
];

fn with(key: &str, value: &Value) -> Value {
    let mut document = ledgerly();
    document
        .as_object_mut()
        .unwrap()
        .insert(key.to_owned(), value.clone());
    document
}

#[test]
fn the_published_schema_and_the_program_accept_the_same_briefs() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut documents = vec![
        ledgerly(),
        json!({ "name": "A", "one_liner": "B", "features": ["C"] }),
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/briefs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        documents.push(yaml::parse(&bytes).unwrap().value);
    }
    assert!(documents.len() > 6, "there are example briefs");
    for (key, value) in [
        ("name", json!("Café Zoë & 3 Söhne")),
        ("problem", json!("First line.\n\tSecond line.")),
        ("template", json!("")),
        ("industry", json!(null)),
        ("audience", json!(null)),
        ("founder", json!(null)),
        ("founder", json!({ "hours_per_week": 168 })),
        ("budget", json!({ "total_usd": null, "per_day_usd": 0 })),
        ("resources", json!({ "cpu_cores": 0.05, "ports": 20 })),
        ("entities", json!(null)),
        (
            "entities",
            json!({ "Tag": { "label": " text ! ^ ", "state": "open | in_progress!", "approver": "ref User" } }),
        ),
        (
            "entities",
            json!({ "Tag": { "label": {}, "state": { "type": "enum", "values": ["open"], "default": "open" } } }),
        ),
        (
            "entities",
            json!({ "Tag": { "approvers": { "type": "refs", "references": { "entity": "User", "on_delete": "set_null" } } } }),
        ),
    ] {
        documents.push(with(key, &value));
    }
    for document in documents {
        assert_eq!(check(&document).err(), None, "{document}");
        assert_eq!(
            violations(&schema, &document),
            Vec::<String>::new(),
            "{document}"
        );
    }
}

/// More wrong briefs, without words.
fn wrong_too() -> Vec<(&'static str, Value)> {
    vec![
        ("name", json!(null)),
        ("name", json!("~/x")),
        ("name", json!("a..b")),
        ("name", json!("x".repeat(81))),
        ("one_liner", json!("a\u{7}b")),
        ("features", json!(null)),
        ("features", json!(["..."])),
        ("template", json!("../x")),
        ("template", json!("Neo Forge")),
        ("industry", json!(["x"])),
        ("problem", json!("x".repeat(5001))),
        ("audience", json!("translators")),
        ("audience", json!([" "])),
        ("audience", json!(vec!["x"; 51])),
        ("founder", json!({ "hours_per_week": 169 })),
        ("founder", json!({ "hours": 1 })),
        ("budget", json!({ "calls_per_hour": 1.5 })),
        ("budget", json!({ "per_day_usd": "15" })),
        ("resources", json!({ "memory_mb": 63 })),
        ("resources", json!({ "storage_gb": 0 })),
        ("entities", json!({ "User": { "a": "text" } })),
        ("entities", json!({ "Job": { "id": "text" } })),
        ("entities", json!({ "Job": { "a": "text Client" } })),
        ("entities", json!({ "Job": { "a": "enum" } })),
        ("entities", json!({ "Job": { "a": "ref" } })),
        ("entities", json!({ "Job": { "a": "open|" } })),
        ("entities", json!({ "Job": { "a": { "type": "enum" } } })),
        ("entities", json!({ "Job": { "a": { "type": "ref" } } })),
        (
            "entities",
            json!({ "Job": { "a": { "type": "text", "name": "a" } } }),
        ),
        (
            "entities",
            json!({ "Job": { "a": { "type": "text", "values": ["x"] } } }),
        ),
        (
            "entities",
            json!({ "Job": { "a": { "type": "text", "currency": "EUR" } } }),
        ),
        (
            "entities",
            json!({ "Job": { "a": { "type": "money", "currency": "euro" } } }),
        ),
        (
            "entities",
            json!({ "Job": { "a": { "type": "text", "required": null } } }),
        ),
    ]
}

#[test]
fn the_published_schema_refuses_what_the_program_refuses() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let table = wrong().into_iter().map(|(key, value, _)| (key, value));
    for (key, value) in table.chain(wrong_too()) {
        let document = with(key, &value);
        let faults: Vec<String> = check(&document)
            .expect_err(&format!("{key} = {value}"))
            .iter()
            .map(ToString::to_string)
            .collect();
        let is_beyond = |fault: &String| BEYOND.iter().any(|phrase| fault.contains(phrase));
        let refused = !violations(&schema, &document).is_empty();
        assert!(
            refused || faults.iter().all(is_beyond),
            "{key} = {value}: the schema accepts it, the program says {faults:#?}"
        );
    }
    for key in ["name", "one_liner", "features"] {
        let mut document = ledgerly();
        document.as_object_mut().unwrap().shift_remove(key);
        assert!(check(&document).is_err(), "{key}");
        assert!(!violations(&schema, &document).is_empty(), "{key}");
    }
}

#[test]
fn the_published_schema_names_the_limits_of_the_program() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for (pointer, limit) in [
        ("/properties/features/maxItems", FEATURES_MAX),
        ("/properties/features/items/maxLength", FEATURE_LENGTH_MAX),
        ("/properties/template/maxLength", SLUG_LENGTH_MAX),
        ("/properties/entities/maxProperties", ENTITIES_MAX),
        (
            "/properties/entities/additionalProperties/maxProperties",
            FIELDS_MAX,
        ),
    ] {
        assert_eq!(schema.pointer(pointer), Some(&json!(limit)), "{pointer}");
    }
    let types = &schema["$defs"]["long_field"]["properties"]["type"]["enum"];
    assert_eq!(*types, json!(FieldType::WORDS));
}

/// `line:column problem` of every fault of a brief in YAML; what it must have comes first.
fn faults_of(text: &str) -> Vec<String> {
    let text = format!("name: Acme\none_liner: A shop\nfeatures: [Clients pay online]\n{text}");
    let faults = read(text.as_bytes(), &Defaults::default()).unwrap_err();
    let line = |fault: Fault| format!("{} {}", fault.position.unwrap(), fault.problem);
    faults.into_iter().map(line).collect()
}

#[test]
fn a_wrong_key_is_located_at_the_key_and_a_wrong_value_at_the_value() {
    for (text, expected) in [
        (
            "resources:\n  memory:   3\n",
            "5:3 the key `memory` is unknown",
        ),
        ("colour: red\n", "4:1 the key `colour` is unknown"),
        (
            "entities: { Job: { a: { typ: text } } }\n",
            "4:25 the key `typ` is unknown",
        ),
        (
            "entities:\n  job: { a: text }\n",
            "5:3 `job` is not a valid entity name",
        ),
        (
            "entities:\n  Job: { class: text }\n",
            "5:10 `class` is a reserved word of Python",
        ),
        (
            "entities:\n  Job: { a: text }\n  Jobs: { a: text }\n",
            "6:3 `Jobs` is the plural of `Job`",
        ),
        ("resources: many\n", "4:12 this is text"),
        ("resources:\n  ports: '3'\n", "5:10 this is text"),
        ("resources:\n  ports: 21\n", "5:10 21 is out of range"),
        (
            "entities:\n  Job: { a: ref Clinet }\n",
            "5:13 there is no entity `Clinet`",
        ),
    ] {
        assert_eq!(faults_of(text), [expected], "{text}");
    }
}

#[test]
fn what_a_brief_leaves_open_comes_from_the_defaults_key_by_key() {
    let defaults = Defaults {
        budget: Budget {
            total_nano_usd: None,
            per_day_nano_usd: 2_500_000_000,
            calls_per_hour: 10,
        },
        resources: Resources {
            memory_mib: 300,
            cpu_millicores: 250,
            disk_mib: 4096,
            port_count: 2,
        },
    };
    let effective = |text: &str| {
        let text = format!("name: A\none_liner: B\nfeatures: [C]\n{text}");
        let brief = read(text.as_bytes(), &defaults).unwrap();
        Defaults {
            budget: brief.budget,
            resources: brief.resources,
        }
    };
    for text in [
        "",
        "resources:\nbudget: null\n",
        "resources: {}\nbudget: {}\n",
        "resources: { memory_mb: null, ports: ~ }\nbudget: { per_day_usd: null }\n",
    ] {
        assert_eq!(effective(text), defaults, "{text}");
    }
    let mut expected = defaults;
    expected.budget.total_nano_usd = Some(7_000_000_000);
    expected.budget.calls_per_hour = 0;
    expected.resources.memory_mib = 900;
    expected.resources.cpu_millicores = 1000;
    let text = "resources: { memory_mb: 900, cpu_cores: 1 }\nbudget: { total_usd: 7, calls_per_hour: 0 }\n";
    assert_eq!(effective(text), expected);
}
