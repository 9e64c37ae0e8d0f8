//! SQLite's and the file system's errors in the words of the port.

use std::io;

use factory_core::port::StoreError;
use rusqlite::ErrorCode;

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
