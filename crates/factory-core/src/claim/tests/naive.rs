//! A second, slow and simple matcher, written from the documentation of `Glob` alone.

/// Whether `path` matches `glob`.
pub(super) fn matches(glob: &str, path: &str) -> bool {
    expand(glob)
        .iter()
        .any(|alternative| matches_flat(alternative, path))
}

/// Replaces the first outermost brace by each alternative, again and again.
fn expand(glob: &str) -> Vec<String> {
    let chars: Vec<char> = glob.chars().collect();
    let Some(open) = find_open(&chars) else {
        return vec![glob.to_owned()];
    };
    let (mut depth, mut parts, mut part, mut at) = (0, Vec::new(), String::new(), open);
    loop {
        let char = chars[at];
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            parts.push(std::mem::take(&mut part));
            break;
        }
        if char == ',' && depth == 1 {
            parts.push(std::mem::take(&mut part));
        } else if at > open {
            part.push(char);
        }
        at += 1;
    }
    let before: String = chars[..open].iter().collect();
    let after: String = chars[at + 1..].iter().collect();
    parts
        .iter()
        .flat_map(|part| expand(&format!("{before}{part}{after}")))
        .collect()
}

/// The generator writes no escapes and no braces in classes, so the first brace opens.
fn find_open(chars: &[char]) -> Option<usize> {
    chars.iter().position(|char| *char == '{')
}

fn matches_flat(glob: &str, path: &str) -> bool {
    let glob = glob
        .strip_suffix('/')
        .map_or_else(|| glob.to_owned(), |dir| format!("{dir}/**"));
    let mut parts: Vec<&str> = glob.split('/').collect();
    parts.dedup_by(|one, other| one == other && *one == "**");
    let components: Vec<&str> = path.split('/').collect();
    if components.iter().any(|component| component.is_empty()) {
        return false;
    }
    components_match(&parts, &components)
}

fn components_match(parts: &[&str], components: &[&str]) -> bool {
    match parts {
        [] => components.is_empty(),
        ["**"] => !components.is_empty(),
        ["**", rest @ ..] => {
            (0..=components.len()).any(|skip| components_match(rest, &components[skip..]))
        }
        [last] if !last.contains(['*', '?', '[']) => components.first() == Some(last),
        [part, rest @ ..] => components.split_first().is_some_and(|(component, others)| {
            let part: Vec<char> = part.chars().collect();
            let component: Vec<char> = component.chars().collect();
            component_matches(&part, &component) && components_match(rest, others)
        }),
    }
}

fn component_matches(part: &[char], name: &[char]) -> bool {
    match part {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|skip| component_matches(rest, &name[skip..])),
        ['?', rest @ ..] => !name.is_empty() && component_matches(rest, &name[1..]),
        ['[', rest @ ..] => {
            let (negated, rest) = match rest {
                ['!' | '^', rest @ ..] => (true, rest),
                rest => (false, rest),
            };
            let end = 1 + rest[1..].iter().position(|char| *char == ']').unwrap();
            let (class, rest) = (&rest[..end], &rest[end + 1..]);
            name.first().is_some_and(|char| {
                (in_class(class, *char) != negated) && component_matches(rest, &name[1..])
            })
        }
        [char, rest @ ..] => name.first() == Some(char) && component_matches(rest, &name[1..]),
    }
}

fn in_class(class: &[char], char: char) -> bool {
    match class {
        [start, '-', end, rest @ ..] => (*start..=*end).contains(&char) || in_class(rest, char),
        [one, rest @ ..] => *one == char || in_class(rest, char),
        [] => false,
    }
}
