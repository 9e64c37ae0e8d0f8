//! Whether changes, selections and times can be stored. Both stores refuse the same ones, so that a bug in a
//! projection shows in a simulation and not only on disk.

use std::ptr;

use factory_core::clock::Timestamp;
use factory_core::port::StoreError;
use factory_core::projection::{self, Assign, Cell, Change, Column, ColumnKind, Select, Table};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as ValueError, StrDeserializer};

/// Refuses a change that does not fit its table.
pub(crate) fn check_change(change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Delete { table, .. } => check_table(table),
        Change::Upsert { table, assign, .. } => {
            check_table(table)?;
            for (place, (name, value)) in assign.iter().enumerate() {
                let column = column(table, name)?;
                let fits = match value {
                    Assign::Set(cell) => holds(column.kind, cell),
                    Assign::Add(_) => column.kind == ColumnKind::Integer,
                };
                if !fits {
                    return Err(fault(
                        table,
                        format!("column `{name}` cannot take {value:?}"),
                    ));
                }
                if assign
                    .iter()
                    .take(place)
                    .any(|(earlier, _)| earlier == name)
                {
                    return Err(fault(table, format!("column `{name}` is assigned twice")));
                }
            }
            Ok(())
        }
    }
}

/// Refuses a selection by columns that its table does not have, or by cells that they cannot hold.
pub(crate) fn check_select(select: &Select) -> Result<(), StoreError> {
    let table = select.table;
    check_table(table)?;
    for (name, cell) in &select.filter {
        let kind = if *name == "key" {
            ColumnKind::Text
        } else {
            column(table, name)?.kind
        };
        if !holds(kind, cell) {
            return Err(fault(
                table,
                format!("column `{name}` cannot hold {cell:?}"),
            ));
        }
    }
    match select.order_by {
        None | Some("key") => Ok(()),
        Some(name) => column(table, name).map(|_| ()),
    }
}

/// Refuses a table that the store does not have.
pub(crate) fn check_table(table: &Table) -> Result<(), StoreError> {
    let known = projection::ALL.iter().any(|kept| ptr::eq(*kept, table));
    if known {
        Ok(())
    } else {
        Err(fault(table, "is not a table of the store".to_owned()))
    }
}

/// A time as text; refused if it could not be parsed again.
pub(crate) fn time_text(at: Timestamp) -> Result<String, StoreError> {
    let text = at.to_string();
    match parse_time(&text) {
        Some(parsed) if parsed == at => Ok(text),
        _ => Err(StoreError::Corrupt {
            what: "the time of an append".to_owned(),
            problem: format!("{text} is out of range"),
        }),
    }
}

/// Parses what [`time_text`] has written.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let deserializer: StrDeserializer<'_, ValueError> = text.into_deserializer();
    Timestamp::deserialize(deserializer).ok()
}

fn column(table: &'static Table, name: &str) -> Result<&'static Column, StoreError> {
    let found = table.columns.iter().find(|column| column.name == name);
    found.ok_or_else(|| fault(table, format!("has no column `{name}`")))
}

fn holds(kind: ColumnKind, cell: &Cell) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Integer(_) => kind == ColumnKind::Integer,
        Cell::Text(_) => kind == ColumnKind::Text,
    }
}

fn fault(table: &Table, problem: String) -> StoreError {
    StoreError::Corrupt {
        what: format!("table `{}`", table.name),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use factory_core::projection::{RUNS, TASKS};

    use super::*;

    fn upsert(column: &'static str, assign: Assign) -> Change {
        Change::Upsert {
            table: &RUNS,
            key: "a".to_owned(),
            assign: vec![(column, assign)],
        }
    }

    #[test]
    fn a_change_must_fit_its_table() {
        check_change(&upsert("tasks", Assign::Add(1))).unwrap();
        check_change(&upsert("state", Assign::Set(Cell::Null))).unwrap();
        for wrong in [
            upsert("nowhere", Assign::Add(1)),
            upsert("state", Assign::Add(1)),
            upsert("state", Assign::Set(Cell::Integer(1))),
            upsert("tasks", Assign::Set(Cell::from("1"))),
        ] {
            check_change(&wrong).unwrap_err();
        }
        let twice = vec![("tasks", Assign::Add(1)), ("tasks", Assign::Add(1))];
        let twice = Change::Upsert {
            table: &RUNS,
            key: "a".to_owned(),
            assign: twice,
        };
        assert!(
            check_change(&twice)
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
    }

    #[test]
    fn a_selection_must_fit_its_table() {
        check_select(
            &Select::all(&TASKS)
                .with("key", "a")
                .with("gate", None::<&str>)
                .by("place"),
        )
        .unwrap();
        check_select(&Select::all(&TASKS).with("nowhere", "a")).unwrap_err();
        check_select(&Select::all(&TASKS).with("place", "1")).unwrap_err();
        check_select(&Select::all(&TASKS).by("nowhere")).unwrap_err();
    }

    #[test]
    fn a_time_that_cannot_be_read_back_is_refused() {
        for at in [Timestamp(0), Timestamp(-1), Timestamp(1_780_000_000_123)] {
            assert_eq!(parse_time(&time_text(at).unwrap()), Some(at));
        }
        time_text(Timestamp(i64::MAX)).unwrap_err();
    }
}
