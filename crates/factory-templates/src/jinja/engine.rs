//! minijinja with everything that cookiecutter adds to Jinja2, under limits.

use std::io;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, escape_formatter};

use super::explain::{deepest, explain};
use super::{filters, methods, source};
use crate::fault::RenderError;
use crate::files::Files;
use crate::python;

/// Instructions that one file may take; a large file of ours takes some thousands.
const FUEL: u64 = 20_000_000;
/// Nested includes, macros and blocks.
const RECURSION_MAX: usize = 200;
/// Largest rendered file.
const OUTPUT_BYTES_MAX: usize = 64 << 20;
/// Folder of a template with what its files include.
const INCLUDES: &str = "templates";

/// Renders the files of one folder of a template.
#[derive(Debug)]
pub(crate) struct Engine {
    env: Environment<'static>,
    files: Arc<Files>,
    root: String,
}

impl Engine {
    /// An engine for the files below `root`, which may include each other and what is in `templates/`.
    pub(crate) fn new(files: &Arc<Files>, root: &str, syntax: &SyntaxConfig) -> Self {
        let mut env = Environment::new();
        env.set_syntax(syntax.clone());
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| AutoEscape::None);
        env.set_debug(true);
        env.set_fuel(Some(FUEL));
        env.set_recursion_limit(RECURSION_MAX);
        env.set_unknown_method_callback(methods::call);
        env.set_formatter(|out, state, value| {
            if filters::needs_python_spelling(value) {
                return Ok(out.write_str(&python::str_of(value)?)?);
            }
            escape_formatter(out, state, value)
        });
        filters::add_to(&mut env);
        let (sources, dir, syntax) = (Arc::clone(files), root.to_owned(), syntax.clone());
        env.set_loader(move |name| {
            let path = located(&sources, &dir, name);
            Ok(path
                .and_then(|path| sources.text(&path))
                .map(|text| source::prepared(text, &syntax)))
        });
        Self {
            env,
            files: Arc::clone(files),
            root: root.to_owned(),
        }
    }

    /// Renders the file at a path relative to the root.
    pub(crate) fn file(&self, path: &str, context: &Value) -> Result<String, RenderError> {
        let mut out = Bounded(Vec::new());
        self.env
            .get_template(path)
            .and_then(|template| {
                template
                    .render_captured_to(context.clone(), &mut out)
                    .map(drop)
            })
            .map_err(|error| self.located_error(&error, path))?;
        String::from_utf8(out.0).map_err(|_| RenderError::Text {
            file: located(&self.files, &self.root, path).unwrap_or_else(|| path.to_owned()),
            line: None,
            problem: "the result is not UTF-8".to_owned(),
            remedy: "use text only".to_owned(),
        })
    }

    /// Renders a text from `place`: a name of a file, a value of `cookiecutter.json`, a line of an edit.
    pub(crate) fn text(
        &self,
        text: &str,
        context: &Value,
        place: &Place<'_>,
    ) -> Result<String, RenderError> {
        let prepared = source::prepared(text, self.env.syntax());
        self.env
            .render_named_str(NAMELESS, &prepared, context.clone())
            .map_err(|error| {
                let (problem, remedy) = explain(&error);
                RenderError::Text {
                    file: place.file.to_owned(),
                    line: None,
                    problem: format!("{}: {problem}", place.at),
                    remedy,
                }
            })
    }

    /// Parses a file without rendering it.
    pub(crate) fn parse(&self, path: &str) -> Result<(), RenderError> {
        self.env
            .get_template(path)
            .map(drop)
            .map_err(|error| self.located_error(&error, path))
    }

    /// Parses a text without rendering it; the problem and what to do.
    pub(crate) fn parse_text(&self, text: &str) -> Result<(), (String, String)> {
        let prepared = source::prepared(text, self.env.syntax());
        self.env
            .template_from_named_str(NAMELESS, &prepared)
            .map(drop)
            .map_err(|error| explain(&error))
    }

    fn located_error(&self, error: &Error, path: &str) -> RenderError {
        let deepest = deepest(error);
        let name = deepest
            .name()
            .filter(|name| *name != NAMELESS)
            .unwrap_or(path);
        let (problem, remedy) = explain(error);
        RenderError::Text {
            file: located(&self.files, &self.root, name).unwrap_or_else(|| name.to_owned()),
            line: deepest.line(),
            problem,
            remedy,
        }
    }
}

/// Where a text comes from that is not a file of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) at: &'a str,
}

const NAMELESS: &str = "<text>";

/// The path of an included file: beside the file's root, else in `templates/`.
fn located(files: &Files, root: &str, name: &str) -> Option<String> {
    let is_safe = !name.split('/').any(|part| part == "..");
    let beside = if root.is_empty() {
        name.to_owned()
    } else {
        format!("{root}/{name}")
    };
    [beside, format!("{INCLUDES}/{name}")]
        .into_iter()
        .find(|path| is_safe && files.get(path).is_some())
}

/// A buffer that refuses to grow without end.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_BYTES_MAX {
            return Err(io::Error::other("the rendered file is too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
