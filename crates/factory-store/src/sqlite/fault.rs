//! Errors of SQLite and of the file system in the words of the port, and in those of opening a store.

use std::io;
use std::path::{Path, PathBuf};

use factory_core::port::StoreError;
use rusqlite::ErrorCode;

/// A store could not be opened. The file is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This version of SQLite can corrupt a database.
    #[error("use SQLite {found}: version {needed} or newer is required")]
    LibraryTooOld {
        /// Version number of the SQLite that is linked.
        found: i32,
        /// The lowest version number that is safe.
        needed: i32,
    },
    /// A newer version of the program wrote the store.
    #[error(
        "open `{path}`: its schema version is {found}, but this program supports at most {supported}"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest schema version that this program supports.
        supported: i64,
    },
    /// The file is not a SQLite database.
    #[error("open `{path}`: not a SQLite database")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is a SQLite database, but of another program.
    #[error("open `{path}`: a SQLite database, but not a factory store")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error("open `{path}`: the database is damaged: {problem}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        problem: String,
    },
    /// The file is empty or gone, and what it named is still there.
    #[error(
        "open `{path}`: its events are gone, but the content that they named is still in `{}`",
        blobs.display()
    )]
    Emptied {
        /// The file.
        path: PathBuf,
        /// The folder of the content.
        blobs: PathBuf,
    },
    /// The file cannot be written.
    #[error("open `{path}`: it is read-only")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// SQLite did not accept a setting that the store's guarantees depend on.
    #[error("set SQLite's `{name}` to `{wanted}`: it stayed `{found}`")]
    Setting {
        /// The pragma.
        name: &'static str,
        /// The value it needs.
        wanted: String,
        /// The value it has.
        found: String,
    },
    /// The derived tables could not be rebuilt from the events.
    #[error("rebuild the derived tables of `{path}` from its events")]
    Derive {
        /// The file.
        path: PathBuf,
        /// The underlying error.
        #[source]
        source: StoreError,
    },
    /// The file system refused: no space, no permission, a failing disk.
    #[error("open `{path}`")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The underlying error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl OpenError {
    /// What SQLite could not do with this file.
    pub(super) fn sqlite(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        let path = path.to_owned();
        |error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            _ if says_corrupt(&error) => Self::Corrupt {
                path,
                problem: error.to_string(),
            },
            _ => Self::Io {
                path,
                source: Box::new(error),
            },
        }
    }

    /// What the store could not read in this file.
    pub(super) fn store(path: &Path) -> impl FnOnce(StoreError) -> Self {
        let path = path.to_owned();
        |error| match error {
            StoreError::Corrupt { problem, .. } => Self::Corrupt { path, problem },
            other => Self::Io {
                path,
                source: Box::new(other),
            },
        }
    }

    /// What the file system could not do with this file or folder.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |error| Self::Io {
            path,
            source: Box::new(error),
        }
    }
}

/// What SQLite could not do.
pub(super) fn sqlite(operation: &str, error: rusqlite::Error) -> StoreError {
    if says_corrupt(&error) {
        return StoreError::Corrupt {
            what: "factory.db".to_owned(),
            problem: error.to_string(),
        };
    }
    StoreError::Io {
        operation: operation.to_owned(),
        source: Box::new(error),
    }
}

/// What the file system could not do.
pub(super) fn io(operation: String) -> impl FnOnce(io::Error) -> StoreError {
    move |error| StoreError::Io {
        operation,
        source: Box::new(error),
    }
}

/// Whether SQLite says that the file itself is damaged.
pub(super) fn says_corrupt(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// A counter as SQLite stores it; saturates at the end of the signed range.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
