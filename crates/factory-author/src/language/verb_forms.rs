//! The forms of English verbs.

/// The form of a verb in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `pay`
    Base,
    /// `pays`
    Third,
    /// `paid`
    Participle,
    /// `paying`
    Gerund,
}

/// Participles and pasts that follow no rule: base, form.
const IRREGULAR: &[(&str, &str)] = &[
    ("pay", "paid"),
    ("send", "sent"),
    ("write", "written"),
    ("make", "made"),
    ("keep", "kept"),
    ("see", "seen"),
    ("read", "read"),
    ("find", "found"),
    ("choose", "chosen"),
    ("set", "set"),
    ("begin", "begun"),
    ("lend", "lent"),
    ("buy", "bought"),
    ("withdraw", "withdrawn"),
    ("tell", "told"),
    ("have", "had"),
    ("show", "shown"),
    ("get", "got"),
    ("let", "let"),
    ("give", "given"),
    ("leave", "left"),
    ("go", "gone"),
    ("come", "come"),
    ("take", "taken"),
    ("become", "become"),
    ("know", "known"),
    ("spend", "spent"),
    ("do", "done"),
    ("sell", "sold"),
    ("lose", "lost"),
    ("forget", "forgotten"),
    ("bid", "bid"),
    ("split", "split"),
    ("cost", "cost"),
    ("run", "run"),
    ("foresee", "foreseen"),
];

/// Verbs that double their last letter.
const DOUBLING: &[&str] = &[
    "submit", "log", "plan", "ship", "get", "set", "let", "chat", "cancel", "enrol", "refer",
    "begin", "run", "scan", "bid", "split", "forget", "tag", "map", "label", "travel", "juggle",
    "format", "sum", "stop", "drop",
];

impl Form {
    /// Tells which form of the verb `base` a word is.
    pub(crate) fn of(base: &str, word: &str) -> Option<Self> {
        if word == base {
            return Some(Self::Base);
        }
        // All forms begin alike, which spares building most of them.
        if word.get(..1) != base.get(..1) {
            return None;
        }
        if base == "have" && word == "has" {
            return Some(Self::Third);
        }
        let shared = base.len().saturating_sub(1);
        let irregular = IRREGULAR
            .iter()
            .any(|(verb, form)| *verb == base && *form == word);
        if irregular {
            return Some(Self::Participle);
        }
        if word.get(..shared) != base.get(..shared) {
            return None;
        }
        if word == third(base) {
            return Some(Self::Third);
        }
        let doubled = || {
            DOUBLING
                .contains(&base)
                .then(|| format!("{base}{}", base.chars().last().unwrap_or_default()))
        };
        let stems = [Some(base.to_owned()), doubled()];
        for stem in stems.into_iter().flatten() {
            if word == with_ed(&stem) {
                return Some(Self::Participle);
            }
            if word == with_ing(&stem) {
                return Some(Self::Gerund);
            }
        }
        None
    }
}

/// The form with `he` or `she`: `pays`.
pub(crate) fn third(base: &str) -> String {
    if let Some(stem) = consonant_y(base) {
        return format!("{stem}ies");
    }
    match base {
        "have" => "has".to_owned(),
        "do" | "go" => format!("{base}es"),
        _ if base.ends_with(['s', 'x', 'z']) || base.ends_with("ch") || base.ends_with("sh") => {
            format!("{base}es")
        }
        _ => format!("{base}s"),
    }
}

fn with_ed(base: &str) -> String {
    if let Some(stem) = consonant_y(base) {
        return format!("{stem}ied");
    }
    if base.ends_with('e') {
        format!("{base}d")
    } else {
        format!("{base}ed")
    }
}

fn with_ing(base: &str) -> String {
    match base.strip_suffix('e') {
        Some(stem) if !base.ends_with("ee") => format!("{stem}ing"),
        _ => format!("{base}ing"),
    }
}

fn consonant_y(base: &str) -> Option<&str> {
    base.strip_suffix('y')
        .filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_found() {
        for (base, word, expected) in [
            ("pay", "pays", Some(Form::Third)),
            ("pay", "paid", Some(Form::Participle)),
            ("apply", "applies", Some(Form::Third)),
            ("apply", "applied", Some(Form::Participle)),
            ("cancel", "cancelled", Some(Form::Participle)),
            ("cancel", "canceled", Some(Form::Participle)),
            ("schedule", "scheduling", Some(Form::Gerund)),
            ("log", "logged", Some(Form::Participle)),
            ("see", "seeing", Some(Form::Gerund)),
            ("have", "has", Some(Form::Third)),
            ("publish", "publishes", Some(Form::Third)),
            ("book", "bookings", None),
            ("see", "set", None),
        ] {
            assert_eq!(Form::of(base, word), expected, "{base} {word}");
        }
    }
}
