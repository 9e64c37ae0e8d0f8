//! The templates that are part of the program.

use std::fs;

use factory_templates::manifest::ForEach;
use factory_templates::{Template, Tree, anchor};
use serde_json::{Value, json};

use crate::support::{answers, fixture};

#[test]
fn every_embedded_template_opens_and_parses() {
    for name in Template::names() {
        let template = Template::embedded(name).unwrap();
        assert_eq!(template.name(), name);
        assert_eq!(template.check(), [], "{name}");
    }
}

/// The blueprint that the project keeps as its complete example.
fn blueprint() -> Value {
    let path = fixture("../../../factory-spec/tests/fixtures/ledgerly.blueprint.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The product with its slices landed from the first to the last, or the other way round.
fn built(template: &Template, reversed: bool) -> Tree {
    let blueprint = blueprint();
    let given = answers(&json!({
        "name": "Ledgerly", "slug": "ledgerly", "one_liner": "Invoicing", "package": "ledgerly"
    }));
    let mut tree = template.scaffold(&given, &blueprint).unwrap();
    let mut slices = template.plan(&given, &blueprint).unwrap().slices;
    if reversed {
        slices.reverse();
    }
    for planned in slices {
        let list = if planned.for_each == ForEach::Entity {
            "entities"
        } else {
            "stories"
        };
        let subject = planned
            .subject
            .map(|subject| &blueprint[list][subject.index]);
        let slice = template
            .slice(&planned.slice, &given, &blueprint, subject)
            .unwrap();
        tree.extend(slice.files).unwrap();
        anchor::apply(&mut tree, &slice.edits).unwrap();
    }
    tree
}

#[test]
fn every_embedded_template_builds_the_same_product_in_any_order() {
    for name in Template::names() {
        let template = Template::embedded(name).unwrap();
        let tree = built(&template, false);
        assert_eq!(built(&template, true), tree, "{name}");
        let unrendered = tree.iter().filter(|(_, file)| {
            let text = String::from_utf8_lossy(&file.bytes);
            text.contains("{{ cookiecutter")
                || text.contains("{{ entity")
                || text.contains("{{ story")
        });
        assert_eq!(
            unrendered.map(|(path, _)| path).collect::<Vec<_>>(),
            Vec::<&str>::new(),
            "{name}"
        );
    }
}

#[test]
fn an_embedded_template_is_the_one_in_the_folder() {
    for name in Template::names() {
        let folder = fixture("../../../../templates").join(name);
        let (embedded, opened) = (
            Template::embedded(name).unwrap(),
            Template::open(&folder).unwrap(),
        );
        assert_eq!(embedded.manifest(), opened.manifest());
        assert_eq!(built(&embedded, false), built(&opened, false), "{name}");
    }
}
