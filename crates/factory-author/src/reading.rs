//! Small facts that a sentence states literally: how many days before, which file, whether a figure is wanted.

use factory_spec::blueprint::{Format, Measure};

use crate::language::Act;

/// States that a participle or an adjective names, with the transition that leads there.
const STATES: &[(&str, Act)] = &[
    ("delivered", Act::Transition("deliver", "delivered", 75)),
    ("paid", Act::Transition("pay", "paid", 70)),
    ("done", Act::Transition("complete", "completed", 80)),
    ("complete", Act::Transition("complete", "completed", 80)),
    ("completed", Act::Transition("complete", "completed", 80)),
    ("finished", Act::Transition("finish", "finished", 80)),
    ("resolved", Act::Transition("resolve", "resolved", 80)),
    ("closed", Act::Transition("close", "closed", 85)),
    ("sold", Act::Transition("sell", "sold", 80)),
    ("sent", Act::Transition("send", "sent", 20)),
    ("shipped", Act::Transition("ship", "shipped", 60)),
    ("ready", Act::Transition("make_ready", "ready", 45)),
    ("approved", Act::Transition("approve", "approved", 30)),
    ("cancelled", Act::Transition("cancel", "cancelled", 92)),
    ("returned", Act::Transition("bring_back", "returned", 85)),
    ("cleaned", Act::Transition("clean", "cleaned", 60)),
    ("attended", Act::Transition("attend", "attended", 75)),
    ("absent", Act::Transition("miss", "missed", 90)),
    ("collected", Act::Transition("collect", "collected", 75)),
    ("received", Act::Transition("receive", "received", 75)),
    ("read", Act::Transition("mark_read", "read", 50)),
    ("picked", Act::Transition("pick", "picked", 45)),
];

/// The transition that leads to a state named by a word.
pub(crate) fn transition_to(state: &str) -> Option<Act> {
    STATES
        .iter()
        .find(|(word, _)| *word == state)
        .map(|(_, act)| *act)
}

const NUMBERS: &[(&str, u32)] = &[
    ("one", 1),
    ("a", 1),
    ("the", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("ten", 10),
    ("fourteen", 14),
    ("thirty", 30),
];

/// `three days before`, `the day before`, `24 hours before`, `a week in advance`.
pub(crate) fn days_before(lower: &str) -> Option<u32> {
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let unit = words
        .iter()
        .zip(words.iter().skip(1))
        .position(|(unit, next)| {
            matches!(*unit, "day" | "days" | "hour" | "hours" | "week" | "weeks")
                && matches!(*next, "before" | "ahead" | "prior" | "in")
        })?;
    let number = unit
        .checked_sub(1)
        .and_then(|before| words.get(before))
        .map_or(Some(1), |word| {
            word.parse::<u32>().ok().or_else(|| {
                NUMBERS
                    .iter()
                    .find(|(name, _)| name == word)
                    .map(|(_, number)| *number)
            })
        })?;
    let days = match words.get(unit)? {
        word if word.starts_with("hour") => number.div_ceil(24),
        word if word.starts_with("week") => number.saturating_mul(7),
        _ => number,
    };
    (days <= 366).then_some(days)
}

/// Whether a sentence asks for a figure: a number, a sum, a comparison.
pub(crate) fn is_figure(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
        "how many",
        "how much",
        "how often",
        "total",
        "per month",
        "per week",
        "per day",
        "per year",
        "statistics",
        "average",
    ]
    .iter()
    .any(|phrase| lower.contains(phrase))
}

/// What is done with the records of a figure.
pub(crate) fn measure(lower: &str) -> Measure {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["average", "mean "]) {
        Measure::Mean
    } else if has(&[
        "how much",
        "revenue",
        "income",
        "turnover",
        "total",
        "amount",
        "earn",
        "owe",
        "spend",
        "profit",
        "sales",
        "outstanding",
        "yield",
        "hours",
    ]) && !has(&["how many"])
    {
        Measure::Sum
    } else {
        Measure::Count
    }
}

/// The kind of file that a sentence names; a table when it names none.
pub(crate) fn format(lower: &str) -> Format {
    if lower.contains("pdf") || lower.contains("print") {
        Format::Pdf
    } else if lower.contains("json") {
        Format::Json
    } else {
        Format::Csv
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_before_are_counted() {
        for (text, expected) in [
            ("three days before an invoice is due", Some(3)),
            ("the day before their appointment", Some(1)),
            ("24 hours before the lesson", Some(1)),
            ("two weeks before it ends", Some(14)),
            ("before the lesson", None),
            ("99999999 weeks before", None),
        ] {
            assert_eq!(days_before(text), expected, "{text}");
        }
    }
}
