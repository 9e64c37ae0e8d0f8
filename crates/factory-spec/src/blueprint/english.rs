//! Plurals and singulars of English nouns, as far as the names of records need it.

use crate::name;

/// Nouns whose plural follows no rule: singular, plural.
const IRREGULAR: &[(&str, &str)] = &[
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("craftsman", "craftsmen"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("goose", "geese"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("datum", "data"),
    ("criterion", "criteria"),
    ("phenomenon", "phenomena"),
    ("medium", "media"),
    ("curriculum", "curricula"),
    ("leaf", "leaves"),
    ("shelf", "shelves"),
    ("half", "halves"),
    ("knife", "knives"),
    ("life", "lives"),
    ("wife", "wives"),
    ("loaf", "loaves"),
    ("thief", "thieves"),
    ("calf", "calves"),
    ("wolf", "wolves"),
    ("quiz", "quizzes"),
    ("menu", "menus"),
    ("taxi", "taxis"),
    ("hero", "heroes"),
    ("potato", "potatoes"),
    ("tomato", "tomatoes"),
    ("cargo", "cargoes"),
    ("veto", "vetoes"),
    ("index", "indexes"),
    ("bus", "buses"),
    ("gas", "gases"),
    ("lens", "lenses"),
    ("status", "statuses"),
    ("virus", "viruses"),
    ("campus", "campuses"),
    ("bonus", "bonuses"),
    ("census", "censuses"),
    ("canvas", "canvases"),
    ("atlas", "atlases"),
    ("alias", "aliases"),
    ("bias", "biases"),
    ("syllabus", "syllabuses"),
    ("cookie", "cookies"),
    ("movie", "movies"),
    ("calorie", "calories"),
    ("pie", "pies"),
    ("tie", "ties"),
    ("selfie", "selfies"),
    ("cache", "caches"),
    ("ache", "aches"),
    ("niche", "niches"),
    ("shoe", "shoes"),
    ("toe", "toes"),
    ("axe", "axes"),
    ("lease", "leases"),
    ("release", "releases"),
    ("purchase", "purchases"),
    ("case", "cases"),
    ("phase", "phases"),
    ("base", "bases"),
    ("course", "courses"),
    ("nurse", "nurses"),
    ("horse", "horses"),
    ("house", "houses"),
    ("warehouse", "warehouses"),
    ("expense", "expenses"),
    ("license", "licenses"),
    ("exercise", "exercises"),
    ("response", "responses"),
    ("dose", "doses"),
    ("purpose", "purposes"),
    ("franchise", "franchises"),
    ("enterprise", "enterprises"),
    ("premise", "premises"),
    ("disease", "diseases"),
    ("database", "databases"),
    ("hose", "hoses"),
    ("rose", "roses"),
    ("vase", "vases"),
    ("tense", "tenses"),
    ("size", "sizes"),
    ("prize", "prizes"),
    ("maze", "mazes"),
];

/// Nouns with one form.
const INVARIABLE: &[&str] = &[
    "equipment",
    "information",
    "series",
    "species",
    "sheep",
    "fish",
    "deer",
    "news",
    "feedback",
    "furniture",
    "luggage",
    "software",
    "hardware",
    "staff",
    "aircraft",
    "offspring",
    "headquarters",
    "means",
    "money",
    "music",
    "advice",
    "homework",
    "inventory",
    "stock",
    "content",
    "evidence",
    "mail",
    "traffic",
    "waste",
    "livestock",
    "maintenance",
    "insurance",
    "progress",
    "research",
    "training",
    "housing",
    "electricity",
    "water",
    "energy",
];

/// Endings of singular nouns that look like plurals.
const SINGULAR_ENDINGS: &[&str] = &["ss", "us", "is"];

/// Gives the plural of a noun in the case in which it is written; of several words the last one changes:
/// `InvoiceLine` → `InvoiceLines`, `due day` → `due days`.
pub fn plural(noun: &str) -> String {
    with_last_word(noun, plural_word)
}

/// Gives the singular of a noun in the case in which it is written; of several words the last one changes. A
/// singular stays as it is.
pub fn singular(noun: &str) -> String {
    with_last_word(noun, singular_word)
}

fn with_last_word(noun: &str, change: fn(&str) -> String) -> String {
    let words = name::words(noun);
    let Some(last) = words.last() else {
        return noun.to_owned();
    };
    // Cases of one letter each (`ß`) may change the length; such a noun is left alone.
    let Some(stem_length) = noun.len().checked_sub(last.len()) else {
        return noun.to_owned();
    };
    let (Some(stem), Some(tail)) = (noun.get(..stem_length), noun.get(stem_length..)) else {
        return noun.to_owned();
    };
    if tail.to_lowercase() != *last {
        return noun.to_owned();
    }
    let changed = change(last);
    let mut letters = changed.chars();
    match (
        tail.chars().next().is_some_and(char::is_uppercase),
        letters.next(),
    ) {
        (true, Some(first)) => format!("{stem}{}{}", first.to_uppercase(), letters.as_str()),
        _ => format!("{stem}{changed}"),
    }
}

fn plural_word(word: &str) -> String {
    if INVARIABLE.contains(&word) || IRREGULAR.iter().any(|(_, plural)| *plural == word) {
        return word.to_owned();
    }
    if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == word) {
        return (*plural).to_owned();
    }
    for (singular, plural) in [("man", "men"), ("person", "people"), ("child", "children")] {
        // `salesman`, `chairperson`, `grandchild`, but not `human` or `german`.
        if let Some(stem) = word.strip_suffix(singular)
            && [
                "sales", "chair", "spokes", "grand", "business", "handy", "trades", "police",
                "fire", "crafts",
            ]
            .contains(&stem)
        {
            return format!("{stem}{plural}");
        }
    }
    if let Some(stem) = word.strip_suffix("sis") {
        return format!("{stem}ses");
    }
    if let Some(stem) = word.strip_suffix('y')
        && !stem.ends_with(['a', 'e', 'i', 'o', 'u'])
        && !stem.is_empty()
    {
        return format!("{stem}ies");
    }
    if word.ends_with(['s', 'x', 'z']) || word.ends_with("ch") || word.ends_with("sh") {
        return format!("{word}es");
    }
    format!("{word}s")
}

fn singular_word(word: &str) -> String {
    if INVARIABLE.contains(&word) || IRREGULAR.iter().any(|(singular, _)| *singular == word) {
        return word.to_owned();
    }
    if let Some((singular, _)) = IRREGULAR.iter().find(|(_, plural)| *plural == word) {
        return (*singular).to_owned();
    }
    if let Some(stem) = word.strip_suffix("men")
        && [
            "sales", "chair", "spokes", "business", "handy", "trades", "police", "fire", "crafts",
        ]
        .contains(&stem)
    {
        return format!("{stem}man");
    }
    if word.chars().count() <= 3 && !matches!(word, "ids" | "ads" | "bids") {
        return word.to_owned();
    }
    if let Some(stem) = word
        .strip_suffix("yses")
        .or_else(|| word.strip_suffix("oses"))
        .filter(|stem| stem.len() > 2)
    {
        let letter = if word.ends_with("yses") { 'y' } else { 'o' };
        return format!("{stem}{letter}sis");
    }
    if let Some(stem) = word
        .strip_suffix("ies")
        .filter(|stem| stem.chars().count() > 1)
    {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes", "zzes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    if SINGULAR_ENDINGS.iter().any(|ending| word.ends_with(ending)) {
        return word.to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_have_their_plural_and_back() {
        for (one, many) in [
            ("invoice", "invoices"),
            ("InvoiceLine", "InvoiceLines"),
            ("category", "categories"),
            ("day", "days"),
            ("class", "classes"),
            ("box", "boxes"),
            ("branch", "branches"),
            ("wish", "wishes"),
            ("person", "people"),
            ("Child", "Children"),
            ("analysis", "analyses"),
            ("diagnosis", "diagnoses"),
            ("address", "addresses"),
            ("bus", "buses"),
            ("course", "courses"),
            ("lease", "leases"),
            ("warehouse", "warehouses"),
            ("purchase", "purchases"),
            ("service", "services"),
            ("equipment", "equipment"),
            ("salesman", "salesmen"),
            ("human", "humans"),
            ("loyalty card", "loyalty cards"),
            ("shelf", "shelves"),
            ("quiz", "quizzes"),
            ("status", "statuses"),
            ("key", "keys"),
            ("photo", "photos"),
            ("cheque", "cheques"),
            ("response", "responses"),
            ("dose", "doses"),
        ] {
            assert_eq!(plural(one), many, "plural of {one}");
            assert_eq!(singular(many), one, "singular of {many}");
            assert_eq!(singular(one), one, "singular of the singular {one}");
        }
    }

    #[test]
    fn text_without_words_stays_as_it_is() {
        for text in ["", " ", "--", "ẞ"] {
            assert!(
                plural(text).chars().count() + singular(text).chars().count() < 8,
                "{text}"
            );
        }
        assert_eq!(plural(""), "");
    }
}
