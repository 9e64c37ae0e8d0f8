//! A memory store whose calls a test slows down, to force an order that a busy machine may produce.

use std::fmt::Debug;

use factory_core::event::Recorded;
use factory_core::id::{BlobId, Seq, StreamId, Term, Version};
use factory_core::port::{
    Append, AppendError, Blobs, BoxFuture, EventLog, Query, StoreError, Terms,
};
use factory_core::projection::{Row, Select, Table};
use factory_store::MemoryStore;

/// What a test does around the calls of a [`HookedStore`]; nothing, unless it is overridden.
pub trait Hooks: Debug + Send + Sync + 'static {
    /// Before events are appended.
    fn before_append<'a>(&'a self, _append: &'a Append) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    /// After events have been appended, before the caller is told.
    fn after_append<'a>(&'a self, _recorded: &'a [Recorded]) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Before a stream is read.
    fn before_read<'a>(&'a self, _stream: &'a StreamId) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A memory store with a test's hooks.
#[derive(Debug)]
pub struct HookedStore<H> {
    store: MemoryStore,
    hooks: H,
}

impl<H: Hooks> HookedStore<H> {
    /// Hooks for `store`.
    pub fn new(store: MemoryStore, hooks: H) -> Self {
        Self { store, hooks }
    }
}

impl<H: Hooks> EventLog for HookedStore<H> {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Recorded>, AppendError>> {
        Box::pin(async move {
            self.hooks.before_append(&append).await;
            let recorded = self.store.append(append).await?;
            self.hooks.after_append(&recorded).await;
            Ok(recorded)
        })
    }

    fn read(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>> {
        let stream = stream.clone();
        Box::pin(async move {
            self.hooks.before_read(&stream).await;
            self.store.read(&stream, after, limit).await
        })
    }

    fn read_all(
        &self,
        after: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>> {
        self.store.read_all(after, limit)
    }

    fn head(&self) -> BoxFuture<'_, Result<Seq, StoreError>> {
        self.store.head()
    }

    fn wait_beyond(&self, seq: Seq) -> BoxFuture<'_, Result<Seq, StoreError>> {
        self.store.wait_beyond(seq)
    }
}

impl<H: Hooks> Query for HookedStore<H> {
    fn get(
        &self,
        table: &'static Table,
        key: &str,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        Query::get(&self.store, table, key)
    }

    fn list(&self, select: Select) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.store.list(select)
    }
}

impl<H: Hooks> Blobs for HookedStore<H> {
    fn put(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<BlobId, StoreError>> {
        self.store.put(bytes)
    }

    fn get(&self, id: &BlobId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        Blobs::get(&self.store, id)
    }
}

impl<H: Hooks> Terms for HookedStore<H> {
    fn begin(&self, holder: &str) -> BoxFuture<'_, Result<Term, StoreError>> {
        self.store.begin(holder)
    }

    fn current(&self) -> BoxFuture<'_, Result<Term, StoreError>> {
        self.store.current()
    }
}
