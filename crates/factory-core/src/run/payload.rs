//! Data that only a worker reads.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Typed data that the engine stores, hands on and compares, but never looks into. Whoever performs the task knows the
/// type behind it, so that new kinds of work need no change of the core.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(Value);

impl Payload {
    /// Nothing: the task's name says it all.
    pub const fn none() -> Self {
        Self(Value::Null)
    }

    /// The data in its stored form.
    ///
    /// # Errors
    ///
    /// The type cannot be written as JSON, for example because of a map with keys that are not text.
    pub fn of<T: Serialize>(data: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_value(data).map(Self)
    }

    /// The data.
    ///
    /// # Errors
    ///
    /// It was written as another type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.0)
    }
}
