//! The store itself: which threads it owns, and its implementation of the ports.

use std::fs;
use std::path::{Path, PathBuf};

use factory_core::event::Recorded;
use factory_core::id::{BlobId, Seq, StreamId, Term, Version};
use factory_core::port::{
    Append, AppendError, Blobs, BoxFuture, EventLog, Query, StoreError, Terms,
};
use factory_core::projection::{Row, Select, Table};
use rusqlite::Connection;

use super::blobs::{BLOBS, BlobFolder};
use super::connection::{self, DATABASE, Durability};
use super::fault::OpenError;
use super::workers::Workers;
use super::writer::Writer;
use super::{backup, blobs, open, read};
use crate::shape;

/// Threads that answer queries.
const READERS: usize = 4;

/// Threads that read, write and copy blobs; mostly they wait for the disk.
const BLOB_WORKERS: usize = 4;

/// A store in a folder.
///
/// Dropping it blocks until everything submitted is committed: in practice one commit at most.
/// [`EventLog::wait_beyond`] wakes only for appends of this store; all other calls see at once what another
/// process appends to the same folder.
#[derive(Debug)]
pub struct SqliteStore {
    database: PathBuf,
    blobs: BlobFolder,
    /// Dropped before the writer: the last connection to close empties and removes the write-ahead log.
    readers: Workers<Connection>,
    blob_workers: Workers<()>,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the store in the folder `dir`; creates it if it is missing.
    pub fn open(dir: &Path, durability: Durability) -> Result<Self, OpenError> {
        let is_new = !dir.exists();
        fs::create_dir_all(dir).map_err(OpenError::io(dir))?;
        if let (true, Some(parent)) = (is_new, dir.parent().filter(|parent| parent.is_dir())) {
            blobs::sync_folder(parent).map_err(OpenError::io(parent))?;
        }
        let database = dir.join(DATABASE);
        let connection = open::prepare(&database, durability)?;
        let head = read::head(&connection).map_err(OpenError::store(&database))?;
        let root = dir.join(BLOBS);
        let blobs = BlobFolder::open(root.clone()).map_err(OpenError::io(&root))?;
        let readers = (0..READERS).map(|_| connection::reader(&database));
        let readers = readers.collect::<Result<Vec<Connection>, OpenError>>()?;
        let failed = || OpenError::io(&database);
        Ok(Self {
            readers: Workers::start("store-reader", readers).map_err(failed())?,
            blob_workers: Workers::start("store-blobs", vec![(); BLOB_WORKERS]).map_err(failed())?,
            writer: Writer::start(connection, database.clone(), durability, head)
                .map_err(failed())?,
            blobs,
            database,
        })
    }

    /// Copies the current state of the store to the folder `target`, which then opens as a store of its own.
    /// Refused if `target` already contains a store. Others can read and append meanwhile.
    pub async fn backup_to(&self, target: &Path) -> Result<(), StoreError> {
        let (database, blobs) = (self.database.clone(), self.blobs.clone());
        let target = target.to_owned();
        self.blob_workers
            .run(move |()| backup::copy(&database, &blobs, &target))
            .await
    }

    /// Number of transactions committed since the store was opened, each with one or more operations.
    pub fn commits(&self) -> u64 {
        self.writer.commits()
    }
}

impl EventLog for SqliteStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Recorded>, AppendError>> {
        Box::pin(self.writer.append(append))
    }

    fn read(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>> {
        let stream = stream.clone();
        Box::pin(
            self.readers
                .run(move |connection| read::read(connection, &stream, after, limit)),
        )
    }

    fn read_all(
        &self,
        after: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>> {
        Box::pin(
            self.readers
                .run(move |connection| read::read_all(connection, after, limit)),
        )
    }

    fn head(&self) -> BoxFuture<'_, Result<Seq, StoreError>> {
        Box::pin(self.readers.run(read::head))
    }

    fn wait_beyond(&self, seq: Seq) -> BoxFuture<'_, Result<Seq, StoreError>> {
        Box::pin(self.writer.wait_beyond(seq))
    }
}

impl Query for SqliteStore {
    fn get(
        &self,
        table: &'static Table,
        key: &str,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        let key = key.to_owned();
        Box::pin(self.readers.run(move |connection| {
            shape::check_table(table)?;
            read::row(connection, table, &key)
        }))
    }

    fn list(&self, select: Select) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(self.readers.run(move |connection| {
            shape::check_select(&select)?;
            read::list(connection, &select)
        }))
    }
}

impl Blobs for SqliteStore {
    fn put(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<BlobId, StoreError>> {
        let blobs = self.blobs.clone();
        Box::pin(self.blob_workers.run(move |()| blobs.put(&bytes)))
    }

    fn get(&self, id: &BlobId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        let (blobs, id) = (self.blobs.clone(), id.clone());
        Box::pin(self.blob_workers.run(move |()| blobs.get(&id)))
    }
}

impl Terms for SqliteStore {
    fn begin(&self, holder: &str) -> BoxFuture<'_, Result<Term, StoreError>> {
        Box::pin(self.writer.begin(holder.to_owned()))
    }

    fn current(&self) -> BoxFuture<'_, Result<Term, StoreError>> {
        Box::pin(self.readers.run(read::term))
    }
}
