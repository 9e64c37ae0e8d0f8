//! What is wrong with a template, said so that its author can mend it.

use std::fmt;
use std::path::PathBuf;

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

fn lines(faults: &[TemplateFault]) -> String {
    let mut lines = String::new();
    for fault in faults {
        lines.push_str("\n  ");
        lines.push_str(&fault.to_string());
    }
    lines
}

/// A known word that was probably meant by an unknown one.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= 2.max(candidate.len() / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The remedy for an unknown word: the one that was probably meant, or all that are known.
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> String {
    nearest(word, known).map_or_else(
        || format!("use one of {}", known.join(", ")),
        |meant| format!("did you mean `{meant}`?"),
    )
}
