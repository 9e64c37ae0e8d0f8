//! The example briefs, read as an analyst would, and briefs thrown together at random.

use factory_core::blueprint::{Blueprint, StoryKind, check};
use factory_core::brief;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn example(name: &str) -> Brief {
    let path = format!(
        "{}/../../examples/briefs/{name}.yaml",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).unwrap();
    let value: Value = serde_saphyr::from_str(&text).unwrap();
    brief::check(&value).unwrap()
}

fn brief_of(value: &Value) -> Brief {
    brief::check(value).unwrap()
}

/// The brief of some features alone.
fn features(features: &[&str]) -> Brief {
    brief_of(&json!({ "name": "Thing", "one_liner": "A thing", "features": features }))
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

fn entities(blueprint: &Blueprint) -> Vec<&str> {
    sorted(
        blueprint
            .entities
            .iter()
            .map(|entity| entity.name.as_str())
            .collect(),
    )
}

const EXAMPLES: [&str; 5] = [
    "ledgerly",
    "careslot",
    "haulmate",
    "tutorloop",
    "hearthstay",
];

#[test]
fn the_example_briefs_give_the_records_that_an_analyst_would_draw() {
    for (name, expected) in [
        ("ledgerly", &["Client", "Invoice", "Job"][..]),
        (
            "careslot",
            &[
                "Appointment",
                "Doctor",
                "Patient",
                "Prescription",
                "VisitNote",
            ],
        ),
        (
            "haulmate",
            &["Customer", "Driver", "Incident", "Shipment", "Vehicle"],
        ),
        (
            "tutorloop",
            &["Assignment", "Course", "Enrolment", "Student", "Submission"],
        ),
        (
            "hearthstay",
            &[
                "Booking",
                "Guest",
                "MaintenanceIssue",
                "Property",
                "Review",
                "Room",
            ],
        ),
    ] {
        let brief = example(name);
        assert!(brief.entities.is_empty(), "{name} lists entities");
        let blueprint = mvp_specification(&brief, None).blueprint;
        assert_eq!(check(&blueprint), [], "{name}");
        assert_eq!(entities(&blueprint), expected, "{name}");
        assert_eq!(blueprint.stories.len(), brief.features.len(), "{name}");
        assert_eq!(
            Blueprint::parse(&blueprint.to_json()).unwrap(),
            blueprint,
            "{name}"
        );
    }
}

#[test]
fn the_example_briefs_give_the_kinds_of_stories_that_were_meant() {
    use StoryKind::{Crud, Exchange, Notify, Report, Workflow};
    for (name, expected) in [
        (
            "ledgerly",
            &[Crud, Crud, Workflow, Workflow, Notify, Report, Exchange][..],
        ),
        ("careslot", &[Crud, Crud, Crud, Crud, Crud, Notify, Report]),
        (
            "haulmate",
            &[Crud, Crud, Crud, Workflow, Crud, Notify, Report, Exchange],
        ),
        (
            "tutorloop",
            &[
                Crud, Crud, Workflow, Crud, Workflow, Notify, Report, Exchange,
            ],
        ),
        (
            "hearthstay",
            &[Crud, Crud, Workflow, Workflow, Crud, Crud, Notify, Report],
        ),
    ] {
        let blueprint = mvp_specification(&example(name), None).blueprint;
        let kinds: Vec<StoryKind> = blueprint.stories.iter().map(|story| story.kind).collect();
        assert_eq!(kinds, expected, "{name}");
    }
}

#[test]
fn the_example_briefs_give_the_references_that_were_meant() {
    for (name, expected) in [
        ("ledgerly", &["Invoice→Client", "Invoice→Job"][..]),
        (
            "careslot",
            &[
                "Appointment→Doctor",
                "Appointment→Patient",
                "Prescription→Patient",
                "VisitNote→Appointment",
            ],
        ),
        (
            "haulmate",
            &[
                "Incident→Shipment",
                "Shipment→Customer",
                "Shipment→Driver",
                "Shipment→Vehicle",
            ],
        ),
        (
            "tutorloop",
            &[
                "Assignment→Course",
                "Enrolment→Course",
                "Enrolment→Student",
                "Submission→Assignment",
                "Submission→Student",
            ],
        ),
        (
            "hearthstay",
            &[
                "Booking→Guest",
                "Booking→Room",
                "MaintenanceIssue→Room",
                "Review→Guest",
                "Review→Room",
                "Room→Property",
            ],
        ),
    ] {
        let blueprint = mvp_specification(&example(name), None).blueprint;
        let mut arrows = Vec::new();
        for entity in &blueprint.entities {
            for target in entity
                .fields
                .iter()
                .filter_map(|field| field.references.as_ref())
            {
                arrows.push(format!("{}→{}", entity.name, target.entity));
            }
        }
        for arrow in expected {
            assert!(
                arrows.iter().any(|known| known == arrow),
                "{name}: {arrow} is not in {arrows:?}"
            );
        }
    }
}

#[test]
fn sentences_give_records_and_never_nonsense() {
    for (feature, expected) in [
        (
            "Clients pay an invoice online and get a receipt",
            &["Client", "Invoice"][..],
        ),
        (
            "Members borrow books for three weeks",
            &["Book", "Loan", "Member"],
        ),
        (
            "Cafés give their customers a digital loyalty card",
            &["Customer", "LoyaltyCard"],
        ),
        (
            "Volunteers sign up for shifts",
            &["Registration", "Shift", "Volunteer"],
        ),
        ("Landlords see all of them online at any time", &["Item"]),
        (
            "Managers track equipment and its maintenance date",
            &["Equipment"],
        ),
        ("Import products from a spreadsheet", &["Product"]),
        ("Technicians mark a work order as done", &["WorkOrder"]),
        (
            "Each property has an address and several rooms",
            &["Property", "Room"],
        ),
    ] {
        let blueprint = mvp_specification(&features(&[feature]), None).blueprint;
        assert_eq!(check(&blueprint), [], "{feature}");
        assert_eq!(entities(&blueprint), expected, "{feature}");
    }
}

#[test]
fn the_same_brief_gives_the_same_bytes() {
    for name in EXAMPLES {
        assert_eq!(author(&example(name)), author(&example(name)), "{name}");
    }
}

#[test]
fn what_a_gate_asks_is_visible_in_the_repeated_artifact() {
    let brief = example("ledgerly");
    let comment = "Do invoices need\na VAT number?";
    let specification = mvp_specification(&brief, Some(comment));
    let design = architecture_design(&brief, &specification.blueprint, "neoforge", Some(comment));
    let all = [
        market_research(&brief, Some(comment)),
        founder_analysis(&brief, Some(comment)),
        specification.artifact,
        design,
    ];
    for artifact in all {
        assert!(
            artifact
                .markdown
                .contains("> Do invoices need a VAT number?"),
            "{}",
            artifact.markdown
        );
        assert_eq!(
            artifact.questions[0],
            "Asked at the gate: Do invoices need a VAT number?"
        );
        assert_eq!(
            artifact.value["asked"]["comment"],
            "Do invoices need a VAT number?"
        );
        assert!(
            artifact.markdown.contains("It touches: "),
            "{}",
            artifact.markdown
        );
    }
}

#[test]
fn artifacts_hold_no_figure_that_the_brief_does_not() {
    let authored = author(&example("ledgerly"));
    for artifact in [&authored.market_research, &authored.founder_analysis] {
        let digits: Vec<&str> = artifact
            .markdown
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|run| !run.is_empty())
            .collect();
        // Fifteen hours a week, as given, and the number of features.
        assert!(
            digits.iter().all(|run| ["15", "7"].contains(run)),
            "{digits:?} in {}",
            artifact.markdown
        );
        assert!(!artifact.questions.is_empty());
    }
    assert!(
        authored
            .market_research
            .markdown
            .contains("Not researched: market size")
    );
}

