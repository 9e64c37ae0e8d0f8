//! Rendering of one folder of a template into files.

use minijinja::Value;

use crate::binary::is_binary;
use crate::files::{Files, Source};
use crate::jinja::{Engine, Place};
use crate::path::PathProblem;
use crate::tree::{File, Tree};
use crate::variables::Variables;
use crate::{newline, pattern};

/// A template could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// An answer is not one that the template takes.
    #[error("answer `{variable}`: {problem}")]
    Answer {
        /// Variable of `cookiecutter.json`.
        variable: String,
        /// Why the answer is refused.
        problem: String,
    },
    /// A text of the template is at fault, or uses what is not there.
    #[error("{file}{}: {problem}; {remedy}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Text {
        /// File of the template.
        file: String,
        /// Line in it, from 1.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// A file would go where none may.
    #[error("{file}: it would be written to `{rendered}`, which is refused: {problem}")]
    Path {
        /// File of the template.
        file: String,
        /// Its rendered path.
        rendered: String,
        /// Why it is refused.
        problem: PathProblem,
    },
    /// Two parts of the template make the same file.
    #[error("`{path}` is rendered by {first} and by {second}; only one may write it")]
    SameFile {
        /// The rendered path.
        path: String,
        /// Who rendered it first.
        first: String,
        /// Who renders it again.
        second: String,
    },
    /// The template has no such slice.
    #[error("the template has no slice `{slice}`; it has: {}", known.join(", "))]
    UnknownSlice {
        /// The wanted slice.
        slice: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A slice was given no subject, or one although it takes none.
    #[error("slice `{slice}` is rendered {expected}")]
    Subject {
        /// The slice.
        slice: String,
        /// What it is rendered for.
        expected: &'static str,
    },
    /// The blueprint has not the shape that planning needs.
    #[error("blueprint, {at}: {problem}")]
    Blueprint {
        /// JSON pointer.
        at: String,
        /// What is wrong.
        problem: String,
    },
}

/// One folder of a template that is rendered: where it lies and by which rules.
#[derive(Debug)]
pub(crate) struct Folder<'a> {
    pub(crate) files: &'a Files,
    pub(crate) root: &'a str,
    pub(crate) engine: &'a Engine,
    pub(crate) variables: &'a Variables,
}

impl Folder<'_> {
    /// Renders every file of the folder, names and contents, in cookiecutter's order.
    pub(crate) fn render(&self, context: &Value) -> Result<Tree, RenderError> {
        let mut tree = Tree::new();
        let mut files: Vec<_> = self.files.below(self.root).collect();
        files.sort_by_cached_key(|(path, _)| walk_order(path));
        for (path, source) in files {
            let Some(target) = self.target(path, context)? else {
                continue;
            };
            let bytes = if self.is_verbatim(path, source) {
                source.bytes.to_vec()
            } else {
                self.content(path, source, context)?
            };
            let file = File {
                bytes,
                executable: source.executable,
            };
            tree.insert(&target, file)
                .map_err(|problem| RenderError::Path {
                    file: format!("{}/{path}", self.root),
                    rendered: target.clone(),
                    problem,
                })?;
        }
        Ok(tree)
    }

    /// Where a file goes; nowhere when a name on its path renders to nothing.
    fn target(&self, path: &str, context: &Value) -> Result<Option<String>, RenderError> {
        let file = format!("{}/{path}", self.root);
        let place = Place {
            file: &file,
            at: "its name",
        };
        let mut names = Vec::new();
        let mut folder = String::new();
        let mut in_copied_folder = false;
        for name in path.split('/') {
            if in_copied_folder {
                names.push(name.to_owned());
                continue;
            }
            let rendered = self.engine.text(name, context, &place)?;
            if rendered.is_empty() || (rendered.ends_with('/') && path.ends_with(name)) {
                return Ok(None);
            }
            names.push(rendered);
            folder = if folder.is_empty() {
                name.to_owned()
            } else {
                format!("{folder}/{name}")
            };
            in_copied_folder = folder != path && self.is_copied(&folder);
        }
        Ok(Some(names.join("/")))
    }

    fn is_copied(&self, path: &str) -> bool {
        self.variables
            .copied
            .iter()
            .any(|pattern| pattern::matches(pattern, path))
    }

    fn is_verbatim(&self, path: &str, source: &Source) -> bool {
        let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        self.is_copied(path)
            || folders.into_iter().any(|folder| self.is_copied(folder))
            || is_binary(path, &source.bytes)
    }

    fn content(
        &self,
        path: &str,
        source: &Source,
        context: &Value,
    ) -> Result<Vec<u8>, RenderError> {
        let rendered = self.engine.file(path, context)?;
        let text = std::str::from_utf8(&source.bytes).unwrap_or_default();
        let newline = self
            .variables
            .newline
            .as_deref()
            .unwrap_or_else(|| newline::detected(text));
        Ok(newline::translated(rendered, newline).into_bytes())
    }

    /// Parses every file that would be rendered; all faults at once.
    pub(crate) fn check(&self) -> Vec<RenderError> {
        let rendered = self
            .files
            .below(self.root)
            .filter(|(path, source)| !self.is_verbatim(path, source));
        rendered
            .filter_map(|(path, _)| self.engine.parse(path).err())
            .collect()
    }
}

/// Files of a folder before its sub-folders, each by name.
fn walk_order(path: &str) -> Vec<(bool, String)> {
    let count = path.split('/').count();
    path.split('/')
        .enumerate()
        .map(|(at, name)| (at + 1 < count, name.to_owned()))
        .collect()
}
