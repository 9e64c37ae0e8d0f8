//! The short form of a field: `text!`, `email^`, `ref Client!`, `refs Tag`, `draft|sent|paid`.

use crate::blueprint::{Field, FieldType, Reference};
use crate::message::shown;
use crate::suggest::nearest;

/// Words that people type for one of our types.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("string", "text"),
    ("str", "text"),
    ("varchar", "text"),
    ("char", "text"),
    ("int", "integer"),
    ("number", "integer"),
    ("float", "decimal"),
    ("double", "decimal"),
    ("numeric", "decimal"),
    ("bool", "boolean"),
    ("flag", "boolean"),
    ("timestamp", "datetime"),
    ("time", "datetime"),
    ("image", "file"),
    ("photo", "file"),
    ("currency", "money"),
    ("price", "money"),
    ("link", "url"),
    ("location", "geo_point"),
    ("object", "json"),
    ("markdown", "long_text"),
    ("longtext", "long_text"),
];

/// Reads the short form; the error is the problem and the remedy.
pub(super) fn read(name: &str, text: &str) -> Result<Field, (String, String)> {
    let mut field = Field {
        name: name.to_owned(),
        ..Field::default()
    };
    let mut rest = text.trim();
    loop {
        if let Some(before) = rest.strip_suffix('!') {
            field.required = true;
            rest = before.trim_end();
        } else if let Some(before) = rest.strip_suffix('^') {
            field.unique = true;
            rest = before.trim_end();
        } else {
            break;
        }
    }
    if rest.contains('|') {
        field.field_type = FieldType::Enum;
        field.values = rest
            .split('|')
            .map(|value| value.trim().to_owned())
            .collect();
        return Ok(field);
    }
    let mut words = rest.split_whitespace();
    let word = words.next().unwrap_or_default();
    let target = words.next();
    if words.next().is_some() {
        return Err(unreadable(text));
    }
    let Ok(field_type) = word.parse::<FieldType>() else {
        return Err(unknown_type(word, text));
    };
    field.field_type = field_type;
    match (field_type.is_reference(), target) {
        (true, Some(target)) => {
            field.references = Some(Reference {
                entity: target.to_owned(),
                ..Reference::default()
            });
            Ok(field)
        }
        (true, None) => {
            let problem = format!("`{}` does not say what it refers to", shown(text));
            Err((
                problem,
                format!("write `{word} Entity`, such as `{word} Client`"),
            ))
        }
        (false, Some(_)) => Err(unreadable(text)),
        (false, None) if field_type == FieldType::Enum => Err((
            "the enum has no values".to_owned(),
            "list its values: `draft|sent|paid`".to_owned(),
        )),
        (false, None) => Ok(field),
    }
}

fn unreadable(text: &str) -> (String, String) {
    let remedy = "write a type with `!` for required and `^` for unique: `text!`, `ref Client!`, `draft|sent|paid`";
    (
        format!("`{}` cannot be understood", shown(text)),
        remedy.to_owned(),
    )
}

/// The fault of a word that is not a type.
pub(super) fn unknown_type(word: &str, text: &str) -> (String, String) {
    if word.is_empty() {
        return unreadable(text);
    }
    let lower = word.to_lowercase();
    let other = OTHER_WORDS
        .iter()
        .find(|(typed, _)| *typed == lower)
        .map(|(_, ours)| *ours);
    let remedy = match other.or_else(|| nearest(word, FieldType::WORDS.iter().copied())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the types are {}", FieldType::WORDS.join(", ")),
    };
    (format!("`{}` is not a type", shown(word)), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_says_type_and_marks() {
        for (text, field_type, required, unique) in [
            ("text!", FieldType::Text, true, false),
            ("email^", FieldType::Email, false, true),
            ("text^!", FieldType::Text, true, true),
            ("text!^", FieldType::Text, true, true),
            ("ref Client!", FieldType::Ref, true, false),
            ("refs Tag", FieldType::Refs, false, false),
            ("draft|sent|paid", FieldType::Enum, false, false),
            ("draft | sent!", FieldType::Enum, true, false),
        ] {
            let field = read("x", text).unwrap();
            assert_eq!(
                (field.field_type, field.required, field.unique),
                (field_type, required, unique),
                "{text}"
            );
        }
        assert_eq!(
            read("x", "draft | sent!").unwrap().values,
            ["draft", "sent"]
        );
        assert_eq!(
            read("x", "ref Client!").unwrap().references.unwrap().entity,
            "Client"
        );
    }

    #[test]
    fn anything_else_is_refused_with_what_was_meant() {
        for (text, remedy) in [
            ("txt!", "did you mean `text`?"),
            ("string", "did you mean `text`?"),
            ("int", "did you mean `integer`?"),
            ("ref", "write `ref Entity`, such as `ref Client`"),
            ("enum", "list its values: `draft|sent|paid`"),
        ] {
            assert_eq!(read("x", text).unwrap_err().1, remedy, "{text}");
        }
        for text in ["", "!", "text Client", "ref A B", "a b c"] {
            assert!(read("x", text).is_err(), "{text}");
        }
    }
}
