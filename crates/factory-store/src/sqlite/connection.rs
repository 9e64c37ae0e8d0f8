//! Connections and their settings. Every setting is read back, because SQLite ignores unknown values silently.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::fault::OpenError;

/// The name of the database in the store's folder.
pub(super) const DATABASE: &str = "factory.db";

/// The first SQLite without the WAL-reset bug, by which two connections could corrupt a database.
const SQLITE_NEEDED: i32 = 3_051_003;

/// How long a connection waits for a lock that another one holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements kept per connection; an upsert needs one for each set of columns.
const STATEMENTS_KEPT: usize = 128;

/// What an acknowledged append survives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// A power failure: every commit waits until the disk has it.
    #[default]
    Strict,
    /// The death of the process, by any signal. A power failure may lose the newest commits, but never one
    /// from the middle.
    Relaxed,
}

/// Refuses a version of SQLite that may corrupt the file.
pub(super) fn check_library() -> Result<(), OpenError> {
    let found = rusqlite::version_number();
    if found < SQLITE_NEEDED {
        return Err(OpenError::LibraryTooOld {
            found,
            needed: SQLITE_NEEDED,
        });
    }
    Ok(())
}

/// The connection that writes; creates the file if it is missing.
pub(super) fn writer(path: &Path, durability: Durability) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open(path, flags)?;
    // SQLite silently falls back to read-only mode if the file cannot be written.
    if connection
        .is_readonly(MAIN_DB)
        .map_err(OpenError::sqlite(path))?
    {
        return Err(OpenError::ReadOnly {
            path: path.to_owned(),
        });
    }
    let synchronous = match durability {
        Durability::Strict => "2",
        Durability::Relaxed => "1",
    };
    for (name, value) in [
        ("journal_mode", "wal"),
        ("synchronous", synchronous),
        ("foreign_keys", "1"),
        // The writer thread decides when: see `writer`.
        ("wal_autocheckpoint", "0"),
    ] {
        set(&connection, path, name, value)?;
    }
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    set(&connection, path, "query_only", "1")?;
    Ok(connection)
}

/// A connection to inspect a file with, which leaves no traces beside it.
///
/// Reading a database in WAL mode creates a log and an index beside it, even if both stay empty. Without a log
/// the file is complete, so it is opened as immutable.
pub(super) fn looker(path: &Path) -> Result<Connection, OpenError> {
    if wal(path).exists() {
        return reader(path);
    }
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(uri, "%{byte:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags).map_err(OpenError::sqlite(path))?;
    Ok(connection)
}

/// The write-ahead log that SQLite keeps beside a database.
pub(super) fn wal(path: &Path) -> PathBuf {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    PathBuf::from(wal)
}

/// A connection that reads and can copy the database elsewhere.
pub(super) fn copier(path: &Path) -> Result<Connection, OpenError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    // Only one thread uses it at a time: SQLite's own mutexes would be wasted.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(OpenError::sqlite(path))?;
    connection
        .busy_timeout(BUSY_TIMEOUT)
        .map_err(OpenError::sqlite(path))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// Sets a pragma and verifies that it took effect.
fn set(
    connection: &Connection,
    path: &Path,
    name: &'static str,
    wanted: &str,
) -> Result<(), OpenError> {
    connection
        .execute_batch(&format!("PRAGMA {name} = {wanted}"))
        .map_err(OpenError::sqlite(path))?;
    check(connection, path, name, wanted)
}

fn check(
    connection: &Connection,
    path: &Path,
    name: &'static str,
    wanted: &str,
) -> Result<(), OpenError> {
    let found: Value = connection
        .pragma_query_value(None, name, |row| row.get(0))
        .map_err(OpenError::sqlite(path))?;
    let found = match found {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        other => format!("{other:?}"),
    };
    if found != wanted {
        return Err(OpenError::Setting {
            name,
            wanted: wanted.to_owned(),
            found,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pragma(connection: &Connection, name: &str) -> String {
        let value: Value = connection
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap();
        match value {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_library_is_new_enough() {
        check_library().unwrap();
    }

    #[test]
    fn durability_chooses_how_commits_are_synchronised() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("factory.db");
        for (durability, synchronous) in [(Durability::Strict, "2"), (Durability::Relaxed, "1")] {
            let connection = writer(&path, durability).unwrap();
            assert_eq!(pragma(&connection, "synchronous"), synchronous);
            assert_eq!(pragma(&connection, "journal_mode"), "wal");
            assert_eq!(pragma(&connection, "wal_autocheckpoint"), "0");
            assert_eq!(pragma(&connection, "foreign_keys"), "1");
            assert_eq!(pragma(&connection, "busy_timeout"), "5000");
        }
    }

    #[test]
    fn a_setting_that_did_not_take_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("factory.db");
        let connection = writer(&path, Durability::Strict).unwrap();
        // `WAL` is not a value of `synchronous`: SQLite silently treats it as NORMAL.
        let error = set(&connection, &path, "synchronous", "WAL").unwrap_err();
        assert!(
            matches!(
                &error,
                OpenError::Setting {
                    name: "synchronous",
                    ..
                }
            ),
            "{error}"
        );
        check(&connection, &path, "synchronous", "2").unwrap_err();
    }

    #[test]
    fn a_reader_cannot_write() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("factory.db");
        let _writer = writer(&path, Durability::Strict).unwrap();
        let reader = reader(&path).unwrap();
        reader.execute_batch("CREATE TABLE t (a)").unwrap_err();
    }
}
