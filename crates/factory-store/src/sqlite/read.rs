//! Queries: events and rows, read from the snapshot of one connection.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use factory_core::event::{Encoded, Event, Recorded};
use factory_core::id::{Seq, StreamId, Term, Version};
use factory_core::port::StoreError;
use factory_core::projection::{Row, Select, Table};
use rusqlite::{Connection, Params, ToSql};

use super::cell::{self, Bound};
use super::fault::{self, integer};

const READ: &str = "SELECT seq, stream, version, at, type, schema_version, body FROM events \
    WHERE stream = ?1 AND version > ?2 ORDER BY version LIMIT ?3";

const READ_ALL: &str = "SELECT seq, stream, version, at, type, schema_version, body FROM events \
    WHERE seq > ?1 ORDER BY seq LIMIT ?2";

/// Events of one stream.
pub(super) fn read(
    connection: &Connection,
    stream: &StreamId,
    after: Version,
    limit: usize,
) -> Result<Vec<Recorded>, StoreError> {
    events(
        connection,
        READ,
        (stream.as_str(), integer(after.0), integer(limit as u64)),
    )
}

/// Events of all streams.
pub(super) fn read_all(
    connection: &Connection,
    after: Seq,
    limit: usize,
) -> Result<Vec<Recorded>, StoreError> {
    events(
        connection,
        READ_ALL,
        (integer(after.0), integer(limit as u64)),
    )
}

/// The newest sequence number.
pub(super) fn head(connection: &Connection) -> Result<Seq, StoreError> {
    counter(connection, "SELECT coalesce(max(seq), 0) FROM events").map(Seq)
}

/// The newest term.
pub(super) fn term(connection: &Connection) -> Result<Term, StoreError> {
    counter(connection, "SELECT coalesce(max(term), 0) FROM terms").map(Term)
}

/// One row of a derived table.
pub(super) fn row(
    connection: &Connection,
    table: &'static Table,
    key: &str,
) -> Result<Option<Row>, StoreError> {
    let sql = format!("{} WHERE key = ?1", selection(table));
    rows(connection, table, &sql, [key]).map(|rows| rows.into_iter().next())
}

/// Rows of a derived table. The selection fits its table.
pub(super) fn list(connection: &Connection, select: &Select) -> Result<Vec<Row>, StoreError> {
    let mut sql = selection(select.table);
    let cells: Vec<Bound<'_>> = select.filter.iter().map(|(_, cell)| cell.into()).collect();
    let mut values: Vec<&dyn ToSql> = cells.iter().map(|cell| cell as &dyn ToSql).collect();
    for (index, (column, _)) in select.filter.iter().enumerate() {
        let word = if index == 0 { "WHERE" } else { "AND" };
        // Writing to a string cannot fail. `IS` also finds null.
        let _ = write!(sql, " {word} \"{column}\" IS ?{}", index + 1);
    }
    let direction = if select.descending { "DESC" } else { "ASC" };
    sql.push_str(" ORDER BY ");
    if let Some(column) = select.order_by {
        let _ = write!(sql, "\"{column}\" {direction}, ");
    }
    let _ = write!(sql, "key {direction} LIMIT ?{}", values.len() + 1);
    let limit = integer(select.limit.unwrap_or(usize::MAX) as u64);
    values.push(&limit);
    rows(connection, select.table, &sql, values.as_slice())
}

fn counter(connection: &Connection, sql: &str) -> Result<u64, StoreError> {
    let read = || {
        connection
            .prepare_cached(sql)?
            .query_row([], |row| row.get::<_, i64>(0))
    };
    read().map(i64::unsigned_abs).map_err(failed)
}

fn selection(table: &Table) -> String {
    let mut sql = String::from("SELECT key");
    for column in table.columns {
        let _ = write!(sql, ", \"{}\"", column.name);
    }
    let _ = write!(sql, " FROM \"{}\"", table.name);
    sql
}

fn rows(
    connection: &Connection,
    table: &'static Table,
    sql: &str,
    values: impl Params,
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut found = statement.query(values).map_err(failed)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        let mut cells = BTreeMap::new();
        let names = std::iter::once("key").chain(table.columns.iter().map(|column| column.name));
        for (place, name) in names.enumerate() {
            let cell = cell::read(row.get_ref(place).map_err(failed)?);
            cells.insert(
                name.to_owned(),
                cell.map_err(|problem| corrupt(table.name, problem))?,
            );
        }
        rows.push(Row(cells));
    }
    Ok(rows)
}

fn events(
    connection: &Connection,
    sql: &str,
    values: impl Params,
) -> Result<Vec<Recorded>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut found = statement.query(values).map_err(failed)?;
    let mut events = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        events.push(recorded(row)?);
    }
    Ok(events)
}

fn recorded(row: &rusqlite::Row<'_>) -> Result<Recorded, StoreError> {
    let seq = row.get::<_, i64>(0).map_err(failed)?.unsigned_abs();
    let damaged = |problem: String| corrupt(&format!("event {seq}"), problem);
    let unread = |error: rusqlite::Error| damaged(error.to_string());
    let stream: String = row.get(1).map_err(unread)?;
    let version: i64 = row.get(2).map_err(unread)?;
    let at: String = row.get(3).map_err(unread)?;
    let kind: String = row.get(4).map_err(unread)?;
    let schema_version: u16 = row.get(5).map_err(unread)?;
    let body = row
        .get_ref(6)
        .and_then(|body| Ok(body.as_str()?))
        .map_err(unread)?;
    let body = serde_json::from_str(body).map_err(|error| damaged(error.to_string()))?;
    let event = Event::decode(Encoded {
        kind,
        schema_version,
        body,
    })
    .map_err(|error| damaged(error.to_string()))?;
    Ok(Recorded {
        seq: Seq(seq),
        stream: StreamId::parse(stream).map_err(|error| damaged(error.to_string()))?,
        version: Version(version.unsigned_abs()),
        at: crate::shape::parse_time(&at)
            .ok_or_else(|| damaged(format!("`{at}` is not a valid time")))?,
        event,
    })
}

fn failed(error: rusqlite::Error) -> StoreError {
    fault::sqlite("read the store", error)
}

fn corrupt(what: &str, problem: String) -> StoreError {
    StoreError::Corrupt {
        what: what.to_owned(),
        problem,
    }
}
