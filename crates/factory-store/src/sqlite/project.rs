//! Derived tables: applies changes to them, and rebuilds them when what they are derived by has changed.

use std::fmt::Write as _;

use factory_core::event::Recorded;
use factory_core::port::StoreError;
use factory_core::projection::{self, Assign, Change};
use rusqlite::{Connection, ToSql};

use super::cell::Bound;
use super::{fault, read, schema};
use crate::shape;

/// Events read at a time during a rebuild.
const REPLAY_CHUNK: usize = 1_000;

/// Applies one event to the derived tables. The caller holds the transaction.
pub(super) fn apply(transaction: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    for change in projection::changes(recorded) {
        shape::check_change(&change)?;
        perform(transaction, &change).map_err(|error| fault::sqlite("change a table", error))?;
    }
    Ok(())
}

/// Rebuilds the derived tables if their fingerprint has changed. The caller holds the transaction.
pub(super) fn derive(transaction: &Connection) -> Result<(), StoreError> {
    let failed = |error| fault::sqlite("rebuild the derived tables", error);
    let wanted = schema::fingerprint();
    let (found, tables): (String, String) = transaction
        .query_row(
            "SELECT projection_fingerprint, projection_tables FROM meta",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(failed)?;
    if found == wanted {
        return Ok(());
    }
    tracing::info!("rebuilding the derived tables from the events");
    let tables: Vec<String> =
        serde_json::from_str(&tables).map_err(|error| StoreError::Corrupt {
            what: "meta.projection_tables".to_owned(),
            problem: error.to_string(),
        })?;
    for table in tables {
        let table = table.replace('"', "\"\"");
        transaction
            .execute_batch(&format!("DROP TABLE IF EXISTS \"{table}\""))
            .map_err(failed)?;
    }
    for table in projection::ALL {
        transaction
            .execute_batch(&schema::definition(table))
            .map_err(failed)?;
    }
    replay(transaction)?;
    let names: Vec<&str> = projection::ALL.iter().map(|table| table.name).collect();
    let names = serde_json::Value::from(names).to_string();
    transaction
        .execute(
            "UPDATE meta SET projection_fingerprint = ?1, projection_tables = ?2",
            [wanted, names],
        )
        .map_err(failed)?;
    Ok(())
}

fn replay(transaction: &Connection) -> Result<(), StoreError> {
    let mut after = factory_core::id::Seq(0);
    loop {
        let chunk = read::read_all(transaction, after, REPLAY_CHUNK)?;
        for recorded in &chunk {
            apply(transaction, recorded)?;
        }
        match chunk.last() {
            Some(last) => after = last.seq,
            None => return Ok(()),
        }
    }
}

fn perform(transaction: &Connection, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Delete { table, key } => {
            let sql = format!("DELETE FROM \"{}\" WHERE key = ?1", table.name);
            transaction.prepare_cached(&sql)?.execute([key])?;
        }
        Change::Upsert { table, key, assign } => {
            let sql = upsert(table.name, assign);
            let mut values: Vec<&dyn ToSql> = vec![key];
            let cells: Vec<Bound<'_>> =
                assign.iter().map(|(_, assign)| Bound::of(assign)).collect();
            values.extend(cells.iter().map(|cell| cell as &dyn ToSql));
            transaction
                .prepare_cached(&sql)?
                .execute(values.as_slice())?;
        }
    }
    Ok(())
}

/// One statement that inserts the row or updates the existing one. In an inserted row an added number is the
/// value itself, because null counts as 0.
fn upsert(table: &str, assign: &[(&'static str, Assign)]) -> String {
    let mut columns = String::from("key");
    let mut places = String::from("?1");
    let mut updates = String::new();
    for (index, (column, assign)) in assign.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let add = match assign {
            Assign::Set(_) => String::new(),
            Assign::Add(_) => format!("coalesce(\"{table}\".\"{column}\", 0) + "),
        };
        // Writing to a string cannot fail.
        let _ = write!(columns, ", \"{column}\"");
        let _ = write!(places, ", ?{}", index + 2);
        let _ = write!(updates, "{comma}\"{column}\" = {add}excluded.\"{column}\"");
    }
    let conflict = if updates.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {updates}")
    };
    format!("INSERT INTO \"{table}\" ({columns}) VALUES ({places}) ON CONFLICT (key) DO {conflict}")
}

#[cfg(test)]
mod tests {
    use factory_core::projection::{Cell, RUNS, STARTUPS};

    use super::*;

    #[test]
    fn a_change_is_one_statement() {
        let assign = vec![
            ("state", Assign::Set(Cell::Null)),
            ("tasks", Assign::Add(1)),
        ];
        assert_eq!(
            upsert("runs", &assign),
            "INSERT INTO \"runs\" (key, \"state\", \"tasks\") VALUES (?1, ?2, ?3) ON CONFLICT (key) \
             DO UPDATE SET \"state\" = excluded.\"state\", \
             \"tasks\" = coalesce(\"runs\".\"tasks\", 0) + excluded.\"tasks\""
        );
        assert!(upsert("runs", &[]).ends_with("DO NOTHING"));
    }

    #[test]
    fn adding_starts_from_nothing() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(&schema::definition(&RUNS))
            .unwrap();
        let change = |assign| Change::Upsert {
            table: &RUNS,
            key: "a".to_owned(),
            assign,
        };
        perform(&connection, &change(vec![])).unwrap();
        for _ in 0..2 {
            perform(&connection, &change(vec![("tasks", Assign::Add(3))])).unwrap();
        }
        let tasks: i64 = connection
            .query_row("SELECT tasks FROM runs", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tasks, 6);
    }

    #[test]
    fn tables_of_an_older_program_are_rebuilt() {
        let connection = Connection::open_in_memory().unwrap();
        schema::migrate(&connection, 0).unwrap();
        derive(&connection).unwrap();
        connection
            .execute_batch(
                "ALTER TABLE startups DROP COLUMN name; CREATE TABLE older (key TEXT);
                 CREATE TABLE notes_of_a_person (note TEXT);
                 UPDATE meta SET projection_fingerprint = 'other',
                 projection_tables = '[\"older\", \"startups\", \"runs\", \"tasks\", \"attempts\",
                 \"gates\", \"checks\", \"stories\", \"allocations\", \"products\"]'",
            )
            .unwrap();
        derive(&connection).unwrap();
        connection
            .execute_batch("INSERT INTO startups (key, name) VALUES ('a', 'A')")
            .unwrap();
        connection
            .execute_batch("SELECT note FROM notes_of_a_person")
            .unwrap();
        connection
            .execute_batch("SELECT key FROM older")
            .unwrap_err();

        // The second time, nothing is rebuilt.
        derive(&connection).unwrap();
        let sql = format!("SELECT count(*) FROM {}", STARTUPS.name);
        let kept: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
    }
}
