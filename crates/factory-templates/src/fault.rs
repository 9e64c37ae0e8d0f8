//! What can be wrong with a template: its faults when it is opened, the error when it is rendered.
//!
//! A template's fault names a file and a key path or line in it, not a JSON pointer: most of them are in TOML or in
//! the template language. That is why it is not `factory_spec::Fault`.

use std::fmt;
use std::path::PathBuf;

use crate::path::PathProblem;

/// One thing that is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// File inside the template, with `/`.
    pub file: String,
    /// Where in the file: a key (`slices[1].after`) or a line (`line 12`); empty for the whole file.
    pub at: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl TemplateFault {
    /// A fault at one place of a file.
    pub(crate) fn new(
        file: impl Into<String>,
        at: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            at: at.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if !self.at.is_empty() {
            write!(f, ", {}", self.at)?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

impl std::error::Error for TemplateFault {}

/// A template could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No template of this name is embedded in the program.
    #[error("find template `{name}`; the program has: {}", known.join(", "))]
    Unknown {
        /// The wanted name.
        name: String,
        /// Names of the embedded templates.
        known: Vec<String>,
    },
    /// A file or folder of the template could not be read.
    #[error("read `{}`", path.display())]
    Read {
        /// What was read.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The template is at fault; all faults that were found at once.
    #[error("template `{template}` has {} fault(s):{}", faults.len(), lines(faults))]
    Faulty {
        /// Name of the template.
        template: String,
        /// Every fault.
        faults: Vec<TemplateFault>,
    },
}

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
    /// The blueprint does not have the shape that planning needs.
    #[error("blueprint, {at}: {problem}")]
    Blueprint {
        /// JSON pointer.
        at: String,
        /// What is wrong.
        problem: String,
    },
}

fn lines(faults: &[TemplateFault]) -> String {
    let mut lines = String::new();
    for fault in faults {
        lines.push_str("\n  ");
        lines.push_str(&fault.to_string());
    }
    lines
}
