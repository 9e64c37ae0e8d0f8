//! Market research by rule: who has the problem in the founder's own words, how it is done today as far as the
//! brief says, and, plainly, what was not researched and whom to ask.

use factory_spec::brief::Brief;
use serde_json::json;

use crate::artifact::{Artifact, Writer};
use crate::draft::{Draft, extract};

/// Words of a problem that name how people manage today.
const WAYS: &[(&str, &str)] = &[
    ("by hand", "working by hand"),
    ("manual", "working by hand"),
    ("paper", "paper"),
    ("spreadsheet", "spreadsheets"),
    ("excel", "spreadsheets"),
    ("whiteboard", "a whiteboard"),
    ("phone", "telephone calls"),
    ("call ", "telephone calls"),
    ("e-mail", "e-mail"),
    ("email", "e-mail"),
    ("whatsapp", "chat groups"),
    ("chat", "chat groups"),
    ("website", "several websites"),
    ("notebook", "notebooks"),
    ("post-it", "sticky notes"),
    ("fax", "fax"),
];

/// What was not looked up, and how to find out.
const NOT_RESEARCHED: &[(&str, &str)] = &[
    (
        "market size",
        "ask the trade association or the statistics office for the number of such customers",
    ),
    (
        "competitors",
        "ask five people of the audience what they use and what they pay for it",
    ),
    (
        "willingness to pay",
        "ask the same people for an order, not for an opinion",
    ),
    ("regulation", "ask a lawyer who knows the industry"),
    (
        "ways to reach customers",
        "ask where they learned about the tool that they use today",
    ),
];

/// Questions that an industry raises.
const BY_INDUSTRY: &[(&str, &str)] = &[
    (
        "fintech",
        "Does the product hold or move money for others, so that it needs a licence or a licensed provider?",
    ),
    (
        "health",
        "Who answers for health data, and which rules of secrecy and storage hold where the product is used?",
    ),
    (
        "medic",
        "Who answers for health data, and which rules of secrecy and storage hold where the product is used?",
    ),
    (
        "educat",
        "Are learners under age, and who consents for them?",
    ),
    (
        "logistic",
        "Which papers must travel with the goods, and must the product produce them?",
    ),
    (
        "hospitality",
        "Must guests be registered with an authority?",
    ),
    (
        "real estate",
        "Which data of tenants may be asked for and kept?",
    ),
    (
        "property",
        "Which data of tenants may be asked for and kept?",
    ),
    (
        "insur",
        "Is advice or brokerage given, so that a licence is needed?",
    ),
    (
        "food",
        "Must origin, allergens or temperatures be documented?",
    ),
    (
        "legal",
        "Does professional secrecy limit where data may be stored?",
    ),
    (
        "nonprofit",
        "Must donations be receipted in a form that the tax office accepts?",
    ),
];

/// Writes the market research of a brief. `comment` is what a gate asked for.
pub fn market_research(brief: &Brief, comment: Option<&str>) -> Artifact {
    let draft = extract::extract(brief);
    let mut writer = Writer::new("market_research", "Market research", &brief.name);
    let problem = brief.problem.clone().unwrap_or_default();
    writer.section("The niche, as the brief puts it");
    writer.text(&format!(
        "{}.",
        crate::artifact::line(brief.one_liner.trim_end_matches('.'))
    ));
    if !problem.is_empty() {
        writer.text(&format!(
            "\nThe problem: {}",
            crate::artifact::line(&problem)
        ));
    }
    segments(&mut writer, brief, &draft);
    today(&mut writer, &problem);
    writer.section("Not researched");
    writer.text("The rules know only the brief. The following is unknown until somebody asks:\n");
    writer.items(
        NOT_RESEARCHED
            .iter()
            .map(|(topic, ask)| format!("Not researched: {topic}; {ask}.")),
    );
    let open: Vec<_> = NOT_RESEARCHED
        .iter()
        .map(|(topic, ask)| json!({ "topic": topic, "ask": ask }))
        .collect();
    writer.put("not_researched", json!(open));
    let industry = format!(
        "{} {}",
        brief.industry.clone().unwrap_or_default(),
        brief.category.clone().unwrap_or_default()
    )
    .to_lowercase();
    for (word, question) in BY_INDUSTRY {
        if industry.contains(word) {
            writer.ask(*question);
        }
    }
    if brief.audience.is_empty() {
        writer.ask("Who exactly is it for? The brief names no audience.");
    }
    writer.ask("Which five people of the audience have this problem now, and what did it cost them last month?");
    writer.comment(comment, &topics(brief, &draft));
    writer.finish()
}

fn segments(writer: &mut Writer, brief: &Brief, draft: &Draft) {
    writer.section("Who has the problem");
    if brief.audience.is_empty() {
        writer.text("The brief names no audience; the features name these people:");
    } else {
        writer.items(brief.audience.iter().cloned());
        writer.text("\nThe features mention these people:");
    }
    writer.text("");
    let rows: Vec<Vec<String>> = draft
        .roles
        .iter()
        .map(|role| {
            let features: Vec<&str> = draft
                .features
                .iter()
                .filter(|feature| feature.role == role.name)
                .map(|feature| feature.text.as_str())
                .collect();
            vec![role.name.clone(), features.join("; ")]
        })
        .collect();
    writer.table(&["role", "what they do"], &rows);
    let roles: Vec<&str> = draft.roles.iter().map(|role| role.name.as_str()).collect();
    writer.put("segments", json!(brief.audience));
    writer.put("roles", json!(roles));
    let payer: Vec<&str> = draft
        .roles
        .iter()
        .filter(|role| !role.is_served)
        .map(|role| role.name.as_str())
        .collect();
    let question = match payer.as_slice() {
        [] => "Who pays for the product?".to_owned(),
        names => format!(
            "Who pays for the product: {}, or somebody else?",
            names.join(", ")
        ),
    };
    writer.ask(question);
}

fn today(writer: &mut Writer, problem: &str) {
    let lower = problem.to_lowercase();
    let mut ways: Vec<&str> = WAYS
        .iter()
        .filter(|(word, _)| lower.contains(word))
        .map(|(_, way)| *way)
        .collect();
    ways.dedup();
    writer.section("How it is done today");
    if ways.is_empty() {
        writer.text("The brief does not say how people manage today.");
        writer.ask("How do people manage today?");
    } else {
        writer.text("The first competitor is the present way of working. The brief names:\n");
        writer.items(ways.iter().map(|way| (*way).to_owned()));
        writer.ask(format!("What makes people give up {}?", ways.join(" and ")));
    }
    writer.put("current_ways", json!(ways));
}

/// Words that a gate's question may touch, with what they stand for.
pub(super) fn topics(brief: &Brief, draft: &Draft) -> Vec<(String, String)> {
    let mut topics: Vec<(String, String)> = Vec::new();
    for role in &draft.roles {
        topics.push((role.name.clone(), format!("the role {}", role.name)));
    }
    for entity in &draft.entities {
        topics.push((
            entity.entity.name.clone(),
            format!("the record {}", entity.entity.name),
        ));
    }
    for (word, example) in [
        ("audience", brief.audience.join(", ")),
        ("problem", brief.problem.clone().unwrap_or_default()),
    ] {
        topics.push((word.to_owned(), format!("the {word} (“{example}”)")));
    }
    topics
}
