//! Where a rendered file may go: below the root, nowhere else.

/// Why a rendered path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// It starts at the root of the file system.
    #[error("it is absolute")]
    Absolute,
    /// It climbs out of its folder.
    #[error("it climbs out by `..`")]
    Climbs,
    /// It is in the version control's own folder, where files run as hooks.
    #[error("it lies in `.git`")]
    InGit,
    /// It holds a character that no file name should have.
    #[error("it holds a control character")]
    ControlCharacter,
    /// A name is longer than file systems allow.
    #[error("a name in it is longer than 255 bytes")]
    TooLong,
    /// Its folder is a file, or the other way round.
    #[error("a file and a folder would have the same name")]
    FileAndFolder,
    /// Another path differs from it only by upper and lower case.
    #[error("another path differs from it only by case")]
    CaseTwin,
}

/// Normalises a rendered relative path.
///
/// # Errors
///
/// When it would leave the root or reach into `.git`.
pub(crate) fn normalise(rendered: &str) -> Result<String, PathProblem> {
    if rendered.starts_with('/') {
        return Err(PathProblem::Absolute);
    }
    if rendered.chars().any(char::is_control) {
        return Err(PathProblem::ControlCharacter);
    }
    let mut parts = Vec::new();
    for part in rendered.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(PathProblem::Climbs),
            _ if is_git_folder(part) => return Err(PathProblem::InGit),
            _ if part.len() > 255 => return Err(PathProblem::TooLong),
            _ => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// `.git` under the spellings that some file system takes for it.
fn is_git_folder(part: &str) -> bool {
    let visible: String = part.chars().filter(|char| !is_ignorable(*char)).collect();
    let trimmed = visible.trim_end_matches(['.', ' ']);
    let name = trimmed.split(':').next().unwrap_or(trimmed);
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

/// Characters that HFS+ leaves out when it compares names.
fn is_ignorable(char: char) -> bool {
    matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_or_refused_with_the_reason() {
        let long = "x".repeat(256);
        for (rendered, expected) in [
            ("a/b.txt", Ok("a/b.txt")),
            ("a//./b", Ok("a/b")),
            (".gitignore", Ok(".gitignore")),
            (".github/x", Ok(".github/x")),
            ("/etc/passwd", Err(PathProblem::Absolute)),
            ("a/../b", Err(PathProblem::Climbs)),
            (".git/hooks/post-commit", Err(PathProblem::InGit)),
            ("sub/.GIT/config", Err(PathProblem::InGit)),
            (".git./config", Err(PathProblem::InGit)),
            ("GIT~1/config", Err(PathProblem::InGit)),
            (".g\u{200c}it/config", Err(PathProblem::InGit)),
            ("a\nb", Err(PathProblem::ControlCharacter)),
            (long.as_str(), Err(PathProblem::TooLong)),
        ] {
            assert_eq!(
                normalise(rendered),
                expected.map(str::to_owned),
                "{rendered:?}"
            );
        }
    }
}
