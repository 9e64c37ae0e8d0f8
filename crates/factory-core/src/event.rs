//! What is recorded: one event enum per room, wrapped here, and its stored form with a schema version.
//!
//! The name of an event, as in `run.landed`, is the same in the database, in `--json` and on every stream of events.
//!
//! Invariant: [`Event::decode`] reads every schema version that a released program has written.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::id::{RunId, Seq, StreamId, TaskId, Version};
use crate::{portfolio, run};

/// Schema version of events as this program writes them. Version 1 was never released.
pub const SCHEMA_VERSION: u16 = 2;

/// Brings a stored event from one schema version to the next. It sees the type and may change type and fields.
pub type Upcaster = fn(&mut Encoded);

/// From [`SCHEMA_VERSION_MIN`] upwards, one per version below [`SCHEMA_VERSION`].
const UPCASTERS: &[Upcaster] = &[];

/// Oldest schema version that can be read.
#[expect(clippy::cast_possible_truncation, reason = "a handful of versions")]
pub const SCHEMA_VERSION_MIN: u16 = SCHEMA_VERSION - UPCASTERS.len() as u16;

/// A fact of one room.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Startups, allocations, gates.
    Portfolio(portfolio::Event),
    /// Runs, tasks, merges.
    Run(run::RunEvent),
}

/// An event with its place in the log. As JSON: `{seq, stream, version, at, type, schema_version, data}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Recorded {
    /// Place in the whole log.
    pub seq: Seq,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Place in the stream, from 1.
    pub version: Version,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// The JSON form of [`Recorded`].
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wire {
    seq: Seq,
    stream: StreamId,
    version: Version,
    at: Timestamp,
    #[serde(rename = "type")]
    kind: String,
    schema_version: u16,
    data: Value,
}

impl From<Recorded> for Wire {
    fn from(recorded: Recorded) -> Self {
        let encoded = recorded.event.encode();
        Self {
            seq: recorded.seq,
            stream: recorded.stream,
            version: recorded.version,
            at: recorded.at,
            kind: encoded.kind,
            schema_version: encoded.schema_version,
            data: encoded.body,
        }
    }
}

impl TryFrom<Wire> for Recorded {
    type Error = DecodeError;

    fn try_from(wire: Wire) -> Result<Self, DecodeError> {
        Ok(Self {
            seq: wire.seq,
            stream: wire.stream,
            version: wire.version,
            at: wire.at,
            event: Event::decode(Encoded {
                kind: wire.kind,
                schema_version: wire.schema_version,
                body: wire.data,
            })?,
        })
    }
}

/// The stored form of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// Room and type, as in `run.landed`.
    pub kind: String,
    /// Schema version that `body` was written with.
    pub schema_version: u16,
    /// The fields.
    pub body: Value,
}

/// A stored event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A newer program wrote it.
    #[error("event `{kind}` has schema version {found}, this program reads up to {SCHEMA_VERSION}")]
    Newer {
        /// Room and type.
        kind: String,
        /// The version found.
        found: u16,
    },
    /// A program from before the first release wrote it.
    #[error(
        "event `{kind}` has schema version {found} of a program that was never released; \
         this program reads from {SCHEMA_VERSION_MIN} on"
    )]
    Unreleased {
        /// Room and type.
        kind: String,
        /// The version found.
        found: u16,
    },
    /// The fields do not fit the type.
    #[error("event `{kind}` cannot be read: {problem}")]
    Malformed {
        /// Room and type.
        kind: String,
        /// What the decoder said.
        problem: String,
    },
}

impl Event {
    /// The stored form.
    pub fn encode(&self) -> Encoded {
        let (aggregate, mut fields) = match self {
            Self::Portfolio(event) => ("portfolio", fields_of(event)),
            Self::Run(event) => ("run", run_fields(event)),
        };
        let kind = fields.remove("type");
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
        Encoded {
            kind: format!("{aggregate}.{kind}"),
            schema_version: SCHEMA_VERSION,
            body: Value::Object(fields),
        }
    }

    /// Reads a stored form of any version that a released program has written.
    ///
    /// # Errors
    ///
    /// A newer program wrote it, or it is damaged.
    pub fn decode(encoded: Encoded) -> Result<Self, DecodeError> {
        Self::from_current(upcast(encoded, SCHEMA_VERSION_MIN, UPCASTERS)?)
    }

    fn from_current(encoded: Encoded) -> Result<Self, DecodeError> {
        let Encoded { kind, body, .. } = encoded;
        let malformed = |problem: String| DecodeError::Malformed {
            kind: kind.clone(),
            problem,
        };
        let Value::Object(fields) = body else {
            return Err(malformed("its fields are not an object".to_owned()));
        };
        let decoded = match kind.split_once('.') {
            Some(("portfolio", name)) => event_of(name, fields).map(Self::Portfolio),
            Some(("run", name)) => run_event(name, fields).map(Self::Run),
            _ => return Err(malformed("unknown category".to_owned())),
        };
        decoded.map_err(|error| malformed(error.to_string()))
    }
}

/// Brings an event to the newest version, step by step.
fn upcast(
    mut encoded: Encoded,
    oldest: u16,
    upcasters: &[Upcaster],
) -> Result<Encoded, DecodeError> {
    let found = encoded.schema_version;
    let Some(done) = found.checked_sub(oldest) else {
        let kind = encoded.kind;
        return Err(DecodeError::Unreleased { kind, found });
    };
    let Some(left) = upcasters.get(usize::from(done)..) else {
        let kind = encoded.kind;
        return Err(DecodeError::Newer { kind, found });
    };
    for upcaster in left {
        upcaster(&mut encoded);
        encoded.schema_version += 1;
    }
    Ok(encoded)
}

