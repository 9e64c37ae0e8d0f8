//! Blobs and commits.

use gix::bstr::BString;

use super::error::{GitError, Tried as _};
use super::handle::Handle;
use super::identity::Identity;
use super::oid::Oid;
use super::repository::Repository;

impl Oid {
    /// The id that `bytes` have as a blob, without writing them.
    pub fn of_blob(bytes: &[u8]) -> Result<Self, GitError> {
        let kind = gix::objs::Kind::Blob;
        gix::objs::compute_hash(gix::hash::Kind::Sha1, kind, bytes)
            .tried(|| format!("hash {} bytes", bytes.len()))
            .map(Self)
    }
}

/// A commit to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitSpec {
    /// All files after the commit.
    pub tree: Oid,
    /// None for the first commit of a branch.
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
pub(crate) struct Blobs(Handle);

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
