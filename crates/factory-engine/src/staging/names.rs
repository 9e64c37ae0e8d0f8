//! Names that a change must not have: git's own, links that lead out, twins.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::violation::Violation;

/// Longest name of a file or folder on the file systems we support, in bytes.
const COMPONENT_BYTES_MAX: usize = 255;
/// Longest path that a system call takes, in bytes, less room for the area's own folder.
const PATH_BYTES_MAX: usize = 3_000;

/// Whether the text has no control characters.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(char::is_control)
}

/// What is wrong with a name of the entry at `path`, whatever the entry is.
pub(super) fn name_fault(path: &str, name: &str) -> Option<Violation> {
    let path = || path.to_owned();
    if !is_plain(name) {
        Some(Violation::Name { path: path() })
    } else if is_dot_git(name) {
        Some(Violation::DotGit { path: path() })
    } else {
        None
    }
}

/// What is wrong with a whole path that no file system has vouched for. Names the outermost faulty folder, as a
/// walk would.
pub(super) fn path_fault(path: &str) -> Option<Violation> {
    let is_component =
        |name: &str| !matches!(name, "" | "." | "..") && name.len() <= COMPONENT_BYTES_MAX;
    if path.len() > PATH_BYTES_MAX || !path.split('/').all(is_component) {
        let path = path.to_owned();
        return Some(Violation::Path { path });
    }
    prefixes(path)
        .zip(path.split('/'))
        .find_map(|(prefix, name)| name_fault(prefix, name))
}

/// Whether any file system resolves `name` to `.git`.
fn is_dot_git(name: &str) -> bool {
    // NTFS drops what follows a colon and trailing dots and spaces; HFS+ ignores some characters.
    let name = name
        .split(':')
        .next()
        .unwrap_or(name)
        .trim_end_matches(['.', ' ']);
    let name: String = name
        .chars()
        .filter(|char| !is_ignored_by_hfs(*char))
        .collect();
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

const fn is_ignored_by_hfs(char: char) -> bool {
    matches!(
        char,
        '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
    )
}

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkFault {
    Out,
    IntoGit,
}

/// What is wrong with the link at `path`, in a tree whose links `is_link` knows.
pub(super) fn link_fault(
    path: &str,
    target: &str,
    is_link: impl Fn(&str) -> bool,
) -> Option<Violation> {
    let (path, target) = (path.to_owned(), target.to_owned());
    match target_fault(&path, &target, is_link)? {
        LinkFault::Out => Some(Violation::LinkOut { path, target }),
        LinkFault::IntoGit => Some(Violation::LinkIntoGit { path, target }),
    }
}

/// Follows the text of the link at `path` without touching the file system. `..` after a component
/// that itself is a link cannot be judged by text and counts as leading out.
fn target_fault(path: &str, target: &str, is_link: impl Fn(&str) -> bool) -> Option<LinkFault> {
    if target.starts_with('/') {
        return Some(LinkFault::Out);
    }
    let mut place: Vec<&str> = path.split('/').collect();
    place.pop();
    let mut through_link = false;
    for component in target.split('/') {
        match component {
            "" | "." => {}
            ".." if through_link || place.pop().is_none() => return Some(LinkFault::Out),
            ".." => {}
            name if is_dot_git(name) => return Some(LinkFault::IntoGit),
            name => {
                place.push(name);
                through_link = through_link || is_link(&place.join("/"));
            }
        }
    }
    None
}

/// New paths that collide with another path, each with the one it collides with.
///
/// Folders collide too: `Docs/a` and `docs/b`.
pub(super) fn twins<'a>(
    all: impl Iterator<Item = &'a str>,
    added: &BTreeSet<&str>,
) -> Vec<(String, String)> {
    let mut known: HashMap<String, &str> = HashMap::new();
    let mut twins = BTreeSet::new();
    let (new, old): (Vec<&str>, Vec<&str>) = all.partition(|path| added.contains(path));
    for (is_new, paths) in [(false, old), (true, new)] {
        for path in paths {
            for prefix in prefixes(path) {
                let known = *known.entry(folded(prefix)).or_insert(prefix);
                if is_new && known != prefix {
                    twins.insert((prefix.to_owned(), known.to_owned()));
                }
            }
        }
    }
    twins.into_iter().collect()
}

/// `a`, `a/b`, `a/b/c`.
pub(super) fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    folders_of(path).chain([path])
}

/// `a`, `a/b` of `a/b/c`.
pub(super) fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn folded(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    let composed = gix::utils::str::precompose(Cow::Borrowed(path));
    gix::utils::str::precompose(Cow::Owned(composed.to_lowercase())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_dot_git_is_known() {
        for name in [
            ".git",
            ".GIT",
            ".Git",
            "git~1",
            ".git.",
            ".git ",
            ".g\u{200c}it",
            ".git::$X",
        ] {
            assert!(is_dot_git(name), "{name}");
        }
        for name in [".gitignore", "git", ".github", ".gitx", "a.git"] {
            assert!(!is_dot_git(name), "{name}");
        }
    }

    #[test]
    fn links_are_judged_by_their_text() {
        for (path, target, expected) in [
            ("a", "b", None),
            ("a/b", "../c", None),
            ("a/b", "../../c", Some(LinkFault::Out)),
            ("a", "/etc/passwd", Some(LinkFault::Out)),
            ("a", "..", Some(LinkFault::Out)),
            ("a", "b/../c", None),
            ("a", "link/../c", Some(LinkFault::Out)),
            ("a", "link/c", None),
            ("a", "b/../../c", Some(LinkFault::Out)),
            ("a", ".git/config", Some(LinkFault::IntoGit)),
            ("a/b", "./../.GIT/hooks", Some(LinkFault::IntoGit)),
        ] {
            assert_eq!(
                target_fault(path, target, |path| path == "link"),
                expected,
                "{path} {target}"
            );
        }
    }

    #[test]
    fn twins_differ_by_case_or_unicode_form() {
        let all = [
            "README",
            "Readme",
            "docs/a",
            "Docs/b",
            "caf\u{e9}",
            "cafe\u{301}",
            "x",
            "X",
        ];
        let added: BTreeSet<&str> = ["Readme", "Docs/b", "cafe\u{301}"].into();
        let found = twins(all.into_iter(), &added);
        let expected = [
            ("Docs", "docs"),
            ("Readme", "README"),
            ("cafe\u{301}", "caf\u{e9}"),
        ];
        let expected = expected.map(|(one, other)| (one.to_owned(), other.to_owned()));
        assert_eq!(
            found, expected,
            "twins that were there before are nobody's violation"
        );
    }
}
