//! The templates that are part of the program.

use std::fs;

use factory_templates::Template;
use serde_json::Value;

use crate::support::{answers, fixture};

#[test]
fn every_embedded_template_opens_and_parses() {
    for name in Template::names() {
        let template = Template::embedded(name).unwrap();
        assert_eq!(template.name(), name);
        assert_eq!(template.check(), [], "{name}");
    }
}

#[test]
fn every_embedded_template_plans_a_blueprint() {
    let text = fs::read_to_string(fixture("ledgerly.blueprint.json")).unwrap();
    let blueprint: Value = serde_json::from_str(&text).unwrap();
    let given = answers(&serde_json::json!({
        "name": "Ledgerly", "slug": "ledgerly", "one_liner": "Invoicing", "package": "ledgerly"
    }));
    for name in Template::names() {
        let template = Template::embedded(name).unwrap();
        let scaffold = template.scaffold(&given, &blueprint).unwrap();
        assert!(!scaffold.is_empty(), "{name}");
        let plan = template.plan(&given, &blueprint).unwrap();
        for planned in &plan.slices {
            for file in &planned.edit {
                assert!(
                    scaffold.get(file).is_some(),
                    "{name}: {} edits {file}, which is not there",
                    planned.id
                );
            }
        }
    }
}
