//! Startups that end while others begin, in an order that a busy machine may produce.

use std::sync::Arc;

use factory_app::factory::Factory as _;
use factory_core::event::{Event, Recorded};
use factory_core::id::{BlobId, RunId, Seq, Slug, StreamId, Term, Version};
use factory_core::port::{
    Append, AppendError, Blobs, BoxFuture, EventLog, Query, StoreError, Terms,
};
use factory_core::portfolio;
use factory_core::projection::{Row, Select, Table};
use factory_store::MemoryStore;
use factory_testkit::{TestFactory, fixture};
use tokio::sync::watch;

/// Lets `zulu` end exactly while `mike` is being opened: after the driver has looked at the portfolio, before it
/// comes to `zulu`.
#[derive(Debug)]
struct Order {
    store: MemoryStore,
    mike_is_opened: watch::Sender<bool>,
}

impl Order {
    async fn until_mike_is_opened(&self) {
        let mut opened = self.mike_is_opened.subscribe();
        opened.wait_for(|opened| *opened).await.unwrap();
    }

    async fn until_zulu_has_ended(&self) {
        let mut seen = Seq(0);
        loop {
            let page = self.store.read_all(seen, 1000).await.unwrap();
            let ended = page.iter().any(|recorded| {
                matches!(&recorded.event, Event::Portfolio(portfolio::Event::RunEnded { slug, .. })
                    if slug.as_str() == "zulu")
            });
            if ended {
                break;
            }
            seen = page.last().map_or(seen, |recorded| recorded.seq);
            self.store.wait_beyond(seen).await.unwrap();
        }
        // Whoever followed `zulu` now stands in the line for the driver's table of runners.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}

fn begins_to_verify(event: &Event) -> bool {
    let encoded = event.encode();
    encoded.kind == "run.attempt_started" && encoded.body["task_id"] == "verify"
}

impl EventLog for Order {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Recorded>, AppendError>> {
        Box::pin(async move {
            let zulu = StreamId::repo(&Slug::from_static("zulu"));
            let held = append
                .writes
                .iter()
                .any(|write| write.stream == zulu && write.events.iter().any(begins_to_verify));
            if held {
                self.until_mike_is_opened().await;
            }
            self.store.append(append).await
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
            if stream == StreamId::repo(&Slug::from_static("mike"))
                && !self.mike_is_opened.send_replace(true)
            {
                self.until_zulu_has_ended().await;
            }
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

impl Query for Order {
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

impl Blobs for Order {
    fn put(&self, bytes: Vec<u8>) -> BoxFuture<'_, Result<BlobId, StoreError>> {
        self.store.put(bytes)
    }

    fn get(&self, id: &BlobId) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        Blobs::get(&self.store, id)
    }
}

impl Terms for Order {
    fn begin(&self, holder: &str) -> BoxFuture<'_, Result<Term, StoreError>> {
        self.store.begin(holder)
    }

    fn current(&self) -> BoxFuture<'_, Result<Term, StoreError>> {
        self.store.current()
    }
}

/// One build slot. `first` waits at its gate, and the driver stays for the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_startup_at_its_gate_does_not_keep_the_queue_waiting() {
    let mut factory = TestFactory::new();
    factory.build_at_once(1);
    let local = factory.open().await.unwrap();
    let names = ["first", "second", "third"];
    let submissions = names.iter().map(|name| fixture::from_brief(name));
    local.submit(submissions.collect()).await.unwrap();
    let driver = Arc::clone(local.driver());
    let driving = tokio::spawn(async move { driver.drive(true).await });
    let mut seen = Seq(0);
    while local.gates(true).await.unwrap().len() < names.len() {
        seen = local.wait(seen).await.unwrap();
    }
    driving.abort();
}

/// Two build slots. `alpha` ends and gives its slot to `mike`. The driver looks at the portfolio: `zulu` holds its
/// allocation. While it opens `mike`, `zulu` ends, gives its allocation back and is driven no more. The driver
/// comes to `zulu` with what it saw before.
#[tokio::test]
async fn a_startup_that_ends_while_another_is_opened_is_not_begun_again() {
    let mut factory = TestFactory::new();
    factory.build_at_once(2);
    let order = Order {
        store: factory.store().clone(),
        mike_is_opened: watch::Sender::new(false),
    };
    let local = factory
        .open_on(Arc::new(order), Some(fixture::templates()))
        .await
        .unwrap();
    let names = ["alpha", "zulu", "mike"];
    let submissions = names.iter().map(|name| fixture::from_blueprint(name));
    local.submit(submissions.collect()).await.unwrap();
    local.driver().drive(false).await.unwrap();
    for name in names {
        let detail = local.startup(&Slug::parse(name).unwrap()).await.unwrap();
        let ended = (
            detail.startup.state.as_str(),
            detail.startup.run_id.as_ref().map(RunId::as_str),
        );
        assert_eq!(ended, ("verified", Some(format!("{name}.1").as_str())));
    }
}
