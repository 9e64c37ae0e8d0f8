//! Startups that end while others begin, in an order that a busy machine may produce.

use std::sync::Arc;

use factory_app::factory::Factory as _;
use factory_core::event::{Event, Recorded};
use factory_core::id::{RunId, Seq, Slug, StreamId};
use factory_core::port::{Append, BoxFuture, EventLog as _};
use factory_core::portfolio;
use factory_store::MemoryStore;
use factory_testkit::{HookedStore, Hooks, TestFactory, fixture};
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
        // Whoever followed `zulu` is now waiting for the driver's table of runners.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}

fn begins_to_verify(event: &Event) -> bool {
    let encoded = event.encode();
    encoded.kind == "run.attempt_started" && encoded.body["task_id"] == "verify"
}

impl Hooks for Order {
    fn before_append<'a>(&'a self, append: &'a Append) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let zulu = StreamId::repo(&Slug::from_static("zulu"));
            let held = append
                .writes
                .iter()
                .any(|write| write.stream == zulu && write.events.iter().any(begins_to_verify));
            if held {
                self.until_mike_is_opened().await;
            }
        })
    }

    fn before_read<'a>(&'a self, stream: &'a StreamId) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if *stream == StreamId::repo(&Slug::from_static("mike"))
                && !self.mike_is_opened.send_replace(true)
            {
                self.until_zulu_has_ended().await;
            }
        })
    }
}

/// Holds the answer of the append that submits, until the test lets go.
#[derive(Debug)]
struct HeldAnswer {
    appended: watch::Sender<bool>,
    go: watch::Sender<bool>,
}

impl Hooks for HeldAnswer {
    fn after_append<'a>(&'a self, recorded: &'a [Recorded]) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let submitted = recorded.iter().any(|recorded| {
                matches!(
                    recorded.event,
                    Event::Portfolio(portfolio::Event::StartupCreated { .. })
                )
            });
            if submitted {
                self.appended.send_replace(true);
                let mut go = self.go.subscribe();
                go.wait_for(|go| *go).await.unwrap();
            }
        })
    }
}

/// The client hangs up after its submission was made durable and before it was answered.
#[tokio::test]
async fn a_submission_whose_client_hangs_up_is_built_all_the_same() {
    let factory = TestFactory::new();
    let (appended, go) = (watch::Sender::new(false), watch::Sender::new(false));
    let mut is_appended = appended.subscribe();
    let hooks = HeldAnswer {
        appended,
        go: go.clone(),
    };
    let store = HookedStore::new(factory.store().clone(), hooks);
    let local = factory
        .open_on(Arc::new(store), Some(fixture::templates()))
        .await
        .unwrap();
    tokio::select! {
        _ = local.submit(vec![fixture::from_blueprint("alpha")]) => panic!("its answer is held"),
        appended = is_appended.wait_for(|appended| *appended) => drop(appended.unwrap()),
    }
    go.send_replace(true);
    local.driver().drive(false).await.unwrap();
    let detail = local.startup(&Slug::from_static("alpha")).await.unwrap();
    assert_eq!(detail.startup.state.as_str(), "verified");
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
    let store = factory.store().clone();
    let order = Order {
        store: factory.store().clone(),
        mike_is_opened: watch::Sender::new(false),
    };
    let local = factory
        .open_on(
            Arc::new(HookedStore::new(store, order)),
            Some(fixture::templates()),
        )
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
