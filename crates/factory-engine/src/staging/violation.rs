//! Changes that fail an attempt, with the text that tells its worker why.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of file that git does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialFile {
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A block or character device.
    Device,
    /// Anything else.
    Other,
}

/// A change that an attempt must not make. The worker is given its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Violation {
    /// A symbolic link that leads, or may lead, out of the project.
    LinkOut {
        /// Of the link.
        path: String,
        /// As the link has it.
        target: String,
    },
    /// A symbolic link into `.git`.
    LinkIntoGit {
        /// Of the link.
        path: String,
        /// As the link has it.
        target: String,
    },
    /// `.git`, in any spelling that some file system takes for it.
    DotGit {
        /// Relative to the project.
        path: String,
    },
    /// A file over the limit.
    TooLarge {
        /// Relative to the project.
        path: String,
        /// Of the file; may be cut off just above the limit.
        bytes: u64,
        /// The largest allowed.
        bytes_max: u64,
    },
    /// A pipe, socket or device.
    Special {
        /// Relative to the project.
        path: String,
        /// Pipe, socket, device or other.
        kind: SpecialFile,
    },
    /// Two names that some file systems take for one.
    Twins {
        /// The new name.
        path: String,
        /// The name it collides with.
        twin: String,
    },
    /// More new files and folders than allowed; those after the limit were not looked at.
    TooMany {
        /// The most allowed.
        files_max: usize,
    },
    /// A name or link target that is not UTF-8, or holds a control character.
    Name {
        /// The name, as far as it can be shown.
        path: String,
    },
    /// A path that is absolute, has an empty, `.` or `..` component, or is too long for a file system.
    Path {
        /// As far as it is known.
        path: String,
    },
    /// A change that wants a file and a folder at one path.
    FileAndFolder {
        /// As far as it is known.
        path: String,
    },
    /// A file inside a submodule.
    InSubmodule {
        /// Relative to the project.
        path: String,
    },
    /// A file or folder that cannot be read.
    Unreadable {
        /// As far as it is known.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl Violation {
    /// The path that breaks a rule; none if the change as a whole does.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::LinkOut { path, .. }
            | Self::LinkIntoGit { path, .. }
            | Self::DotGit { path }
            | Self::TooLarge { path, .. }
            | Self::Special { path, .. }
            | Self::Twins { path, .. }
            | Self::Name { path }
            | Self::Path { path }
            | Self::FileAndFolder { path }
            | Self::InSubmodule { path }
            | Self::Unreadable { path, .. } => Some(path),
            Self::TooMany { .. } => None,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkOut { path, target } => {
                write!(
                    formatter,
                    "the link `{path}` to `{target}` leads out of the project"
                )
            }
            Self::LinkIntoGit { path, target } => {
                write!(
                    formatter,
                    "the link `{path}` to `{target}` leads into `.git`"
                )
            }
            Self::DotGit { path } => write!(formatter, "`{path}` belongs to git"),
            Self::TooLarge {
                path,
                bytes,
                bytes_max,
            } => {
                write!(
                    formatter,
                    "`{path}` has {bytes} bytes, but at most {bytes_max} are allowed"
                )
            }
            Self::Special { path, kind } => {
                let kind = match kind {
                    SpecialFile::Fifo => "a named pipe",
                    SpecialFile::Socket => "a socket",
                    SpecialFile::Device => "a device",
                    SpecialFile::Other => "not a file, folder or link",
                };
                write!(formatter, "`{path}` is {kind}")
            }
            Self::Twins { path, twin } => write!(
                formatter,
                "`{path}` and `{twin}` are the same file on systems that ignore case or Unicode form"
            ),
            Self::TooMany { files_max } => {
                write!(
                    formatter,
                    "there are more than {files_max} new files and folders"
                )
            }
            Self::Name { path } => write!(formatter, "{path:?} is not plain UTF-8 text"),
            Self::Path { path } => {
                write!(formatter, "`{path}` is not a path inside the project")
            }
            Self::FileAndFolder { path } => {
                write!(formatter, "`{path}` is both a file and a folder")
            }
            Self::InSubmodule { path } => write!(formatter, "`{path}` is inside a submodule"),
            Self::Unreadable { path, reason } => {
                write!(formatter, "`{path}` cannot be read: {reason}")
            }
        }
    }
}
