//! The example briefs, read as an analyst would, and briefs thrown together at random.

use factory_core::blueprint::{FieldType, StoryKind, check};
use factory_core::brief::{self, Brief};
use serde_json::Value;

use super::specify::specify;

fn example(name: &str) -> Brief {
    let path = format!("{}/../../examples/briefs/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let value: Value = serde_saphyr::from_str(&text).unwrap();
    brief::check(&value).unwrap()
}

#[test]
fn show() {
    for name in ["ledgerly", "careslot", "haulmate", "tutorloop", "hearthstay"] {
        let specified = specify(&example(name));
        let blueprint = &specified.blueprint;
        println!("=== {name}");
        for role in &blueprint.roles {
            println!("role {} entity={:?} up={} can={}", role.name, role.entity, role.signs_up,
                role.can.iter().map(|may| format!("{}:{}:{:?}", may.entity, may.action, may.scope)).collect::<Vec<_>>().join(" "));
        }
        for entity in &blueprint.entities {
            let fields: Vec<String> = entity.fields.iter().map(|field| {
                let target = field.references.as_ref().map_or(String::new(), |to| format!(" {}", to.entity));
                format!("{}: {}{target}{}{}", field.name, field.field_type.name(), if field.required { "!" } else { "" },
                    field.computed.as_ref().map_or(String::new(), |c| format!(" = {c}")))
            }).collect();
            println!("entity {} owner={:?} [{}]", entity.name, entity.owner, fields.join(", "));
            if let Some(workflow) = &entity.workflow {
                for t in &workflow.transitions {
                    println!("    {} {:?} -> {} by {:?}", t.name, t.from, t.to, t.roles);
                }
            }
        }
        for story in &blueprint.stories {
            println!("{} {:?} {} {:?} {:?}", story.id, story.kind, story.role, story.entities, story.detail);
            for acc in &story.acceptance {
                println!("    given {} when {} then {}", acc.given, acc.when, acc.then);
            }
        }
        for question in &specified.questions { println!("? {question}"); }
        for assumption in &blueprint.assumptions { println!("! {} ({:?})", assumption.text, assumption.because); }
        for fault in check(blueprint) { println!("FAULT {fault}"); }
    }
    let _ = (FieldType::Text, StoryKind::Crud);
}
