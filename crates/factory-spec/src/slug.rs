//! A startup's name as a name for folders and URLs.

use factory_core::id::{SLUG_LENGTH_MAX, Slug};

use crate::name;

/// No character of a name can be in a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` has no letter or digit that a URL can have")]
pub struct SlugError {
    /// The name.
    pub name: String,
}

/// Turns a name into 1 to 40 lower-case ASCII letters, digits and `-`, a letter first: `Café Zoë` → `cafe-zoe`.
///
/// # Errors
///
/// When no letter or digit is left.
pub fn slug(name: &str) -> Result<Slug, SlugError> {
    let plain: String = name
        .chars()
        .map(|letter| folded(letter).map_or_else(|| letter.to_string(), str::to_owned))
        .collect();
    let mut slug = String::new();
    for word in name::words(&plain) {
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        if word.is_empty() {
            continue;
        }
        if slug.is_empty() && word.starts_with(|first: char| first.is_ascii_digit()) {
            slug.push('s');
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word);
        if slug.len() >= SLUG_LENGTH_MAX {
            break;
        }
    }
    slug.truncate(SLUG_LENGTH_MAX);
    let slug = slug.trim_end_matches('-');
    Slug::parse(slug).map_err(|_| SlugError {
        name: name.to_owned(),
    })
}

/// The ASCII letters for a Latin letter with a mark.
fn folded(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'À' | 'Á' | 'Â' | 'Ã' | 'Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'ä' | 'æ' => "ae",
        'Ä' | 'Æ' => "Ae",
        'ç' | 'ć' | 'č' => "c",
        'Ç' | 'Ć' | 'Č' => "C",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => "E",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'İ' => "I",
        'ł' => "l",
        'Ł' => "L",
        'ñ' | 'ń' | 'ň' => "n",
        'Ñ' => "N",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ő' => "o",
        'Ò' | 'Ó' | 'Ô' | 'Õ' => "O",
        'ö' | 'ø' | 'œ' => "oe",
        'Ö' | 'Ø' | 'Œ' => "Oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'Ś' | 'Š' | 'Ş' => "S",
        'ß' => "ss",
        'ť' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' => "u",
        'Ù' | 'Ú' | 'Û' => "U",
        'ü' => "ue",
        'Ü' => "Ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ž' | 'ż' => "z",
        'Ź' | 'Ž' | 'Ż' => "Z",
        '\'' | '’' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_slug() {
        for (name, expected) in [
            ("Ledgerly", "ledgerly"),
            ("PetPal Plus", "pet-pal-plus"),
            ("Café Zoë", "cafe-zoe"),
            ("Müller & Söhne", "mueller-soehne"),
            ("Joe's Garage", "joes-garage"),
            ("24seven", "s-24seven"),
            (
                "a-very-long-name-that-goes-on-and-on-and-never-ends",
                "a-very-long-name-that-goes-on-and-on-and",
            ),
        ] {
            assert_eq!(slug(name), Ok(Slug::from_static(expected)), "{name}");
        }
        for name in ["", "  ", "日本", "--", "!?"] {
            assert!(slug(name).is_err(), "{name}");
        }
    }
}
