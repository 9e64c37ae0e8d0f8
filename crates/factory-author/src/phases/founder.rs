//! Founder analysis by rule: what the founder brings against what the product asks for.

use factory_spec::brief::Brief;
use serde_json::json;

use super::market::topics;
use crate::artifact::{Artifact, Writer};
use crate::draft::{Kind, extract};

/// What a product of any kind asks of its founders, with words of skills that cover it.
const NEEDS: &[(&str, &[&str])] = &[
    (
        "talk to customers and sell",
        &[
            "sales",
            "selling",
            "marketing",
            "business",
            "growth",
            "communication",
        ],
    ),
    ("know the industry from the inside", &[]),
    (
        "change the product's code",
        &[
            "python",
            "rust",
            "javascript",
            "typescript",
            "programming",
            "software",
            "development",
            "engineering",
            "coding",
            "dart",
            "flutter",
            "react",
            "vue",
            "web",
        ],
    ),
    (
        "design pleasant pages",
        &["design", "ux", "ui", "product design", "graphic"],
    ),
    (
        "run the product and its data",
        &[
            "devops",
            "operations",
            "administration",
            "security",
            "it",
            "hosting",
        ],
    ),
    (
        "handle money, contracts and legal duties",
        &[
            "finance",
            "accounting",
            "law",
            "legal",
            "tax",
            "bookkeeping",
        ],
    ),
];

/// Writes the founder analysis of a brief. `comment` is what a gate asked for.
pub fn founder_analysis(brief: &Brief, comment: Option<&str>) -> Artifact {
    let draft = extract::extract(brief);
    let mut writer = Writer::new("founder_analysis", "Founder analysis", &brief.name);
    let founder = &brief.founder;
    writer.section("What the founder brings");
    if founder.skills.is_empty() {
        writer.text("The brief names no skills.");
        writer.ask("What can the founders do themselves?");
    } else {
        writer.items(founder.skills.iter().cloned());
    }
    match founder.hours_per_week {
        Some(hours) => writer.text(&format!("\nTime: {hours} hours a week, as given.")),
        None => writer.ask("How many hours a week do the founders have?"),
    }
    writer.put("skills", json!(founder.skills));
    writer.put("hours_per_week", json!(founder.hours_per_week));

    writer.section("What the product requires");
    let own = own_words(brief);
    let mut rows = Vec::new();
    let mut gaps = Vec::new();
    for (need, words) in NEEDS {
        let covered: Vec<&str> = founder
            .skills
            .iter()
            .filter(|skill| covers(skill, words) || (words.is_empty() && knows_trade(skill, &own)))
            .map(String::as_str)
            .collect();
        if covered.is_empty() {
            gaps.push(*need);
        }
        let by = if covered.is_empty() {
            "nobody named".to_owned()
        } else {
            covered.join(", ")
        };
        rows.push(vec![(*need).to_owned(), by]);
    }
    writer.table(&["need", "covered by"], &rows);
    writer.put("gaps", json!(gaps));
    if let Some(gap) = gaps.first() {
        writer.ask(format!("Who will {gap}? No skill in the brief covers it."));
    }

    let hard: Vec<String> = draft
        .features
        .iter()
        .enumerate()
        .filter(|(_, feature)| matches!(feature.kind, Kind::Custom | Kind::Prediction))
        .map(|(index, feature)| format!("S{}: {}", index + 1, feature.text))
        .collect();
    writer.section("Where the founder is needed most");
    writer.text(&format!(
        "The brief has {} features. Records, states, reports, reminders and files are built by rule.",
        brief.features.len()
    ));
    if hard.is_empty() {
        writer.text("No feature needs custom logic.");
    } else {
        writer.text("These need custom logic, and somebody who decides what is right:\n");
        writer.items(hard.clone());
    }
    writer.put("own_logic", json!(hard));
    writer.ask("Which of the founders has worked in this industry, and for how long?");
    writer.comment(comment, &topics(brief, &draft));
    writer.finish()
}

fn covers(skill: &str, words: &[&str]) -> bool {
    let lower = skill.to_lowercase();
    lower
        .split(|letter: char| !letter.is_alphanumeric())
        .any(|word| words.contains(&word))
}

/// The stems of the brief's own words.
fn own_words(brief: &Brief) -> Vec<String> {
    let texts = [
        Some(brief.one_liner.as_str()),
        brief.problem.as_deref(),
        brief.industry.as_deref(),
        brief.category.as_deref(),
    ];
    let audience = brief.audience.iter().map(String::as_str);
    let all = texts
        .into_iter()
        .flatten()
        .chain(audience)
        .chain(brief.features.iter().map(String::as_str));
    all.flat_map(|text| {
        text.split(|letter: char| !letter.is_alphanumeric())
            .map(stem)
            .collect::<Vec<_>>()
    })
    .filter(|word| word.len() >= 4)
    .collect()
}

fn knows_trade(skill: &str, own: &[String]) -> bool {
    let words = skill
        .split(|letter: char| !letter.is_alphanumeric())
        .map(stem);
    words
        .into_iter()
        .any(|word| word.len() >= 4 && own.contains(&word))
}

/// The first letters of a word, by which `nursing` and `nurse` meet.
fn stem(word: &str) -> String {
    word.to_lowercase().chars().take(5).collect()
}
