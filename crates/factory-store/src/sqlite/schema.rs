//! The tables of the file, and the migrations of older files.
//!
//! Invariant: `meta.schema_version` keeps its place in every version, so that every program can tell a newer
//! file from its own. Derived tables are not migrated: they are rebuilt from the events.

use std::fmt::Write as _;

use factory_core::id::BlobId;
use factory_core::projection::{self, ColumnKind, Table};
use rusqlite::{Connection, OptionalExtension as _};

/// The schema version that this program writes.
pub(super) const VERSION: i64 = 1;

/// The SQL that migrates a file to each version from the one before; 0 is the empty file.
const MIGRATIONS: &[(i64, &str)] = &[(VERSION, VERSION_1)];

const VERSION_1: &str = "
CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version INTEGER NOT NULL,
    -- Which definitions the derived tables were made from, and their names as a JSON list.
    projection_fingerprint TEXT NOT NULL,
    projection_tables TEXT NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 1, '', '[]');
-- Everything that happened. Never changed, only added to; seq has no gaps.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TEXT NOT NULL,
    -- Room and name, as in `run.landed`.
    type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (stream, version)
) STRICT;
CREATE TABLE streams (
    stream TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Who has driven this portfolio; only the newest term may append.
CREATE TABLE terms (
    term INTEGER PRIMARY KEY,
    holder TEXT NOT NULL
) STRICT;
";

/// What kind of file was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No tables yet.
    Empty,
    /// A store of this schema version.
    Store(i64),
    /// Tables of another program.
    Foreign,
}

/// Says what kind of file this is, without changing it.
pub(super) fn look(connection: &Connection) -> rusqlite::Result<Found> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(Found::Empty);
    }
    let is_ours = "SELECT count(*) FROM pragma_table_info('meta') WHERE name = 'schema_version'";
    let is_ours: i64 = connection.query_row(is_ours, [], |row| row.get(0))?;
    if is_ours == 0 {
        return Ok(Found::Foreign);
    }
    let version = "SELECT schema_version FROM meta";
    let version = connection
        .query_row(version, [], |row| row.get(0))
        .optional()?;
    Ok(version.map_or(Found::Foreign, Found::Store))
}

/// Migrates a file of version `from` to [`VERSION`]. The caller holds the transaction.
pub(super) fn migrate(transaction: &Connection, from: i64) -> rusqlite::Result<()> {
    run(transaction, from, MIGRATIONS)
}

fn run(transaction: &Connection, from: i64, migrations: &[(i64, &str)]) -> rusqlite::Result<()> {
    for (version, sql) in migrations.iter().filter(|(version, _)| *version > from) {
        transaction.execute_batch(sql)?;
        transaction.execute("UPDATE meta SET schema_version = ?1", [version])?;
    }
    Ok(())
}

/// The statements that create a derived table and its indexes.
pub(super) fn definition(table: &Table) -> String {
    let name = table.name;
    let mut sql = format!("CREATE TABLE \"{name}\" (\n    key TEXT PRIMARY KEY NOT NULL");
    for column in table.columns {
        let kind = match column.kind {
            ColumnKind::Text => "TEXT",
            ColumnKind::Integer => "INTEGER",
        };
        // Writing to a string cannot fail.
        let _ = write!(sql, ",\n    \"{}\" {kind}", column.name);
    }
    sql.push_str("\n) STRICT;\n");
    for column in table.columns.iter().filter(|column| column.indexed) {
        let column = column.name;
        let _ = writeln!(
            sql,
            "CREATE INDEX \"{name}_by_{column}\" ON \"{name}\" (\"{column}\");"
        );
    }
    sql
}

/// Changes whenever the definition of a derived table does, or the logic that derives it.
pub(super) fn fingerprint() -> String {
    let definitions: String = projection::ALL
        .iter()
        .map(|table| definition(table))
        .collect();
    let revision = projection::REVISION;
    BlobId::of(format!("{revision}\n{definitions}").as_bytes())
        .as_str()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_is_migrated_step_by_step() {
        let connection = Connection::open_in_memory().unwrap();
        assert_eq!(look(&connection).unwrap(), Found::Empty);
        migrate(&connection, 0).unwrap();
        assert_eq!(look(&connection).unwrap(), Found::Store(VERSION));

        let steps = [
            (1, VERSION_1),
            (2, "ALTER TABLE terms ADD COLUMN note TEXT"),
            (3, "ALTER TABLE terms ADD COLUMN host TEXT"),
        ];
        run(&connection, 1, &steps).unwrap();
        assert_eq!(look(&connection).unwrap(), Found::Store(3));
        run(&connection, 3, &steps).unwrap();
        connection
            .execute("INSERT INTO terms VALUES (1, 'a', 'note', 'host')", [])
            .unwrap();
    }

    #[test]
    fn tables_of_others_are_told_from_ours() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE meta (key TEXT)")
            .unwrap();
        assert_eq!(look(&connection).unwrap(), Found::Foreign);
    }

    #[test]
    fn every_derived_table_can_be_created() {
        let connection = Connection::open_in_memory().unwrap();
        for table in projection::ALL {
            connection.execute_batch(&definition(table)).unwrap();
        }
    }
}
