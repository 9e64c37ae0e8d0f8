//! Versions that tools print of themselves.

use semver::Version;

/// The first version in what a tool prints of itself: `Python 3.11.7` is `3.11.7`, `v20.20` is `20.20.0`.
pub fn printed_version(text: &str) -> Option<Version> {
    let is_part = |char: char| char.is_ascii_digit() || char == '.';
    text.split(|char| !is_part(char)).find_map(|word| {
        let mut numbers = word.trim_matches('.').split('.').map(str::parse);
        let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        let patch = numbers.next().and_then(Result::ok).unwrap_or_default();
        Some(Version::new(major, minor, patch))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_tool_is_read_from_what_it_prints() {
        for (text, expected) in [
            ("Python 3.11.7\n", Some("3.11.7")),
            ("v20.20.2", Some("20.20.2")),
            ("git version 2.39 (Apple)", Some("2.39.0")),
            ("openjdk 17 2021", None),
            ("GNU bash, version 5.2.15(1)-release", Some("5.2.15")),
        ] {
            let found = printed_version(text).map(|version| version.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
