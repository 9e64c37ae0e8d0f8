//! Architecture by rule: what the template gives, what the blueprint adds, what must come from outside.

use factory_spec::blueprint::{
    Blueprint, Detail, Direction, FieldType, OnDelete, Scope, StoryKind,
};
use factory_spec::brief::Brief;
use serde_json::json;

use crate::artifact::{Artifact, Writer};

/// Writes the architecture of a product. `comment` is what a gate asked for.
pub fn architecture_design(
    brief: &Brief,
    blueprint: &Blueprint,
    template: &str,
    comment: Option<&str>,
) -> Artifact {
    let mut writer = Writer::new("architecture_design", "Architecture", &brief.name);
    writer.section("Shape");
    let resources = &brief.resources;
    writer.text(&format!(
        "One product from the template `{template}`: one slice per record, one task per story. It runs within \
         {} MiB of memory, {} cores, {} MiB of storage and {} ports, as allocated.",
        resources.memory_mib,
        f64::from(resources.cpu_millicores) / 1000.0,
        resources.disk_mib,
        resources.port_count
    ));
    writer.put("template", json!(template));
    data(&mut writer, blueprint);
    rights(&mut writer, blueprint);
    who_builds(&mut writer, blueprint);
    outside(&mut writer, blueprint);
    writer.section("Interfaces");
    writer.text(&format!(
        "{} pages and {} endpoints; each list, record and form of an entity has the same paths for people and programs.",
        blueprint.pages.len(),
        blueprint.endpoints.len()
    ));
    let paths: Vec<String> = blueprint
        .endpoints
        .iter()
        .map(|endpoint| endpoint.path.clone())
        .collect();
    writer.put("paths", json!(paths));
    writer.ask("Where will the product run, and who has access to its data and its backups?");
    let topics: Vec<(String, String)> = blueprint
        .entities
        .iter()
        .map(|entity| (entity.name.clone(), format!("the record {}", entity.name)))
        .chain([
            ("access".to_owned(), "who may do what".to_owned()),
            ("permission".to_owned(), "who may do what".to_owned()),
            ("template".to_owned(), format!("the template {template}")),
            ("database".to_owned(), "the data".to_owned()),
        ])
        .collect();
    writer.comment(comment, &topics);
    writer.finish()
}

fn data(writer: &mut Writer, blueprint: &Blueprint) {
    writer.section("Data");
    let mut rows = Vec::new();
    let mut references = Vec::new();
    for entity in &blueprint.entities {
        for field in &entity.fields {
            let Some(reference) = &field.references else {
                continue;
            };
            let deletion = match reference.on_delete {
                OnDelete::Restrict => "deletion is refused",
                OnDelete::Cascade => "is also deleted",
                OnDelete::SetNull => "becomes empty",
            };
            let need = if field.required {
                "always"
            } else {
                "may be empty"
            };
            rows.push(vec![
                format!("{}.{}", entity.name, field.name),
                reference.entity.clone(),
                need.to_owned(),
                deletion.to_owned(),
            ]);
            references.push(json!({ "from": entity.name, "field": field.name, "to": reference.entity, "required": field.required }));
        }
    }
    let names: Vec<&str> = blueprint
        .entities
        .iter()
        .map(|entity| entity.name.as_str())
        .collect();
    writer.text(&format!("Records: {}.\n", names.join(", ")));
    if rows.is_empty() {
        writer.text("No record refers to another.");
    } else {
        writer.table(
            &["reference", "to", "set", "when the target is deleted"],
            &rows,
        );
    }
    writer.put("references", json!(references));
}

fn rights(writer: &mut Writer, blueprint: &Blueprint) {
    writer.section("Who may do what");
    writer.text("Whatever is not listed is denied.\n");
    let mut rows = Vec::new();
    for role in &blueprint.roles {
        for entity in &blueprint.entities {
            let actions: Vec<String> = role
                .can
                .iter()
                .filter(|may| may.entity == entity.name)
                .map(|may| match may.scope {
                    Scope::Own => format!("{} own", may.action.replace('_', " ")),
                    Scope::All => may.action.replace('_', " "),
                })
                .collect();
            if !actions.is_empty() {
                rows.push(vec![
                    role.name.clone(),
                    entity.name.clone(),
                    actions.join(", "),
                ]);
            }
        }
    }
    writer.table(&["role", "record", "may"], &rows);
}

fn who_builds(writer: &mut Writer, blueprint: &Blueprint) {
    writer.section("Who builds what");
    let by_rule = |kind: StoryKind| !matches!(kind, StoryKind::Custom | StoryKind::Predict);
    let rows: Vec<Vec<String>> = blueprint
        .stories
        .iter()
        .map(|story| {
            let who = if by_rule(story.kind) {
                "rendered by rule"
            } else {
                "an agent or a person"
            };
            vec![
                story.id.clone(),
                story.kind.as_str().to_owned(),
                who.to_owned(),
            ]
        })
        .collect();
    writer.table(&["story", "kind", "built by"], &rows);
    let open: Vec<&str> = blueprint
        .stories
        .iter()
        .filter(|story| !by_rule(story.kind))
        .map(|story| story.id.as_str())
        .collect();
    writer.put("needs_agent", json!(open));
}

/// What the product needs from outside, each with the question that goes with it.
fn outside(writer: &mut Writer, blueprint: &Blueprint) {
    let mut needs: Vec<(&str, &str)> = Vec::new();
    let has = |wanted: fn(&Detail) -> bool| {
        blueprint
            .stories
            .iter()
            .filter_map(|story| story.detail.as_ref())
            .any(wanted)
    };
    let has_field = |wanted: FieldType| {
        blueprint
            .entities
            .iter()
            .flat_map(|entity| &entity.fields)
            .any(|field| field.field_type == wanted)
    };
    if has(|detail| matches!(detail, Detail::Notify(_))) {
        needs.push((
            "a mail server or service",
            "Which mail service sends the messages, and from which address?",
        ));
    }
    if blueprint
        .stories
        .iter()
        .any(|story| story.text.to_lowercase().contains("pay") && story.kind == StoryKind::Workflow)
    {
        needs.push((
            "a payment provider, if money is to move",
            "Which payment provider is used? Until then a payment is recorded, not collected.",
        ));
    }
    if has_field(FieldType::File) {
        needs.push((
            "space for uploaded files",
            "How large may an uploaded file be, and who may see it?",
        ));
    }
    if has(
        |detail| matches!(detail, Detail::Exchange(exchange) if exchange.direction == Direction::Import),
    ) {
        needs.push((
            "example files for the import",
            "Which columns do the imported files have?",
        ));
    }
    if blueprint.model.is_some() {
        needs.push((
            "records to train on",
            "How many past records are there, and may they be used for training?",
        ));
    }
    writer.section("From outside");
    if needs.is_empty() {
        writer.text("Nothing but the machine that it runs on.");
    } else {
        writer.items(needs.iter().map(|(need, _)| (*need).to_owned()));
    }
    for (_, question) in &needs {
        writer.ask(*question);
    }
    let needs: Vec<&str> = needs.iter().map(|(need, _)| *need).collect();
    writer.put("from_outside", json!(needs));
}
