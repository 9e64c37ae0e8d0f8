//! The name of the file, added to what is wrong inside it.

use std::fmt;
use std::path::{Path, PathBuf};

use factory_spec::Fault;

use crate::error::{AppError, Code};

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// As the command names it.
    pub file: PathBuf,
    /// What is wrong inside, or with the file as a whole.
    pub fault: Fault,
}

impl FileFault {
    pub(super) fn new(file: &Path, fault: Fault) -> Self {
        Self {
            file: file.to_owned(),
            fault,
        }
    }

    /// A fault of the file as a whole.
    pub(super) fn of_file(file: &Path, problem: String, remedy: &str) -> Self {
        Self::new(file, Fault::in_text(None, problem, remedy))
    }
}

impl fmt::Display for FileFault {
    /// `file:line:column: problem; remedy`, as compilers do it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(position) = self.fault.position {
            write!(f, ":{position}")?;
        }
        write!(f, ": {}", self.fault)
    }
}

/// Reads a file; `what` it should be is said if it cannot be read.
pub(super) fn bytes_of(file: &Path, what: &str) -> Result<Vec<u8>, Vec<FileFault>> {
    std::fs::read(file).map_err(|error| {
        let remedy = format!("give the path of a {what}");
        vec![FileFault::of_file(
            file,
            format!("cannot be read: {error}"),
            &remedy,
        )]
    })
}

/// The refusal of files with faults.
pub(super) fn refused(code: Code, what: &str, faults: &[FileFault]) -> AppError {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    AppError::new(code, lines.join("\n")).hint(format!(
        "nothing was created; fix the {what} and run the command again"
    ))
}
