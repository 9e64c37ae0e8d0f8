//! Briefs thrown together at random, and the largest one: the blueprint has no fault, whatever the brief says.

use factory_spec::blueprint::{Blueprint, check};
use factory_spec::brief::{self, Defaults};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::author::author;
use super::support::brief_of;

const WORDS: &[&str] = &[
    "clients",
    "a",
    "the",
    "invoice",
    "invoices",
    "book",
    "books",
    "order",
    "orders",
    "pay",
    "pays",
    "with",
    "for",
    "of",
    "to",
    "each",
    "and",
    "or",
    "date",
    "price",
    "status",
    "cancel",
    "approve",
    "send",
    "remind",
    "managers",
    "driver",
    "assign",
    "see",
    "how",
    "many",
    "per",
    "month",
    "export",
    "import",
    "csv",
    "report",
    "review",
    "rate",
    "job's",
    "word",
    "count",
    "from",
    "when",
    "is",
    "paid",
    "before",
    "day",
    "three",
    "online",
    "class",
    "import",
    "from",
    "id",
    "user",
    "users",
    "none",
    "date",
    "type",
    "record",
    "map",
    "name",
    "owner",
    "owners",
    "pet",
    "pets",
    "their",
    "them",
    "it",
    "by",
    "in",
    "photo",
    "rating",
    "tasks",
    "mark",
    "as",
    "done",
    "sign",
    "up",
    "delete",
    "update",
    "create",
    "manage",
    "predict",
    "match",
    "equipment",
    "people",
    "person",
    "children",
    "übergröße",
    "日本",
    ",",
    "'s",
    "-",
    "42",
    "e-mail",
    "return",
    "returned",
    "check",
    "out",
    "been",
    "has",
    "have",
    "members",
];

prop_compose! {
    fn sentence()(words in prop::collection::vec(prop::sample::select(WORDS), 1..14)) -> String {
        format!("x {}", words.join(" "))[2..].to_owned()
    }
}

fn field_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "text!",
        "text^",
        "email^",
        "integer!",
        "money",
        "boolean",
        "date",
        "datetime!",
        "draft|sent|paid",
        "open|done!",
        "requested|approved|paid",
        "file!",
        "json",
        "geo_point",
        "refs Alpha",
        "ref Alpha",
        "ref User!",
        "long_text",
    ])
    .prop_map(str::to_owned)
}

prop_compose! {
    fn any_brief()(
        features in prop::collection::vec(sentence(), 1..8),
        one_liner in sentence(),
        audience in prop::collection::vec(sentence(), 0..3),
        template in prop::sample::select(vec!["auto", "neoforge", "pythonml"]),
        fields in prop::collection::vec(
            (prop::sample::select(vec!["status", "paid", "state", "total", "name", "due_on", "alpha", "invoice", "client", "sent", "note"]), field_text()),
            1..6,
        ),
        names in prop::collection::btree_set(prop::sample::select(vec!["Alpha", "Invoice", "Client", "Order", "Booking", "Equipment", "Payment", "Status"]), 0..4),
    ) -> Value {
        let mut entities = serde_json::Map::new();
        if !names.is_empty() {
            entities.insert("Alpha".to_owned(), json!({ "label": "text" }));
        }
        for name in names.iter().filter(|name| **name != "Alpha") {
            let members: serde_json::Map<String, Value> = fields.iter().map(|(key, text)| ((*key).to_owned(), json!(text))).collect();
            entities.insert((*name).to_owned(), Value::Object(members));
        }
        let features: Vec<String> = features.into_iter().map(|text| format!("{text} things")).collect();
        json!({ "name": "Thing", "one_liner": format!("{one_liner} things"), "features": features, "audience": audience.iter().map(|text| format!("{text} folk")).collect::<Vec<_>>(), "template": template, "entities": entities })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_valid_brief_gives_a_blueprint_without_faults(value in any_brief()) {
        if let Ok(brief) = brief::check(&value, &Defaults::default()) {
            let authored = author(&brief);
            let blueprint = &authored.mvp_specification.blueprint;
            prop_assert_eq!(check(blueprint), vec![]);
            prop_assert!(!blueprint.entities.is_empty());
            prop_assert_eq!(blueprint.stories.len(), brief.features.len());
            let read = Blueprint::parse(&blueprint.to_json());
            prop_assert_eq!(read.as_ref(), Ok(blueprint));
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,120}") {
        let value = json!({ "name": "Thing", "one_liner": "x", "features": [format!("x {text}")] });
        if let Ok(brief) = brief::check(&value, &Defaults::default()) {
            prop_assert_eq!(check(&author(&brief).mvp_specification.blueprint), vec![]);
        }
    }
}

#[test]
fn the_largest_brief_is_authored_without_faults() {
    let fields: serde_json::Map<String, Value> = (0..60)
        .map(|index| (format!("field_{index}x"), json!("json")))
        .collect();
    let mut names: Vec<String> = (0..57).map(|index| format!("Thing{index}x")).collect();
    names.extend(["Invoice", "Client", "Booking"].map(str::to_owned));
    let entities: serde_json::Map<String, Value> = names
        .into_iter()
        .map(|name| (name, Value::Object(fields.clone())))
        .collect();
    let sentences = [
        "Clients pay an invoice online and are reminded three days before it is due",
        "Members cancel a booking with a note",
        "Managers assign a driver to each delivery",
        "Owners see the total revenue per client",
    ];
    let features: Vec<String> = (0..100)
        .map(|index| {
            format!(
                "{} {}",
                sentences[index % 4],
                "and approve a booking ".repeat(18)
            )
        })
        .map(|text| text.chars().take(500).collect())
        .collect();
    let brief = brief_of(
        &json!({ "name": "Big", "one_liner": "Big", "features": features, "entities": entities }),
    );
    let blueprint = author(&brief).mvp_specification.blueprint;
    assert_eq!(check(&blueprint), []);
    assert_eq!(blueprint.stories.len(), 100);
}
