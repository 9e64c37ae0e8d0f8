//! Errors of SQLite and of the file system in the words of the port, and in those of opening a store.

use std::io;
use std::path::{Path, PathBuf};

use factory_core::port::StoreError;
use rusqlite::ErrorCode;

/// A store could not be opened. The file is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The SQLite in this program can corrupt a database.
    #[error("use SQLite {found}: version {needed} or newer is needed")]
    LibraryTooOld {
        /// Its version number.
        found: i32,
        /// The lowest one that is safe.
        needed: i32,
    },
    /// A newer program wrote the store.
    #[error("open `{path}`: it has schema version {found}, this program knows up to {supported}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest schema version that this program knows.
        supported: i64,
    },
    /// The file is no SQLite database.
    #[error("open `{path}`: not a SQLite database")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is a SQLite database of another program.
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
    /// The file may not be written.
    #[error("open `{path}`: it may only be read")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// SQLite did not take a setting that the store's promises rest on.
    #[error("set SQLite's `{name}` to `{wanted}`: it is `{found}`")]
    Setting {
        /// The pragma.
        name: &'static str,
        /// The value it needs.
        wanted: String,
        /// The value it has.
        found: String,
    },
    /// The derived tables could not be made again from the events.
    #[error("derive the tables of `{path}` from its events")]
    Derive {
        /// The file.
        path: PathBuf,
        /// The reason below.
        #[source]
        source: StoreError,
    },
    /// The medium failed: no space, no permission.
    #[error("open `{path}`")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason below.
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

/// A counter as SQLite keeps it; what lies above its range counts as its end.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
