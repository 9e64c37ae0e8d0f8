//! One append on the writer's connection.

use factory_core::clock::Timestamp;
use factory_core::event::{Event, Recorded};
use factory_core::id::{Seq, StreamId, Term, Version};
use factory_core::port::{Append, AppendError, StoreError};
use rusqlite::{Connection, OptionalExtension as _};

use super::fault::{self, integer};
use super::{project, read};
use crate::shape;

/// An append with its events encoded, by the caller, to keep that work off the writer thread.
#[derive(Debug)]
pub(super) struct Prepared {
    at: Timestamp,
    at_text: String,
    term: Option<Term>,
    writes: Vec<PreparedWrite>,
}

#[derive(Debug)]
struct PreparedWrite {
    stream: StreamId,
    expected: Option<Version>,
    events: Vec<PreparedEvent>,
}

#[derive(Debug)]
struct PreparedEvent {
    event: Event,
    kind: String,
    schema_version: u16,
    body: String,
}

impl Prepared {
    /// Encodes all events of an append.
    pub(super) fn new(append: Append) -> Result<Self, StoreError> {
        let at_text = shape::time_text(append.at)?;
        let writes = append.writes.into_iter().map(|write| PreparedWrite {
            stream: write.stream,
            expected: write.expected,
            events: write.events.into_iter().map(PreparedEvent::new).collect(),
        });
        Ok(Self {
            at: append.at,
            at_text,
            term: append.term,
            writes: writes.collect(),
        })
    }

    /// Stores the events after `head` and updates the derived tables. The caller holds the savepoint.
    pub(super) fn perform(
        self,
        transaction: &Connection,
        head: Seq,
    ) -> Result<Vec<Recorded>, AppendError> {
        if let Some(ours) = self.term {
            let current = read::term(transaction).map_err(AppendError::Store)?;
            if ours < current {
                return Err(AppendError::Fenced { ours, current });
            }
        }
        let mut recorded: Vec<Recorded> = Vec::new();
        for write in self.writes {
            let found = version(transaction, &write.stream).map_err(failed)?;
            if let Some(expected) = write.expected.filter(|expected| *expected != found) {
                return Err(AppendError::Conflict {
                    stream: write.stream,
                    expected,
                    found,
                });
            }
            let mut version = found;
            for event in write.events {
                version = version.next();
                let seq = Seq(head.0 + recorded.len() as u64).next();
                event
                    .insert(transaction, seq, &write.stream, version, &self.at_text)
                    .map_err(failed)?;
                let stream = write.stream.clone();
                let event = Recorded {
                    seq,
                    stream,
                    version,
                    at: self.at,
                    event: event.event,
                };
                project::apply(transaction, &event).map_err(AppendError::Store)?;
                recorded.push(event);
            }
            if version > found {
                set_version(transaction, &write.stream, version).map_err(failed)?;
            }
        }
        Ok(recorded)
    }
}

impl PreparedEvent {
    fn new(event: Event) -> Self {
        let encoded = event.encode();
        let body = encoded.body.to_string();
        Self {
            event,
            kind: encoded.kind,
            schema_version: encoded.schema_version,
            body,
        }
    }

    fn insert(
        &self,
        transaction: &Connection,
        seq: Seq,
        stream: &StreamId,
        version: Version,
        at: &str,
    ) -> rusqlite::Result<()> {
        let sql = "INSERT INTO events (seq, stream, version, at, type, schema_version, body) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        transaction.prepare_cached(sql)?.execute((
            integer(seq.0),
            stream.as_str(),
            integer(version.0),
            at,
            &self.kind,
            self.schema_version,
            &self.body,
        ))?;
        Ok(())
    }
}

fn version(transaction: &Connection, stream: &StreamId) -> rusqlite::Result<Version> {
    let version: Option<i64> = transaction
        .prepare_cached("SELECT version FROM streams WHERE stream = ?1")?
        .query_row([stream.as_str()], |row| row.get(0))
        .optional()?;
    Ok(Version(version.unwrap_or(0).unsigned_abs()))
}

fn set_version(
    transaction: &Connection,
    stream: &StreamId,
    version: Version,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO streams (stream, version) VALUES (?1, ?2) \
               ON CONFLICT (stream) DO UPDATE SET version = excluded.version";
    transaction
        .prepare_cached(sql)?
        .execute((stream.as_str(), integer(version.0)))?;
    Ok(())
}

fn failed(error: rusqlite::Error) -> AppendError {
    AppendError::Store(fault::sqlite("store events", error))
}
