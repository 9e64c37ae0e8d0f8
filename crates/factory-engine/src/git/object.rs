//! Objects: their ids, blobs and commits.

use std::fmt;
use std::str::FromStr;

use factory_core::id::ObjectId;
use gix::bstr::BString;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::repository::{GitError, Repository, Tried as _};

/// The id of a git object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(pub(crate) gix::ObjectId);

/// A text that is no object id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a git object id")]
pub struct OidError {
    /// The text.
    pub text: String,
}

impl Oid {
    /// The tree without entries.
    pub fn empty_tree() -> Self {
        Self(gix::ObjectId::empty_tree(gix::hash::Kind::Sha1))
    }

    /// The id that `bytes` have as a blob, without writing them.
    pub fn of_blob(bytes: &[u8]) -> Result<Self, GitError> {
        let kind = gix::objs::Kind::Blob;
        gix::objs::compute_hash(gix::hash::Kind::Sha1, kind, bytes)
            .tried(|| format!("hash {} bytes", bytes.len()))
            .map(Self)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<Oid> for ObjectId {
    fn from(oid: Oid) -> Self {
        Self::new(oid.to_string())
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

/// Who writes commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Shown name.
    pub name: String,
    /// Address; need not exist.
    pub email: String,
}

impl Identity {
    /// The program itself, for users to whom git has given no identity.
    pub fn program() -> Self {
        Self {
            name: "Startup Factory".to_owned(),
            email: "factory@localhost".to_owned(),
        }
    }

    /// The identity in the repository's configuration, else in the user's, else the program's.
    pub(super) fn of_user(repo: &gix::Repository) -> Self {
        let globals = gix::config::File::from_globals().ok();
        let value = |key: &str| {
            let own = repo.config_snapshot().string(key);
            own.or_else(|| globals.as_ref()?.string(key))
                .map(|value| value.to_string())
        };
        match (value("user.name"), value("user.email")) {
            (Some(name), Some(email)) => Self { name, email },
            _ => Self::program(),
        }
    }
}

/// A commit to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitSpec {
    /// What it holds.
    pub tree: Oid,
    /// What it follows.
    pub parents: Vec<Oid>,
    /// The whole message, trailers included.
    pub message: String,
    /// Seconds since 1970, UTC; author and committer time.
    pub time_epoch_s: i64,
}

impl Repository {
    /// Writes a blob, unless the repository has it.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid, GitError> {
        self.blobs().write(bytes)
    }

    /// Reads a blob.
    pub fn read_blob(&self, blob: Oid) -> Result<Vec<u8>, GitError> {
        self.blobs().read(blob)
    }

    /// Reads and writes many blobs on one thread, without setting up a handle for each.
    pub(crate) fn blobs(&self) -> Blobs {
        Blobs(self.local())
    }

    /// Writes a commit by the repository's identity. No reference points to it yet.
    pub fn write_commit(&self, spec: &CommitSpec) -> Result<Oid, GitError> {
        let signature = self.signature(spec.time_epoch_s);
        let commit = gix::objs::Commit {
            tree: spec.tree.0,
            parents: spec.parents.iter().map(|parent| parent.0).collect(),
            author: signature.clone(),
            committer: signature,
            encoding: None,
            message: BString::from(spec.message.as_str()),
            extra_headers: Vec::new(),
        };
        let local = self.local();
        let id = local
            .write_object(&commit)
            .tried(|| format!("write a commit of {}", spec.tree))?;
        Ok(Oid(id.detach()))
    }

    /// The tree of a commit; a tree is its own.
    pub fn tree_of(&self, commit_or_tree: Oid) -> Result<Oid, GitError> {
        let local = self.local();
        let object = local.find_object(commit_or_tree.0);
        let object = object.tried(|| format!("read the object {commit_or_tree}"))?;
        let tree = object.peel_to_kind(gix::objs::Kind::Tree);
        Ok(Oid(tree
            .tried(|| format!("find the tree of {commit_or_tree}"))?
            .id))
    }

    pub(super) fn signature(&self, time_epoch_s: i64) -> gix::actor::Signature {
        let Identity { name, email } = self.identity();
        gix::actor::Signature {
            name: BString::from(name.as_str()),
            email: BString::from(email.as_str()),
            time: gix::date::Time {
                seconds: time_epoch_s,
                offset: 0,
            },
        }
    }
}

/// One thread's handle on the blobs.
pub(crate) struct Blobs(gix::Repository);

impl Blobs {
    pub(crate) fn read(&self, blob: Oid) -> Result<Vec<u8>, GitError> {
        let found = self.0.find_blob(blob.0);
        let mut found = found.tried(|| format!("read the blob {blob}"))?;
        Ok(found.take_data())
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Result<Oid, GitError> {
        let written = self.0.write_blob(bytes);
        let id = written.tried(|| format!("write a blob of {} bytes", bytes.len()))?;
        Ok(Oid(id.detach()))
    }
}
