//! The example briefs and other trades, read as an analyst would.

use factory_spec::blueprint::{Blueprint, StoryKind, check};
use factory_spec::brief::{self, Brief, Defaults};
use serde_json::json;

use super::author::author;
use super::support::{brief_of, features};
use crate::*;

fn example(name: &str) -> Brief {
    let path = format!(
        "{}/../../examples/briefs/{name}.yaml",
        env!("CARGO_MANIFEST_DIR")
    );
    brief::read(&std::fs::read(path).unwrap(), &Defaults::default()).unwrap()
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
        ("Librarians see which loans are overdue", &["Loan"]),
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
fn a_split_verb_is_read_like_a_joined_one() {
    let rest = ["Guests book a room", "Receptionists confirm bookings"];
    let told = |feature: &str| {
        let blueprint = mvp_specification(&features(&[rest[0], rest[1], feature]), None).blueprint;
        assert_eq!(check(&blueprint), [], "{feature}");
        let story = blueprint.stories.last().cloned().unwrap();
        (story.kind, story.entities, story.acceptance)
    };
    let joined = told("Receptionists check in guests on arrival");
    assert_eq!(joined.0, StoryKind::Workflow);
    assert_eq!(told("Receptionists check guests in on arrival"), joined);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_not_connected_is_listed_as_an_assumption() {
    let none: &[(&str, &str)] = &[];
    for (told, expected) in [
        (
            &[
                "Clients pay an invoice online",
                "Clients pay their invoices by card",
            ][..],
            &[(
                "Paying an invoice records the payment; no payment provider is connected.",
                "S1",
            )][..],
        ),
        (
            &["Pet owners book a walk", "Pet owners pay for a walk"],
            &[(
                "Paying for a walk records the payment; no payment provider is connected.",
                "S2",
            )],
        ),
        (
            &["Tenants pay rent"],
            &[(
                "Paying records the payment; no payment provider is connected.",
                "S1",
            )],
        ),
        (
            &["Customers order meals", "Managers refund an order"],
            &[(
                "Refunding an order records the refund; no payment provider is connected.",
                "S2",
            )],
        ),
        (
            &[
                "Translators send invoices to clients by email",
                "Clients are reminded by email three days before an invoice is due",
                "Clients are notified when an invoice is sent",
            ],
            &[
                (
                    "Mail is queued in an outbox; no mail server is connected.",
                    "S2, S3",
                ),
                (
                    "Sending an invoice records that it was sent; no mail server is connected.",
                    "S1",
                ),
            ],
        ),
        (&["Translators mark an invoice as paid"], none),
        (&["Managers see how much customers pay per month"], none),
        (
            &[
                "Guests book a room",
                "Guests get a push message when a booking is confirmed",
            ],
            none,
        ),
    ] {
        let specification = mvp_specification(&features(told), None);
        let found: Vec<(&str, &str)> = specification
            .blueprint
            .assumptions
            .iter()
            .filter(|assumption| assumption.text.ends_with("connected."))
            .inspect(|assumption| assert_eq!(assumption.confirm_with.as_deref(), Some("founder")))
            .map(|assumption| {
                (
                    assumption.text.as_str(),
                    assumption.because.as_deref().unwrap(),
                )
            })
            .collect();
        assert_eq!(found, expected, "{told:?}");
        for (text, because) in expected {
            let line = format!("{text} (because: {because})");
            assert!(specification.artifact.markdown.contains(&line), "{line}");
        }
    }
}
