//! Tables derived from the event log, as pure data: which tables there are, and how an event changes them.
//!
//! A store applies [`changes`] of every event in the transaction that appends it, so that a person with a
//! SQL shell and a screen of ours see the same. Projections never read: a change sets or adds to columns.

mod products;
mod tables;
mod views;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::products::PRODUCTS;
pub use self::tables::{
    ALL, ALLOCATIONS, ATTEMPTS, CHECKS, GATES, RUNS, STARTUPS, STORIES, TASKS, changes,
};
pub use self::views::{
    AllocationView, AttemptView, CheckView, GateView, ProductView, RunView, StartupView, StoryView,
    TaskView, ViewError,
};

/// Raised whenever the logic of [`changes`] changes, so that stores derive their tables anew.
pub const REVISION: u32 = 3;

/// A table: its name, its columns, and which of them hold numbers. The column `key` is the primary key.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Name in SQL.
    pub name: &'static str,
    /// Columns beside `key`, in order.
    pub columns: &'static [Column],
}

/// One column of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Name in SQL.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether rows are looked up by it.
    pub indexed: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, JSON included.
    Text,
    /// A 64-bit integer; booleans are 0 and 1. A column that was never set reads as null.
    Integer,
}

/// The content of one cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// Text.
    Text(String),
}

/// How a change treats one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assign {
    /// Replaces it.
    Set(Cell),
    /// Adds to the number in it; null counts as 0.
    Add(i64),
}

/// A change of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Inserts the row if it is missing, then assigns the columns.
    Upsert {
        /// The table.
        table: &'static Table,
        /// The row.
        key: String,
        /// The columns to assign.
        assign: Vec<(&'static str, Assign)>,
    },
    /// Removes the row, if it is there.
    Delete {
        /// The table.
        table: &'static Table,
        /// The row.
        key: String,
    },
}

/// One row as read: columns by name, `key` included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row(pub BTreeMap<String, Cell>);

/// Which rows to read.
#[derive(Debug, Clone)]
pub struct Select {
    /// The table.
    pub table: &'static Table,
    /// Columns that must equal these cells.
    pub filter: Vec<(&'static str, Cell)>,
    /// Column to sort by, then by key; `None` sorts by key alone.
    pub order_by: Option<&'static str>,
    /// Largest first.
    pub descending: bool,
    /// At most this many rows.
    pub limit: usize,
}

impl Select {
    /// All rows of a table by key, at most 10,000.
    pub fn all(table: &'static Table) -> Self {
        Self {
            table,
            filter: Vec::new(),
            order_by: None,
            descending: false,
            limit: 10_000,
        }
    }

    /// Only rows whose `column` equals `cell`.
    #[must_use]
    pub fn with(mut self, column: &'static str, cell: impl Into<Cell>) -> Self {
        self.filter.push((column, cell.into()));
        self
    }

    /// Sorted by `column`, smallest first.
    #[must_use]
    pub fn by(mut self, column: &'static str) -> Self {
        self.order_by = Some(column);
        self
    }
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
