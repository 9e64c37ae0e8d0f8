//! The name of the file, added to what is wrong inside it.

use std::fmt;
use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use factory_spec::Fault;

use crate::error::{AppError, Code};

/// Largest brief or blueprint; thousands of stories fit.
const BYTES_MAX: u64 = 1 << 20;

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

/// Reads a file; `what` it should be is said if it cannot be read. Never reads more than a brief can be: a device
/// would never end.
pub(super) fn bytes_of(file: &Path, what: &str) -> Result<Vec<u8>, Vec<FileFault>> {
    let remedy = format!("give the path of a {what}");
    let fault = |problem: String| vec![FileFault::of_file(file, problem, &remedy)];
    let failed = |error: io::Error| fault(format!("cannot be read: {error}"));
    let kind = fs::metadata(file).map_err(failed)?.file_type();
    if let Some(kind) = unreadable(kind) {
        return Err(fault(format!("this is {kind}, not a file")));
    }
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(failed)?;
    let read = opened.take(BYTES_MAX + 1).read_to_end(&mut bytes);
    let count = read.map_err(failed)? as u64;
    if count > BYTES_MAX {
        let mebibytes = BYTES_MAX >> 20;
        return Err(fault(format!("the file is larger than {mebibytes} MiB")));
    }
    Ok(bytes)
}

/// What is no text that ends; pipes are read to their end, as those of a shell.
fn unreadable(kind: FileType) -> Option<&'static str> {
    if kind.is_dir() {
        Some("a folder")
    } else if kind.is_char_device() || kind.is_block_device() {
        Some("a device")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        None
    }
}

/// The refusal of files with faults.
pub(super) fn refused(code: Code, what: &str, faults: &[FileFault]) -> AppError {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    AppError::new(code, lines.join("\n")).hint(format!(
        "nothing was created; fix the {what} and run the command again"
    ))
}
