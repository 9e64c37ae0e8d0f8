//! Python's `fnmatch`: `*` and `?` match every character, `/` too.

/// Whether the whole of `text` matches `pattern`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<Token> = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    // Row by row: which beginnings of the text the first tokens match.
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for token in &pattern {
        let mut next = vec![false; text.len() + 1];
        let mut any_before = false;
        for (at, slot) in next.iter_mut().enumerate() {
            let here = reached.get(at).copied().unwrap_or_default();
            any_before |= here;
            *slot = match token {
                Token::Star => any_before,
                Token::One(set) => at.checked_sub(1).is_some_and(|before| {
                    reached.get(before).copied().unwrap_or_default()
                        && text.get(before).is_some_and(|char| set.has(*char))
                }),
            };
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

enum Token {
    Star,
    One(Set),
}

enum Set {
    Any,
    Exactly(char),
    Ranges {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
}

impl Set {
    fn has(&self, char: char) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(wanted) => *wanted == char,
            Self::Ranges { ranges, negated } => {
                ranges
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&char))
                    != *negated
            }
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let (token, left) = match first {
            '*' => (Token::Star, after),
            '?' => (Token::One(Set::Any), after),
            '[' => match set(after) {
                Some((set, left)) => (Token::One(set), left),
                None => (Token::One(Set::Exactly('[')), after),
            },
            _ => (Token::One(Set::Exactly(first)), after),
        };
        tokens.push(token);
        rest = left;
    }
    tokens
}

/// Reads `abc]`, `a-z]`, `!a]`, `]a]`; nothing when it is never closed.
fn set(text: &str) -> Option<(Set, &str)> {
    let (negated, body) = text
        .strip_prefix('!')
        .map_or((false, text), |rest| (true, rest));
    let first_length = body.chars().next()?.len_utf8();
    let close = first_length + body.get(first_length..)?.find(']')?;
    // a leading `]` is literal; it does not close an empty set.
    let chars: Vec<char> = body.get(..close)?.chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(from) = chars.get(at) {
        if let (Some('-'), Some(to)) = (chars.get(at + 1), chars.get(at + 2)) {
            ranges.push((*from, *to));
            at += 3;
        } else {
            ranges.push((*from, *from));
            at += 1;
        }
    }
    Some((Set::Ranges { ranges, negated }, body.get(close + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_python() {
        for (pattern, text, expected) in [
            ("*.html", "a/b/c.html", true),
            ("*.html", "c.htm", false),
            ("static/*", "static/a/b", true),
            ("static", "static/a", false),
            ("?.py", "a.py", true),
            ("?.py", "/.py", true),
            ("[ab]*", "beta", true),
            ("[!ab]*", "beta", false),
            ("[a-c]x", "bx", true),
            ("[]]", "]", true),
            ("[a", "[a", true),
            ("", "", true),
            ("*", "", true),
            ("**/x", "a/x", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
