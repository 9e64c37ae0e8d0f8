//! Rendering of one folder of a template into files.

use minijinja::Value;

use crate::binary::is_binary;
use crate::fault::RenderError;
use crate::files::{Files, Source};
use crate::jinja::{Engine, Place};
use crate::tree::{File, Tree};
use crate::variables::Variables;
use crate::{newline, pattern};

/// One folder of a template that is rendered: where it is and by which rules.
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
