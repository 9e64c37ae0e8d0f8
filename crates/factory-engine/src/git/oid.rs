//! The ids of objects.

use std::fmt;
use std::str::FromStr;

use factory_core::id::ObjectId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The id of a git object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(pub(crate) gix::ObjectId);

/// A text that is not an object id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a git object id")]
pub struct OidError {
    /// As it was read.
    pub text: String,
}

impl Oid {
    /// The tree without entries.
    pub fn empty_tree() -> Self {
        Self(gix::ObjectId::empty_tree(gix::hash::Kind::Sha1))
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<Oid> for ObjectId {
    #[expect(
        clippy::expect_used,
        reason = "Invariant: the ids of git have 20 or 32 bytes"
    )]
    fn from(oid: Oid) -> Self {
        Self::from_bytes(oid.0.as_slice()).expect("an object id")
    }
}

impl TryFrom<&ObjectId> for Oid {
    type Error = OidError;

    fn try_from(id: &ObjectId) -> Result<Self, OidError> {
        id.as_str().parse()
    }
}

impl FromStr for Oid {
    type Err = OidError;

    fn from_str(text: &str) -> Result<Self, OidError> {
        let parsed = gix::ObjectId::from_hex(text.as_bytes());
        parsed.map(Self).map_err(|_| OidError {
            text: text.to_owned(),
        })
    }
}

impl Serialize for Oid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Oid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
