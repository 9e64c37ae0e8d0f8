//! The result of a phase: Markdown for people, JSON for machines, with assumptions and open questions.

use factory_spec::blueprint::{Assumption, Blueprint, SCHEMA_VERSION};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The result of one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Name of the phase; the files are named after it.
    pub phase: String,
    /// For people.
    pub markdown: String,
    /// For machines; always has `schema_version`, `phase`, `assumptions` and `questions`.
    pub value: Value,
    /// What was assumed because the brief does not say.
    pub assumptions: Vec<Assumption>,
    /// What only a person or research can answer.
    pub questions: Vec<String>,
}

/// The result of the specification: the document and the blueprint, which drives everything after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specification {
    /// The document; its value is the blueprint as JSON.
    pub artifact: Artifact,
    /// The blueprint; [`factory_spec::blueprint::check`] finds no faults in it.
    pub blueprint: Blueprint,
}

/// Collects an artifact section by section.
pub(crate) struct Writer {
    phase: &'static str,
    markdown: String,
    value: Map<String, Value>,
    assumptions: Vec<Assumption>,
    questions: Vec<String>,
}

impl Writer {
    pub(crate) fn new(phase: &'static str, title: &str, product: &str) -> Self {
        let mut value = Map::new();
        value.insert("schema_version".to_owned(), json!(SCHEMA_VERSION));
        value.insert("phase".to_owned(), json!(phase));
        let markdown = format!(
            "# {title}: {}\n\nDerived by rule from the brief. Nothing was looked up, and no figure is estimated.\n",
            line(product)
        );
        Self {
            phase,
            markdown,
            value,
            assumptions: Vec::new(),
            questions: Vec::new(),
        }
    }

    pub(crate) fn section(&mut self, title: &str) {
        self.markdown.push_str("\n## ");
        self.markdown.push_str(title);
        self.markdown.push_str("\n\n");
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.markdown.push_str(text);
        self.markdown.push('\n');
    }

    pub(crate) fn items(&mut self, items: impl IntoIterator<Item = String>) {
        for item in items {
            self.text(&format!("- {}", line(&item)));
        }
    }

    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        self.text(&format!("| {} |", head.join(" | ")));
        self.text(&format!("|{}|", vec!["---"; head.len()].join("|")));
        for row in rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| line(cell).replace('|', "\\|"))
                .collect();
            self.text(&format!("| {} |", cells.join(" | ")));
        }
    }

    pub(crate) fn put(&mut self, key: &str, value: Value) {
        self.value.insert(key.to_owned(), value);
    }

    pub(crate) fn assume(&mut self, assumptions: &[Assumption]) {
        self.assumptions.extend_from_slice(assumptions);
    }

    pub(crate) fn ask(&mut self, question: impl Into<String>) {
        let question = question.into();
        if !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    /// Answers a gate's question as far as rules can: it is repeated, with what the document says about it, and stays open.
    pub(crate) fn comment(&mut self, comment: Option<&str>, topics: &[(String, String)]) {
        let Some(comment) = comment.map(line).filter(|comment| !comment.is_empty()) else {
            return;
        };
        let lower = comment.to_lowercase();
        let words: Vec<&str> = lower
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| word.len() > 2)
            .collect();
        let touched: Vec<&str> = topics
            .iter()
            .filter(|(key, _)| {
                let key = key.to_lowercase();
                words
                    .iter()
                    .any(|word| factory_spec::blueprint::singular(word) == key || *word == key)
            })
            .map(|(_, text)| text.as_str())
            .collect();
        self.section("Asked at the gate");
        self.text(&format!("> {comment}"));
        self.text("");
        if touched.is_empty() {
            self.text("Nothing in this document mentions it. Rules cannot answer it, so it stays an open question.");
        } else {
            self.text(&format!("It touches: {}.", touched.join("; ")));
            self.text("Rules only repeat what the brief says about these, so it stays an open question. Change the brief, or answer at the gate.");
        }
        self.questions
            .insert(0, format!("Asked at the gate: {comment}"));
        self.put("asked", json!({ "comment": comment, "touches": touched }));
    }

    pub(crate) fn finish(mut self) -> Artifact {
        let mut assumptions = std::mem::take(&mut self.assumptions);
        assumptions.dedup();
        if !assumptions.is_empty() {
            self.section("Assumptions");
            let texts = assumptions
                .iter()
                .map(|assumption| match &assumption.because {
                    Some(because) => format!("{} (because: {because})", assumption.text),
                    None => assumption.text.clone(),
                });
            self.items(texts.collect::<Vec<_>>());
        }
        let questions = std::mem::take(&mut self.questions);
        if !questions.is_empty() {
            self.section("Open questions");
            self.items(questions.iter().cloned());
        }
        self.value
            .insert("assumptions".to_owned(), json!(assumptions));
        self.value.insert("questions".to_owned(), json!(questions));
        Artifact {
            phase: self.phase.to_owned(),
            markdown: self.markdown,
            value: Value::Object(self.value),
            assumptions,
            questions,
        }
    }
}

/// A text on one line.
pub(crate) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
