//! The specification: the blueprint, and the same in words for people.

use factory_spec::blueprint::{Blueprint, Entity, Field, Story};
use factory_spec::brief::Brief;
use serde_json::{Value, json};

use crate::artifact::{Artifact, Specification, Writer};
use crate::specify::specify;

/// Writes the specification of a brief. `comment` is what a gate asked for.
pub fn mvp_specification(brief: &Brief, comment: Option<&str>) -> Specification {
    let specified = specify(brief);
    let blueprint = specified.blueprint;
    let mut writer = Writer::new("mvp_specification", "Specification", &brief.name);
    writer.section("Roles");
    let rows: Vec<Vec<String>> = blueprint
        .roles
        .iter()
        .map(|role| vec![role.name.clone(), role.description.clone()])
        .collect();
    writer.table(&["role", "who"], &rows);
    writer.section("Records");
    blueprint
        .entities
        .iter()
        .for_each(|entity| record(&mut writer, entity));
    writer.section("Stories");
    blueprint
        .stories
        .iter()
        .for_each(|story| tell(&mut writer, story));
    writer.section("Pages");
    let rows: Vec<Vec<String>> = blueprint
        .pages
        .iter()
        .map(|page| vec![format!("`{}`", page.path), page.title.clone()])
        .collect();
    writer.table(&["path", "title"], &rows);
    writer.assume(&blueprint.assumptions);
    specified
        .questions
        .into_iter()
        .for_each(|question| writer.ask(question));
    writer.comment(comment, &topics(&blueprint));
    let artifact = writer.finish();
    let value = serde_json::to_value(&blueprint).unwrap_or(Value::Null);
    let value = json!({
        "schema_version": artifact.value["schema_version"],
        "phase": artifact.phase,
        "blueprint": value,
        "asked": artifact.value.get("asked").cloned().unwrap_or(Value::Null),
        "assumptions": artifact.assumptions,
        "questions": artifact.questions,
    });
    Specification {
        artifact: Artifact { value, ..artifact },
        blueprint,
    }
}

fn record(writer: &mut Writer, entity: &Entity) {
    writer.text(&format!("### {}\n", entity.name));
    let owner = entity.owner.as_ref().map_or_else(
        || "Shared.".to_owned(),
        |owner| format!("Owned by one {owner}."),
    );
    writer.text(&format!(
        "{} {owner}\n",
        crate::artifact::line(&entity.description)
    ));
    let rows: Vec<Vec<String>> = entity.fields.iter().map(row).collect();
    writer.table(&["field", "type", "notes"], &rows);
    if let Some(workflow) = &entity.workflow {
        writer.text("");
        writer.items(workflow.transitions.iter().map(|transition| {
            format!(
                "{}: {} → {}, by {}",
                transition.name.replace('_', " "),
                transition.from.join(", "),
                transition.to,
                transition.roles.join(", ")
            )
        }));
    }
    writer.text("");
}

fn row(field: &Field) -> Vec<String> {
    let mut notes = Vec::new();
    if field.required {
        notes.push("required".to_owned());
    }
    if field.unique {
        notes.push("unique".to_owned());
    }
    if !field.values.is_empty() {
        notes.push(field.values.join(", "));
    }
    notes.extend(
        field
            .computed
            .as_ref()
            .map(|computed| format!("= {computed}")),
    );
    notes.extend(field.currency.clone());
    let target = field
        .references
        .as_ref()
        .map_or_else(String::new, |reference| format!(" {}", reference.entity));
    vec![
        format!("`{}`", field.name),
        format!("{}{target}", field.field_type.as_str()),
        notes.join("; "),
    ]
}

fn tell(writer: &mut Writer, story: &Story) {
    writer.text(&format!(
        "### {}: {}\n",
        story.id,
        crate::artifact::line(&story.text)
    ));
    writer.text(&format!(
        "{} ({}), about {}.\n",
        story.role,
        story.kind.as_str(),
        story.entities.join(", ")
    ));
    writer.items(story.acceptance.iter().map(|acceptance| {
        format!(
            "Given {}, when {}, then {}.",
            acceptance.given, acceptance.when, acceptance.then
        )
    }));
    writer.text("");
}

fn topics(blueprint: &Blueprint) -> Vec<(String, String)> {
    let roles = blueprint
        .roles
        .iter()
        .map(|role| (role.name.clone(), format!("the role {}", role.name)));
    let entities = blueprint.entities.iter().map(|entity| {
        let stories: Vec<&str> = blueprint
            .stories
            .iter()
            .filter(|story| story.entities.contains(&entity.name))
            .map(|story| story.id.as_str())
            .collect();
        (
            entity.name.clone(),
            format!("{} ({})", entity.name, stories.join(", ")),
        )
    });
    let stories = blueprint.stories.iter().map(|story| {
        (
            story.id.clone(),
            format!("{}: {}", story.id, crate::artifact::line(&story.text)),
        )
    });
    roles.chain(entities).chain(stories).collect()
}
