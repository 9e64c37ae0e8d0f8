//! Where settings come from.

use std::fmt;
use std::path::PathBuf;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The user's file.
    User(PathBuf),
    /// The portfolio's file.
    Project(PathBuf),
    /// This environment variable.
    Variable(String),
    /// A flag of the command.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::User(path) | Self::Project(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// The text of a file, still unread by the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFile {
    /// For messages, and to resolve relative folders.
    pub path: PathBuf,
    /// TOML.
    pub text: String,
}
