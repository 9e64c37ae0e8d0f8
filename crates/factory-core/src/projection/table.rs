//! Tables, rows and changes as data.

use std::collections::BTreeMap;

use super::cell::Cell;

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
    /// At most this many rows; nothing is all of them.
    pub limit: Option<usize>,
}

impl Select {
    /// All rows of a table by key.
    pub fn all(table: &'static Table) -> Self {
        Self {
            table,
            filter: Vec::new(),
            order_by: None,
            descending: false,
            limit: None,
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
