//! What is recorded: one event enum per room, wrapped here, and its stored form with a schema version.
//!
//! Invariant: [`Event::decode`] reads every schema version that a released program has written.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::id::{Seq, StreamId, Version};
use crate::{portfolio, run};

/// Schema version of events as this program writes them.
pub const SCHEMA_VERSION: u16 = 1;

/// A fact of one room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "room", content = "event", rename_all = "snake_case")]
pub enum Event {
    /// Startups, allocations, gates.
    Portfolio(portfolio::Event),
    /// Runs, tasks, merges.
    Run(run::Event),
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

/// The stored form of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// Room and type, as in `run.task_landed`.
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
        let (room, body) = match self {
            Self::Portfolio(event) => ("portfolio", serde_json::to_value(event)),
            Self::Run(event) => ("run", serde_json::to_value(event)),
        };
        // Events hold only strings, numbers, lists and maps with text keys: serialisation cannot fail.
        let body = body.unwrap_or(Value::Null);
        let kind = body
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("unknown");
        Encoded {
            kind: format!("{room}.{kind}"),
            schema_version: SCHEMA_VERSION,
            body,
        }
    }

    /// Reads a stored form.
    pub fn decode(encoded: Encoded) -> Result<Self, DecodeError> {
        let Encoded {
            kind,
            schema_version,
            body,
        } = encoded;
        if schema_version > SCHEMA_VERSION {
            return Err(DecodeError::Newer {
                kind,
                found: schema_version,
            });
        }
        let decoded = match kind.split_once('.') {
            Some(("portfolio", _)) => serde_json::from_value(body).map(Self::Portfolio),
            Some(("run", _)) => serde_json::from_value(body).map(Self::Run),
            _ => {
                return Err(DecodeError::Malformed {
                    kind,
                    problem: "unknown room".to_owned(),
                });
            }
        };
        decoded.map_err(|error| DecodeError::Malformed {
            kind,
            problem: error.to_string(),
        })
    }
}
