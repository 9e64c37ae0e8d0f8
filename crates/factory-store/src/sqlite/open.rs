//! Opens a store: inspects the file first, then migrates it to this program's schema and derived tables.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::blobs::{BLOBS, UNFINISHED};
use super::connection::{self, Durability};
use super::fault::OpenError;
use super::project;
use super::schema::{self, Found};

/// A writing connection to a file that is up to this program's schema and derived tables.
pub(super) fn prepare(path: &Path, durability: Durability) -> Result<Connection, OpenError> {
    connection::check_library()?;
    let is_new = fs::metadata(path).map_or(true, |file| file.len() == 0);
    let mut version = 0;
    if !is_new {
        let looker = connection::looker(path)?;
        let found = schema::look(&looker).map_err(OpenError::sqlite(path))?;
        version = refuse(path, found)?;
    }
    if version == 0 {
        refuse_emptied(path)?;
    }
    let mut writer = connection::writer(path, durability)?;
    bring_forward(path, &mut writer)?;
    Ok(writer)
}

/// Refuses to begin anew where a store has been: an emptied file, or one whose log was lost, would lose its history in
/// silence and have everything done twice.
fn refuse_emptied(path: &Path) -> Result<(), OpenError> {
    let blobs = path.with_file_name(BLOBS);
    let mut folders = fs::read_dir(&blobs).into_iter().flatten().flatten();
    let holds_any = folders.any(|folder| {
        if folder.file_name() == UNFINISHED {
            return false;
        }
        let content = fs::read_dir(folder.path());
        content.is_ok_and(|mut content| content.next().is_some())
    });
    if holds_any {
        let path = path.to_owned();
        return Err(OpenError::Emptied { path, blobs });
    }
    Ok(())
}

/// Refuses a file that this program must not touch; otherwise returns its schema version.
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

/// Migrates and rebuilds in one transaction; changes nothing in a file that is up to date.
fn bring_forward(path: &Path, writer: &mut Connection) -> Result<(), OpenError> {
    let transaction = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(OpenError::sqlite(path))?;
    // Checked again under the lock: another process may have been faster.
    let version = refuse(
        path,
        schema::look(&transaction).map_err(OpenError::sqlite(path))?,
    )?;
    if version < schema::VERSION {
        tracing::info!(from = version, to = schema::VERSION, "migrating the store");
        schema::migrate(&transaction, version).map_err(OpenError::sqlite(path))?;
    }
    project::derive(&transaction).map_err(|source| OpenError::Derive {
        path: path.to_owned(),
        source,
    })?;
    transaction.commit().map_err(OpenError::sqlite(path))
}
