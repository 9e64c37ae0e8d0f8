//! What a product records but does not do: moving money, delivering mail. Listed as assumptions, so that nobody
//! takes a state for a payment.

use crate::draft::{Draft, FeatureDraft, Kind};
use crate::language::{Act, Clause, read, with_article};

/// Verbs of money: base form, the beginning of a sentence about it, what is recorded.
const MONEY: [(&str, &str, &str); 3] = [
    ("pay", "Paying", "payment"),
    ("charge", "Charging", "charge"),
    ("refund", "Refunding", "refund"),
];

/// Adds the assumptions about what happens outside the product.
pub(crate) fn remarks(draft: &mut Draft) {
    receipts(draft);
    money(draft);
    mail(draft);
}

fn receipts(draft: &mut Draft) {
    let stories = stories_with(draft, |feature| {
        feature.text.to_lowercase().contains("receipt")
    });
    if !stories.is_empty() && draft.entity("Receipt").is_none() {
        draft.assume(
            "A receipt is a page of the paid record, not a record of its own.",
            stories,
        );
    }
}

/// A payment only changes a record; no money moves.
fn money(draft: &mut Draft) {
    let mut assumed = Vec::new();
    for (index, feature) in draft.features.iter().enumerate() {
        let is_done = matches!(
            feature.kind,
            Kind::Records | Kind::Assignment(..) | Kind::Move(..) | Kind::Flag(_) | Kind::Custom
        );
        let clauses = if is_done {
            read(&feature.text)
        } else {
            Vec::new()
        };
        for (verb, doing, kept) in MONEY {
            let named = clauses
                .iter()
                .find(|clause| clause.verb == verb && !clause.is_condition);
            if let Some(clause) = named {
                let text = format!(
                    "{doing}{} records the {kept}; no payment provider is connected.",
                    what(feature, clause)
                );
                assumed.push((text, format!("S{}", index + 1)));
            }
        }
        let lower = feature.text.to_lowercase();
        if lower.contains("online") && lower.contains("pay") {
            let question = format!(
                "S{}: which payment provider takes the money? The state is recorded; no money moves.",
                index + 1
            );
            if !draft.questions.contains(&question) {
                draft.questions.push(question);
            }
        }
    }
    for (text, story) in assumed {
        draft.assume(text, story);
    }
}

/// What the verb of a clause was done to, as far as it is a record: ` an invoice`, ` for a walk`.
fn what(feature: &FeatureDraft, clause: &Clause) -> String {
    let done = feature.acts.iter().find(
        |(_, act, _)| matches!(act, Act::Transition(name, ..) if *name == clause.verb.as_str()),
    );
    let Some((_, _, entity)) = done.filter(|(_, _, entity)| entity != "Payment") else {
        return String::new();
    };
    let is_around = clause.objects.is_empty() && clause.after(&["for"]).next().is_some();
    let words = factory_spec::name::words(entity).join(" ");
    let link = if is_around { " for" } else { "" };
    format!("{link} {}", with_article(&words))
}

/// Mail waits in the product; a record that is sent by mail only says so.
fn mail(draft: &mut Draft) {
    let stories = stories_with(draft, |feature| {
        matches!(feature.kind, Kind::Notification { in_app: false, .. })
    });
    if !stories.is_empty() {
        draft.assume(
            "Mail is queued in an outbox; no mail server is connected.",
            stories,
        );
    }
    let sent: Vec<(String, String)> = draft
        .features
        .iter()
        .enumerate()
        .filter(|(_, feature)| names_mail(&feature.text))
        .filter_map(
            |(index, feature)| match (&feature.kind, feature.entities.first()) {
                (Kind::Move(name, _) | Kind::Flag(name), Some(entity))
                    if matches!(name.as_str(), "send" | "sent" | "is_sent") =>
                {
                    let words = factory_spec::name::words(entity).join(" ");
                    Some((with_article(&words), format!("S{}", index + 1)))
                }
                _ => None,
            },
        )
        .collect();
    for (record, story) in sent {
        let text =
            format!("Sending {record} records that it was sent; no mail server is connected.");
        draft.assume(text, story);
    }
}

fn names_mail(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["email", "e-mail", "by mail"]
        .iter()
        .any(|phrase| lower.contains(phrase))
}

/// The ids of the stories of such features: `S2, S5`.
fn stories_with(draft: &Draft, is_meant: impl Fn(&FeatureDraft) -> bool) -> String {
    let ids: Vec<String> = draft
        .features
        .iter()
        .enumerate()
        .filter(|(_, feature)| is_meant(feature))
        .map(|(index, _)| format!("S{}", index + 1))
        .collect();
    ids.join(", ")
}