#[test]
fn fields_of_fixed_entities_stay_as_they_are() {
    let brief = brief_of(&json!({
        "name": "Ledgerly", "one_liner": "Invoicing", "features": ["Clients pay an invoice online", "Translators send invoices", "Translators approve a quote"],
        "entities": {
            "Client": { "name": "text!" },
            "Invoice": { "number": "text^!", "client": "ref Client!", "paid": "boolean" },
            "Quote": { "title": "text", "state": "open|approved" }
        }
    }));
    let blueprint = mvp_specification(&brief, None).blueprint;
    assert_eq!(check(&blueprint), []);
    for given in &brief.entities {
        let entity = blueprint.entity(&given.name).unwrap();
        for field in &given.fields {
            let kept = entity.field(&field.name).unwrap();
            assert_eq!(
                (kept.field_type, kept.required, kept.unique),
                (field.field_type, field.required, field.unique)
            );
        }
    }
    let quote = blueprint.entity("Quote").unwrap();
    assert_eq!(quote.workflow.as_ref().unwrap().field, "state");
    assert_eq!(
        blueprint
            .entity("Invoice")
            .unwrap()
            .fields
            .last()
            .unwrap()
            .name,
        "status"
    );
}

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
        if let Ok(brief) = brief::check(&value) {
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
        if let Ok(brief) = brief::check(&value) {
            prop_assert_eq!(check(&author(&brief).mvp_specification.blueprint), vec![]);
        }
    }
}

#[test]
fn briefs_of_other_trades_give_their_records() {
    for (told, expected) in [
        (
            &[
                "Landlords add properties and apartments",
                "Tenants report maintenance requests with a photo and description",
                "Landlords assign a contractor to each maintenance request",
                "Tenants pay rent by the first of the month",
                "Tenants sign their lease online",
                "Landlords upload documents for a lease",
            ][..],
            &[
                "Apartment",
                "Contractor",
                "Document",
                "Lease",
                "MaintenanceRequest",
                "Payment",
                "Property",
                "Tenant",
            ][..],
        ),
        (
            &[
                "Recruiters post jobs with a title, salary range and location",
                "Candidates apply for a job with a CV",
                "Recruiters reject or hire candidates",
                "Recruiters export applications to Excel",
            ],
            &["Application", "Candidate", "Job"],
        ),
        (
            &[
                "Pet owners register their pets with name, species and birthday",
                "Pet owners book a walk with a dog walker",
                "Walkers start and finish a walk",
                "Pet owners pay for a walk after it is finished",
            ],
            &["Pet", "Walk", "Walker"],
        ),
    ] {
        let blueprint = mvp_specification(&features(told), None).blueprint;
        assert_eq!(check(&blueprint), []);
        assert_eq!(entities(&blueprint), expected);
    }
}

#[test]
#[ignore = "prints"]
fn show() {
    let authored = author(&example("ledgerly"));
    println!("{}", authored.market_research.markdown);
    println!("{}", authored.founder_analysis.markdown);
    println!("{}", authored.mvp_specification.artifact.markdown);
    println!("{}", authored.architecture_design.markdown);
}
