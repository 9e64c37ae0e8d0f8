//! Scaffold, slices and plan of a template of our own format.

use std::collections::BTreeMap;
use std::fs;

use factory_templates::{AnchorError, RenderError, Template, Tree, anchor};
use serde_json::{Value, json};

use crate::support::{answers, fixture};

fn ledger() -> Template {
    Template::open(&fixture("ledger")).unwrap()
}

fn blueprint() -> Value {
    let text = fs::read_to_string(fixture("ledgerly.blueprint.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn given() -> BTreeMap<String, Value> {
    answers(&json!({"name": "Ledgerly", "slug": "ledgerly"}))
}

fn subject(blueprint: &Value, at: &str) -> Value {
    blueprint.pointer(at).unwrap().clone()
}

#[test]
fn the_manifest_is_read_into_types() {
    let template = ledger();
    let manifest = template.manifest();
    assert_eq!(
        (
            manifest.name.as_str(),
            manifest.version.to_string().as_str()
        ),
        ("ledger", "0.2.0")
    );
    assert_eq!(manifest.check("coverage").unwrap().min_coverage, Some(85.0));
    assert_eq!(manifest.check("install").unwrap().timeout_s, 600);
    assert!(manifest.check("lint").is_none());
    assert_eq!(manifest.build.memory_mb, 1024);
    assert_eq!(
        manifest.start.as_ref().unwrap().before,
        [["alembic", "upgrade", "head"]]
    );
    assert_eq!(manifest.slices[2].after, ["entity", "story"]);
    assert_eq!(
        template.variables().collect::<Vec<_>>(),
        ["name", "slug", "one_liner", "package"]
    );
    assert_eq!(template.check(), []);
}

#[test]
fn the_scaffold_holds_the_project_and_the_shared_layers() {
    let tree = ledger().scaffold(&given(), &blueprint()).unwrap();
    let paths: Vec<&str> = tree.paths().collect();
    assert_eq!(
        paths,
        [
            "README.md",
            "app/routers.py",
            "app/states.py",
            "deploy/prometheus.yml"
        ]
    );
    assert_eq!(
        tree.text("README.md"),
        Some("# Ledgerly\n\nInvoicing for freelance translators\n")
    );
    assert_eq!(tree.text("deploy/prometheus.yml"), Some("job: ledgerly\n"));
}

#[test]
fn a_slice_is_rendered_for_its_entity() {
    let (template, blueprint) = (ledger(), blueprint());
    let invoice = subject(&blueprint, "/entities/2");
    let slice = template
        .slice("entity", &given(), &blueprint, Some(&invoice))
        .unwrap();
    let paths: Vec<&str> = slice.files.paths().collect();
    assert_eq!(paths, ["app/invoice/routes.py", "app/invoice/workflow.py"]);
    assert_eq!(
        slice.files.text("app/invoice/routes.py").unwrap(),
        "\"\"\"Invoices of Ledgerly.\"\"\"\n\nFIELDS = [\"number\", \"client\", \"status\"]\n# client -> Client\n"
    );
    let edits: Vec<_> = slice
        .edits
        .iter()
        .map(|e| (e.file.as_str(), e.anchor.as_str(), e.line.as_str()))
        .collect();
    assert_eq!(
        edits,
        [
            (
                "app/routers.py",
                "imports",
                "from app.invoice import routes as invoice"
            ),
            (
                "app/routers.py",
                "routers",
                "invoice.router,\ninvoice.transitions,"
            ),
            ("app/states.py", "states", "\"Invoice\","),
        ]
    );
}

#[test]
fn a_name_or_a_line_that_renders_to_nothing_is_left_out() {
    let (template, blueprint) = (ledger(), blueprint());
    let client = subject(&blueprint, "/entities/0");
    let slice = template
        .slice("entity", &given(), &blueprint, Some(&client))
        .unwrap();
    assert_eq!(
        slice.files.paths().collect::<Vec<_>>(),
        ["app/client/routes.py"]
    );
    let lines: Vec<&str> = slice.edits.iter().map(|edit| edit.line.as_str()).collect();
    assert_eq!(
        lines,
        ["from app.client import routes as client", "client.router,"]
    );
}

#[test]
fn the_plan_names_every_slice_with_its_needs_and_claims() {
    let plan = ledger().plan(&given(), &blueprint()).unwrap();
    let seen: Vec<String> = plan
        .slices
        .iter()
        .map(|p| {
            format!(
                "{} after [{}] writes [{}] edits [{}]",
                p.id,
                p.needs.join(" "),
                p.write.join(" "),
                p.edit.join(" ")
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "entity:Client after [] writes [app/client/routes.py] edits [app/routers.py]",
            "entity:Job after [] writes [app/job/routes.py] edits [app/routers.py]",
            "entity:Invoice after [] writes [app/invoice/routes.py app/invoice/workflow.py] edits [app/routers.py app/states.py]",
            "story:S1 after [entity:Job entity:Invoice] writes [tests/test_s1.py] edits []",
            "story:S2 after [entity:Client entity:Job entity:Invoice] writes [tests/test_s2.py] edits []",
            "migrations after [entity:Client entity:Job entity:Invoice story:S1 story:S2] writes [migrations/0001.py] edits []",
        ]
    );
    assert!(plan.slices.iter().all(|planned| planned.rerenders));
    let unbuilt: Vec<_> = plan
        .unbuilt
        .iter()
        .map(|u| (u.story.as_str(), u.why.as_str()))
        .collect();
    assert_eq!(
        unbuilt,
        [
            (
                "S3",
                "the template has no slice for stories of kind `notify`"
            ),
            (
                "S4",
                "the template has no slice for stories of kind `custom`"
            ),
        ]
    );
}

/// Scaffold and slices, landed in the order of these positions in the plan.
fn built(order: &[usize]) -> Tree {
    let (template, blueprint) = (ledger(), blueprint());
    let mut tree = template.scaffold(&given(), &blueprint).unwrap();
    let plan = template.plan(&given(), &blueprint).unwrap();
    for at in order {
        let planned = &plan.slices[*at];
        let subject = planned
            .subject
            .as_ref()
            .map(|subject| match planned.for_each.as_str() {
                "entity" => blueprint["entities"][subject.index].clone(),
                _ => blueprint["stories"][subject.index].clone(),
            });
        let slice = template
            .slice(&planned.slice, &given(), &blueprint, subject.as_ref())
            .unwrap();
        tree.extend(slice.files).unwrap();
        anchor::apply(&mut tree, &slice.edits).unwrap();
    }
    tree
}

#[test]
fn slices_landed_in_any_order_give_the_same_bytes() {
    let first = built(&[0, 1, 2, 3, 4, 5]);
    assert_eq!(
        first.text("app/routers.py").unwrap(),
        "# factory:begin imports\n\
         from app.client import routes as client\n\
         from app.invoice import routes as invoice\n\
         from app.job import routes as job\n\
         # factory:end imports\n\nROUTERS = [\n    # factory:begin routers\n    client.router,\n    \
         invoice.router,\n    invoice.transitions,\n    job.router,\n    # factory:end routers\n]\n"
    );
    for order in [[5, 4, 3, 2, 1, 0], [2, 0, 4, 1, 5, 3], [1, 2, 0, 5, 3, 4]] {
        assert_eq!(built(&order), first);
    }
}

#[test]
fn landing_a_slice_twice_changes_nothing() {
    assert_eq!(built(&[0, 1, 2, 2, 1, 0]), built(&[0, 1, 2]));
}

#[test]
fn a_slice_refuses_what_it_is_not_made_for() {
    let (template, blueprint) = (ledger(), blueprint());
    let story = subject(&blueprint, "/stories/0");
    for (slice, subject, expected) in [
        (
            "entitty",
            None,
            "the template has no slice `entitty`; it has: entity, story, migrations",
        ),
        ("entity", None, "slice `entity` is rendered for an entity"),
        ("story", None, "slice `story` is rendered for a story"),
        (
            "migrations",
            Some(&story),
            "slice `migrations` is rendered for the product, without a subject",
        ),
    ] {
        let error = template
            .slice(slice, &given(), &blueprint, subject)
            .unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_a_blueprint_lacks_is_said_with_its_place() {
    let template = ledger();
    let planned = |blueprint: Value| template.plan(&given(), &blueprint).unwrap_err().to_string();
    assert_eq!(
        planned(json!({"entities": {}})),
        "blueprint, /entities: this is not a list"
    );
    assert_eq!(
        planned(json!({"entities": [{}]})),
        "blueprint, /entities/0/name: a string is missing"
    );
    assert_eq!(
        planned(json!({"stories": [{"id": "S1"}]})),
        "blueprint, /stories/0/kind: a string is missing"
    );

    let bare =
        json!({"entities": [{"name": "Client", "plural": "Clients", "fields": [{"name": "a"}]}]});
    let error = template.plan(&given(), &bare).unwrap_err();
    let RenderError::Text {
        file,
        line,
        problem,
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(
        file,
        "slices/entity/app/{{ entity.name | snake_case }}/routes.py"
    );
    assert_eq!(
        (line, problem.as_str()),
        (Some(4), "`field.references` is undefined")
    );
}

#[test]
fn an_edit_without_its_list_says_which_file_and_list() {
    let mut tree = Tree::new();
    let edits = ledger()
        .slice(
            "entity",
            &given(),
            &blueprint(),
            Some(&subject(&blueprint(), "/entities/0")),
        )
        .unwrap()
        .edits;
    let error = anchor::apply(&mut tree, &edits).unwrap_err();
    assert_eq!(
        error,
        AnchorError::NoFile {
            file: "app/routers.py".to_owned()
        }
    );
    let error = anchor::apply_with(&edits, |_| {
        Some("# factory:begin routers\n# factory:end routers\n".to_owned())
    });
    let AnchorError::NoList { file, source } = error.unwrap_err() else {
        panic!()
    };
    assert_eq!(
        format!("{file}: {source}"),
        "app/routers.py: no anchored list `imports`; the file has: routers"
    );
}
