//! What is done to a template's text before it is parsed, so that minijinja reads it as Jinja2 does.

use minijinja::syntax::SyntaxConfig;

/// Makes every newline `\n` and every white space inside of tags an ASCII space.
///
/// Jinja2 normalises newlines while it reads, and takes any Unicode white space between the words of a tag;
/// minijinja does neither.
pub(super) fn prepared(text: &str, syntax: &SyntaxConfig) -> String {
    let text = if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    };
    let has_wide_space = text.chars().any(is_wide_space);
    let text = if has_wide_space {
        with_plain_spaces(&text, syntax)
    } else {
        text
    };
    if text.contains("now") {
        with_now_called(text, syntax)
    } else {
        text
    }
}

/// Makes `{% now 'utc', '%Y' %}`, a tag of cookiecutter, a call of the function `now`.
///
/// Where tags take white space with them, or may be raw text, they are left as they are and refused later.
fn with_now_called(text: String, syntax: &SyntaxConfig) -> String {
    let (open, close) = syntax.block_delimiters();
    let (call, end) = syntax.variable_delimiters();
    let is_raw = text
        .split(open)
        .any(|tag| tag.trim_start_matches(['-', '+', ' ']).starts_with("raw"));
    if is_raw || syntax.trim_blocks() || syntax.lstrip_blocks() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split(open);
    out.push_str(parts.next().unwrap_or_default());
    for tag in parts {
        let (control, body) = tag.strip_prefix('-').map_or(("", tag), |body| ("-", body));
        let arguments = body
            .trim_start()
            .strip_prefix("now")
            .filter(|rest| rest.starts_with(' '));
        if let Some((arguments, after)) = arguments.and_then(|rest| rest.split_once(close)) {
            let cut = arguments.strip_suffix('-');
            let (arguments, last) = cut.map_or((arguments, ""), |arguments| (arguments, "-"));
            out.extend([
                call,
                control,
                " now(",
                arguments.trim(),
                ") ",
                last,
                end,
                after,
            ]);
        } else {
            out.extend([open, tag]);
        }
    }
    out
}

fn is_wide_space(char: char) -> bool {
    (char.is_whitespace() && !char.is_ascii()) || ('\u{1c}'..='\u{1f}').contains(&char)
}

fn with_plain_spaces(text: &str, syntax: &SyntaxConfig) -> String {
    let openers = [syntax.variable_delimiters(), syntax.block_delimiters()];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, open, close)) = openers
        .iter()
        .filter_map(|(open, close)| Some((rest.find(open)?, *open, *close)))
        .min_by_key(|(at, _, _)| *at)
    {
        let (before, tag) = rest.split_at(at + open.len());
        out.push_str(before);
        let end = tag.find(close).unwrap_or(tag.len());
        let (inside, after) = tag.split_at(end);
        let mut quote = None;
        for char in inside.chars() {
            match (quote, char) {
                (None, '"' | '\'') => quote = Some(char),
                (Some(open), _) if open == char => quote = None,
                _ => {}
            }
            out.push(if quote.is_none() && is_wide_space(char) {
                ' '
            } else {
                char
            });
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_for_the_time_becomes_a_call() {
        let syntax = SyntaxConfig::default();
        assert_eq!(
            prepared("(c) {% now 'utc', '%Y' %} {%- now 'local' -%}\n", &syntax),
            "(c) {{ now('utc', '%Y') }} {{- now('local') -}}\n"
        );
        for kept in [
            "{% raw %}{% now 'utc' %}{% endraw %}",
            "{% set nowhere = 1 %}",
            "now {{ now }}",
        ] {
            assert_eq!(prepared(kept, &syntax), kept);
        }
    }

    #[test]
    fn only_white_space_between_the_words_of_a_tag_becomes_plain() {
        let text = "a\u{a0}b {{\u{a0}x\u{2003}~ '\u{a0}' }}\u{a0}\r\n{%\u{a0}if x %}\r";
        assert_eq!(
            prepared(text, &SyntaxConfig::default()),
            "a\u{a0}b {{ x ~ '\u{a0}' }}\u{a0}\n{% if x %}\n"
        );
    }
}
