//! Opening a store: look first, then bring the file to this program's schema and derived tables.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use factory_core::port::StoreError;
use rusqlite::{Connection, TransactionBehavior};

use super::connection::{self, Durability};
use super::fault;
use super::project;
use super::schema::{self, Found};

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
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(rusqlite::ErrorCode::ReadOnly) => Self::ReadOnly { path },
            _ if fault::says_corrupt(&error) => Self::Corrupt {
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

/// The writer's connection to a file that has this program's schema and derived tables.
pub(super) fn prepare(path: &Path, durability: Durability) -> Result<Connection, OpenError> {
    connection::check_library()?;
    let is_new = fs::metadata(path).map_or(true, |file| file.len() == 0);
    if !is_new {
        let looker = connection::looker(path)?;
        let found = schema::look(&looker).map_err(OpenError::sqlite(path))?;
        refuse(path, found)?;
    }
    let mut writer = connection::writer(path, durability)?;
    bring_forward(path, &mut writer)?;
    Ok(writer)
}

/// Refuses what this program must not touch; otherwise gives the schema version found.
fn refuse(path: &Path, found: Found) -> Result<i64, OpenError> {
    match found {
        Found::Empty => Ok(0),
        Found::Foreign => Err(OpenError::Foreign {
            path: path.to_owned(),
        }),
        Found::Store(found) if found > schema::VERSION => Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            supported: schema::VERSION,
        }),
        Found::Store(found) => Ok(found),
    }
}

/// Migrates and derives in one transaction; changes nothing in a file that is up to date.
fn bring_forward(path: &Path, writer: &mut Connection) -> Result<(), OpenError> {
    let transaction = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(OpenError::sqlite(path))?;
    // Looked at again under the lock: another process may have been faster.
    let version = refuse(
        path,
        schema::look(&transaction).map_err(OpenError::sqlite(path))?,
    )?;
    if version < schema::VERSION {
        tracing::info!(from = version, to = schema::VERSION, "migrates the store");
        schema::migrate(&transaction, version).map_err(OpenError::sqlite(path))?;
    }
    project::derive(&transaction).map_err(|source| OpenError::Derive {
        path: path.to_owned(),
        source,
    })?;
    transaction.commit().map_err(OpenError::sqlite(path))
}
