//! Cells of derived tables, to SQLite and back.

use factory_core::projection::{Assign, Cell};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A value that SQLite holds, as a cell; or why it cannot be one.
pub(super) fn read(value: ValueRef<'_>) -> Result<Cell, String> {
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(number) => Ok(Cell::Integer(number)),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cell::Text(text.to_owned())),
            Err(error) => Err(error.to_string()),
        },
        ValueRef::Real(_) | ValueRef::Blob(_) => Err("a value of an unsupported type".to_owned()),
    }
}

/// A cell, as a parameter of a statement.
pub(super) enum Bound<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
}

impl<'a> Bound<'a> {
    pub(super) fn of(assign: &'a Assign) -> Self {
        match assign {
            Assign::Set(cell) => cell.into(),
            Assign::Add(more) => Self::Integer(*more),
        }
    }
}

impl<'a> From<&'a Cell> for Bound<'a> {
    fn from(cell: &'a Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Integer(number) => Self::Integer(*number),
            Cell::Text(text) => Self::Text(text),
        }
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
