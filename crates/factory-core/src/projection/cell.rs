//! Cells of a table, and the types that one can be read as.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The content of one cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// Text, JSON included.
    Text(String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Cell {
    fn from(yes: bool) -> Self {
        Self::Integer(i64::from(yes))
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Null, Into::into)
    }
}

/// A type that one column is read as. Nothing where the cell does not hold it.
pub(super) trait FromCell: Sized {
    fn from_cell(cell: Option<&Cell>) -> Option<Self>;
}

impl FromCell for u64 {
    fn from_cell(cell: Option<&Cell>) -> Option<Self> {
        match cell {
            Some(Cell::Integer(number)) => Self::try_from(*number).ok(),
            // A count that nothing was added to yet.
            None | Some(Cell::Null) => Some(0),
            Some(Cell::Text(_)) => None,
        }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Option<&Cell>) -> Option<Self> {
        match cell {
            None | Some(Cell::Null) => Some(None),
            some => T::from_cell(some).map(Some),
        }
    }
}

/// Lists and maps are kept in a cell as JSON.
impl<T: DeserializeOwned> FromCell for Vec<T> {
    fn from_cell(cell: Option<&Cell>) -> Option<Self> {
        match cell {
            Some(Cell::Text(json)) => serde_json::from_str(json).ok(),
            None | Some(Cell::Null) => Some(Self::new()),
            Some(Cell::Integer(_)) => None,
        }
    }
}

impl FromCell for BTreeMap<String, u16> {
    fn from_cell(cell: Option<&Cell>) -> Option<Self> {
        serde_json::from_str(&String::from_cell(cell)?).ok()
    }
}

/// Types kept in a cell as the text they are parsed from.
macro_rules! from_text {
    ($($type:ty),* $(,)?) => {$(
        impl FromCell for $type {
            fn from_cell(cell: Option<&Cell>) -> Option<Self> {
                match cell {
                    Some(Cell::Text(text)) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

from_text!(
    String,
    crate::clock::Timestamp,
    crate::id::BlobId,
    crate::id::GateId,
    crate::id::ObjectId,
    crate::id::RunId,
    crate::id::Slug,
    crate::id::TaskId,
    crate::portfolio::State,
    crate::portfolio::Verdict,
    crate::run::Author,
    crate::run::CheckState,
    crate::run::StoryState,
    crate::run::TaskState,
    super::AttemptState,
    super::GateState,
    super::ProductState,
    super::RunState,
);
