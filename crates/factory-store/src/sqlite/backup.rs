//! Backs up a store that is in use; the copy opens as a store.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use factory_core::port::StoreError;

use super::blobs::{self, BLOBS, BlobFolder};
use super::connection::{self, DATABASE};
use super::fault;

/// Copies database and blobs to the folder `target`.
///
/// The database is copied first: every blob that its events name was stored before them. It gets its final name
/// last, so that an incomplete copy never opens as a store.
pub(super) fn copy(database: &Path, blobs: &BlobFolder, target: &Path) -> Result<(), StoreError> {
    let failed = || fault::io(format!("back up to `{}`", target.display()));
    let copy = target.join(DATABASE);
    if copy.exists() {
        return Err(failed()(io::ErrorKind::AlreadyExists.into()));
    }
    fs::create_dir_all(target).map_err(failed())?;
    let unfinished = target.join("factory.db.unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed()(error)),
        _ => {}
    }
    copy_database(database, &unfinished)?;
    blobs.copy_to(&target.join(BLOBS)).map_err(failed())?;
    fs::rename(&unfinished, &copy).map_err(failed())?;
    blobs::sync_folder(target).map_err(failed())
}

/// One consistent snapshot; the writer keeps working meanwhile.
fn copy_database(database: &Path, target: &Path) -> Result<(), StoreError> {
    let operation = "copy the database";
    let target_text = target.to_str().ok_or_else(|| {
        let problem = format!("`{}` is not UTF-8", target.display());
        StoreError::Io {
            operation: operation.to_owned(),
            source: problem.into(),
        }
    })?;
    let connection = connection::copier(database).map_err(|error| StoreError::Io {
        operation: operation.to_owned(),
        source: Box::new(error),
    })?;
    connection
        .execute("VACUUM INTO ?1", [target_text])
        .map_err(|error| fault::sqlite(operation, error))?;
    // SQLite leaves syncing the copy to the caller.
    let synced = File::open(target).and_then(|file| file.sync_all());
    synced.map_err(fault::io(operation.to_owned()))
}
