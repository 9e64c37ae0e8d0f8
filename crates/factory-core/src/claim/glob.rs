//! A validated file glob, relative to the project.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use super::automaton::Automaton;
use super::error::GlobError;
use super::pattern::Pattern;
use serde::{Deserialize, Serialize};

/// A file glob, relative to the project: `src/**/*.rs`, `docs`, `{a,b}/[xy]?.txt`.
///
/// `*` and `?` stay within a component (`?` is one character); `**` as a whole component is any number
/// of components, at the end at least one; `[...]` with `!` or `^` is a class that never holds `/`;
/// `{a,b}` nests; a backslash takes the next character literally. A last component without wildcards
/// names a file or a folder and matches all below it too; a trailing `/` is short for `/**`.
/// Matching is case-sensitive. Two globs are equal when their texts are.
#[derive(Clone)]
pub struct Glob {
    inner: Arc<Inner>,
}

struct Inner {
    text: String,
    pattern: Pattern,
    prefix: String,
    automaton: OnceLock<Option<Automaton>>,
}

impl Glob {
    /// Reads a glob.
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        let pattern = Pattern::parse(text)?;
        let prefix = pattern.literal_prefix();
        let inner = Inner {
            text: text.to_owned(),
            pattern,
            prefix,
            automaton: OnceLock::new(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// A glob that matches `path` and everything below it, literally.
    pub fn literal(path: &str) -> Result<Self, GlobError> {
        let mut text = String::with_capacity(path.len());
        for char in path.chars() {
            if matches!(char, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
                text.push('\\');
            }
            text.push(char);
        }
        Self::parse(&text)
    }

    /// `**`: every path.
    pub fn everything() -> Self {
        let pattern = Pattern::everything();
        let prefix = String::new();
        let automaton = OnceLock::new();
        Self {
            inner: Arc::new(Inner {
                text: "**".to_owned(),
                pattern,
                prefix,
                automaton,
            }),
        }
    }

    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.inner.text
    }

    /// The text with which every matching path begins, up to the first wildcard.
    pub fn literal_prefix(&self) -> &str {
        &self.inner.prefix
    }

    /// Whether `path` matches. A glob too large for an automaton matches nothing here.
    pub fn is_match(&self, path: &str) -> bool {
        path.as_bytes().starts_with(self.inner.prefix.as_bytes())
            && self
                .automaton()
                .is_some_and(|automaton| automaton.accepts(path.as_bytes()))
    }

    /// The automaton, built on first use; none when it passes the size limits.
    pub(super) fn automaton(&self) -> Option<&Automaton> {
        let build = || Automaton::build(&self.inner.pattern.to_hir());
        self.inner.automaton.get_or_init(build).as_ref()
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Glob")
            .field(&self.inner.text)
            .finish()
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.inner.text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.inner.text == other.inner.text
    }
}

impl Eq for Glob {}

impl PartialOrd for Glob {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Glob {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.inner.text.cmp(&other.inner.text)
    }
}

impl Hash for Glob {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.text.hash(state);
    }
}

impl FromStr for Glob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<Self, GlobError> {
        Self::parse(text)
    }
}

impl Serialize for Glob {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.inner.text)
    }
}

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
