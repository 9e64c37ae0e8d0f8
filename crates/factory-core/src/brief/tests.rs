//! Good and bad briefs.

use serde_json::{Value, json};

use super::*;

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

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_bad_brief_is_told_where_and_what_would_be_right() {
    let many: serde_json::Map<String, Value> = (0..300)
        .map(|index| (format!("Thing{index}"), json!({ "name": "text" })))
        .collect();
    for (key, value, expected) in [
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
        ("name", json!(7), "/name: this is a number; write a text"),
        ("one_liner", json!(" "), "/one_liner: `one_liner` is empty"),
        ("features", json!([]), "/features: `features` is empty"),
        (
            "features",
            json!("all"),
            "/features: this is a text; write a list",
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
            "/entities/Job: this is a text; write its fields",
        ),
        (
            "entities",
            json!({ "job": { "a": "text" } }),
            "/entities/job: `job` is no name for an entity; write `Job`",
        ),
        (
            "entities",
            json!({ "Job": { "a": "strin" } }),
            "/entities/Job/a: `strin` is no type",
        ),
        (
            "entities",
            json!({ "Job": { "a": 3 } }),
            "/entities/Job/a: this is a number; write a type",
        ),
        (
            "entities",
            json!({ "Job": { "class": "text" } }),
            "/entities/Job/class: `class` is a word of Python; write `job_class`",
        ),
        (
            "entities",
            json!({ "Job": { "a": { "typ": "text" } } }),
            "/entities/Job/a/typ: the key `typ` is unknown; did you mean `type`?",
        ),
        (
            "entities",
            json!({ "Job": { "a": { "type": "string" } } }),
            "/entities/Job/a/type: `string` is no type; did you mean `text`?",
        ),
        (
            "entities",
            json!({ "Job": { "a": "ref Clinet" }, "Client": { "b": "text" } }),
            "/entities/Job/a: there is no entity `Clinet`; did you mean `Client`?",
        ),
        (
            "entities",
            json!({ "Job": { "a": "text" }, "JOb": { "a": "text" } }),
            "/entities/JOb: `Job` and `JOb` differ by case only",
        ),
        (
            "entities",
            json!({ "LineItem": { "a": "text" }, "Lineitem": { "a": "text" } }),
            "/entities/Lineitem: `LineItem` and `Lineitem` differ by case only",
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
    ] {
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
fn all_faults_are_told_at_once() {
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
fn what_is_no_object_is_refused() {
    for document in [json!(null), json!([]), json!("Ledgerly"), json!(3)] {
        assert_eq!(check(&document).unwrap_err().len(), 1, "{document}");
    }
}