type Fields = Map<String, Value>;

#[expect(
    clippy::expect_used,
    reason = "Invariant: events are enums with a tag that hold strings, numbers, lists and maps with text keys; an \
              event that cannot be written must not become an empty one in the log"
)]
fn fields_of(event: &impl Serialize) -> Fields {
    let value = serde_json::to_value(event).expect("an event can be written as JSON");
    match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
    .expect("an event is an object")
}

fn event_of<T: for<'de> Deserialize<'de>>(
    name: &str,
    mut fields: Fields,
) -> Result<T, serde_json::Error> {
    fields.insert("type".to_owned(), name.into());
    T::deserialize(Value::Object(fields))
}

/// The fields of the innermost event, with the names of its run and its task beside them.
fn run_fields(event: &run::RunEvent) -> Fields {
    let (task_id, inner) = match &event.event {
        run::Event::Task { task_id, event } => (Some(task_id), fields_of(event)),
        of_run => (None, fields_of(of_run)),
    };
    let mut fields = Fields::new();
    fields.insert("run_id".to_owned(), event.run_id.as_str().into());
    if let Some(task_id) = task_id {
        fields.insert("task_id".to_owned(), task_id.as_str().into());
    }
    fields.extend(inner);
    fields
}

/// Invariant: an event of a task, and no other, has a field `task_id`.
fn run_event(name: &str, mut fields: Fields) -> Result<run::RunEvent, serde_json::Error> {
    let run_id = RunId::deserialize(fields.remove("run_id").unwrap_or_default())?;
    let event = match fields.remove("task_id") {
        Some(task_id) => run::Event::Task {
            task_id: TaskId::deserialize(task_id)?,
            event: event_of(name, fields)?,
        },
        None => event_of(name, fields)?,
    };
    Ok(run::RunEvent { run_id, event })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::id::{Epoch, Slug};

    fn recorded(event: Event) -> Recorded {
        Recorded {
            seq: Seq(7),
            stream: StreamId::repo(&Slug::from_static("ledgerly")),
            version: Version(3),
            at: Timestamp(0),
            event,
        }
    }

    fn of_run(event: run::Event) -> Event {
        Event::Run(run::RunEvent {
            run_id: RunId::from_static("ledgerly.1"),
            event,
        })
    }

    #[test]
    fn an_event_of_a_task_lies_flat_under_its_own_name() {
        let event = of_run(run::Event::task(
            TaskId::from_static("scaffold"),
            run::TaskEvent::MergeDropped { epoch: Epoch(2) },
        ));
        let json = serde_json::to_value(recorded(event.clone())).unwrap();
        let expected = json!({
            "seq": 7, "stream": "repo/ledgerly", "version": 3, "at": "1970-01-01T00:00:00.000Z",
            "type": "run.merge_dropped", "schema_version": 2,
            "data": {"run_id": "ledgerly.1", "task_id": "scaffold", "epoch": 2},
        });
        assert_eq!(json, expected);
        let back: Recorded = serde_json::from_value(json).unwrap();
        assert_eq!(back.event, event);
    }

    #[test]
    fn an_event_of_a_run_names_no_task() {
        let event = of_run(run::Event::Finished {
            end: run::End::Failed,
            reason: None,
        });
        let encoded = event.encode();
        assert_eq!(encoded.kind, "run.finished");
        assert_eq!(
            encoded.body,
            json!({"run_id": "ledgerly.1", "end": "failed", "reason": null})
        );
        assert_eq!(Event::decode(encoded).unwrap(), event);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (kind, version, body, expected) in [
            ("run.landed", 1, json!({}), "never released"),
            ("run.landed", 3, json!({}), "reads up to 2"),
            ("run.landed", 2, json!([]), "not an object"),
            (
                "run.landed",
                2,
                json!({"run_id": "x.1", "task_id": "t"}),
                "missing field",
            ),
            (
                "run.exploded",
                2,
                json!({"run_id": "x.1"}),
                "unknown variant",
            ),
            (
                "run.finished",
                2,
                json!({"run_id": "../x.1"}),
                "not a valid run",
            ),
            ("weather.changed", 2, json!({}), "unknown category"),
        ] {
            let encoded = Encoded {
                kind: kind.to_owned(),
                schema_version: version,
                body,
            };
            let error = Event::decode(encoded).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn an_older_event_is_brought_forward_step_by_step() {
        let upcasters: &[Upcaster] = &[
            |encoded| encoded.kind = encoded.kind.replace("ended", "finished"),
            |encoded| encoded.body["reason"] = Value::Null,
        ];
        let old = |schema_version, kind: &str| Encoded {
            kind: kind.to_owned(),
            schema_version,
            body: json!({"run_id": "ledgerly.1", "end": "failed"}),
        };
        let expected = of_run(run::Event::Finished {
            end: run::End::Failed,
            reason: None,
        });
        for (version, kind) in [(4, "run.ended"), (5, "run.finished")] {
            let newest = upcast(old(version, kind), 4, upcasters).unwrap();
            assert_eq!(newest.schema_version, 6);
            assert_eq!(Event::from_current(newest).unwrap(), expected, "{version}");
        }
        assert!(upcast(old(3, "run.ended"), 4, upcasters).is_err());
        assert!(upcast(old(7, "run.ended"), 4, upcasters).is_err());
    }
}
