//! `slugify` as python-slugify has it.

use unicode_normalization::UnicodeNormalization as _;

/// The options of `slugify`.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) max_length: usize,
    pub(crate) word_boundary: bool,
    pub(crate) separator: String,
    pub(crate) save_order: bool,
    pub(crate) stopwords: Vec<String>,
    pub(crate) lowercase: bool,
    pub(crate) replacements: Vec<(String, String)>,
    pub(crate) allow_unicode: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_length: 0,
            word_boundary: false,
            separator: "-".to_owned(),
            save_order: false,
            stopwords: Vec::new(),
            lowercase: true,
            replacements: Vec::new(),
            allow_unicode: false,
        }
    }
}

/// Turns text into a slug: ASCII letters and digits between single dashes.
pub(crate) fn slugify(text: &str, options: &Options) -> String {
    let mut text = replaced(text, &options.replacements).replace('\'', "-");
    text = normalised(&text, options.allow_unicode);
    text = without_entities(&text);
    text = if options.allow_unicode {
        text.nfkc().collect()
    } else {
        text.nfkd().collect()
    };
    if options.lowercase {
        text = text.to_lowercase();
    }
    text = without_number_commas(&text.replace('\'', ""));
    let is_kept = |char: char| {
        if options.allow_unicode {
            char.is_alphanumeric()
        } else {
            char.is_ascii_alphanumeric()
        }
    };
    text = text
        .split(|char: char| !is_kept(char))
        .filter(|word| !word.is_empty())
        .filter(|word| !is_stopword(word, options))
        .collect::<Vec<_>>()
        .join("-");
    text = replaced(&text, &options.replacements);
    if options.max_length > 0 {
        text = truncated(&text, options);
    }
    text.replace('-', &options.separator)
}

fn replaced(text: &str, replacements: &[(String, String)]) -> String {
    replacements
        .iter()
        .fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
}

fn normalised(text: &str, allow_unicode: bool) -> String {
    if allow_unicode {
        text.nfkc().collect()
    } else {
        text.nfkd().map(unidecode::unidecode_char).collect()
    }
}

fn is_stopword(word: &str, options: &Options) -> bool {
    options.stopwords.iter().any(|stop| {
        if options.lowercase {
            stop.to_lowercase() == word
        } else {
            stop == word
        }
    })
}

/// Decodes `&#38;`, `&#x26;` and the named references that occur in names.
fn without_entities(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after
            .split_once(';')
            .and_then(|(name, tail)| Some((decoded(name)?, tail)));
        let (char, tail) = entity.unwrap_or(('&', after));
        out.push(char);
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn decoded(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "nbsp" => Some('\u{a0}'),
        "copy" => Some('©'),
        "reg" => Some('®'),
        "eacute" => Some('é'),
        "auml" => Some('ä'),
        "ouml" => Some('ö'),
        "uuml" => Some('ü'),
        "szlig" => Some('ß'),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// Drops the commas between two digits: `1,000` is one word.
fn without_number_commas(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(|c| c.is_numeric())
    };
    chars
        .iter()
        .enumerate()
        .filter(|(at, char)| {
            **char != ',' || !is_digit(at.checked_sub(1)) || !is_digit(Some(at + 1))
        })
        .map(|(_, char)| *char)
        .collect()
}

fn truncated(text: &str, options: &Options) -> String {
    let max = options.max_length;
    let text = text.trim_matches('-');
    if text.chars().count() < max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max).collect();
    if !options.word_boundary {
        return cut.trim_matches('-').to_owned();
    }
    if !text.contains('-') {
        return cut;
    }
    let mut out = String::new();
    for word in text.split('-').filter(|word| !word.is_empty()) {
        let length = out.chars().count() + word.chars().count();
        if length < max {
            out.push_str(word);
            out.push('-');
        } else if length == max {
            out.push_str(word);
            break;
        } else if options.save_order {
            break;
        }
    }
    if out.is_empty() {
        out = cut;
    }
    out.trim_matches('-').to_owned()
}
