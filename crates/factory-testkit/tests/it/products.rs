//! Products that are started, stopped, die, and are in the way of another run.

use std::io::{Read as _, Write as _};

use factory_app::error::Code;
use factory_app::factory::Factory as _;
use factory_app::local::Local;
use factory_core::event::Event;
use factory_core::id::{GateId, Seq, Slug};
use factory_core::portfolio::{self, State, Verdict};
use factory_store::Crash;
use factory_testkit::{TestFactory, fixture};

fn one() -> Slug {
    Slug::from_static("one")
}

/// A factory with the verified startup `one`.
async fn built(factory: &TestFactory) -> Local {
    let local = factory.open().await.unwrap();
    let submissions = vec![fixture::from_blueprint("one")];
    local.submit(submissions).await.unwrap();
    local.driver().drive(false).await.unwrap();
    local
}

/// State and reason of the product of `one`, and whether anything is held for it.
async fn seen(local: &Local) -> (String, Option<String>, bool) {
    let detail = local.startup(&one()).await.unwrap();
    let product = detail.product.unwrap();
    (
        product.state.to_string(),
        product.reason,
        detail.allocation.is_some(),
    )
}

fn died() -> (String, Option<String>, bool) {
    let reason = "its process ended".to_owned();
    ("stopped".to_owned(), Some(reason), false)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_outlives_its_driver_and_the_next_one_knows_it() {
    let factory = TestFactory::new();
    let product = built(&factory).await.start_product(&one()).await.unwrap();
    let next = factory.open().await.unwrap();
    assert_eq!(next.start_product(&one()).await.unwrap(), product);
    assert_eq!(factory.daemons().spawned(), 1);
    assert!(next.stop_product(&one()).await.unwrap());
    assert!(factory.daemons().alive().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_died_is_noticed_when_a_driver_opens() {
    let factory = TestFactory::new();
    built(&factory).await.start_product(&one()).await.unwrap();
    factory.daemons().die();
    let next = factory.open().await.unwrap();
    assert_eq!(seen(&next).await, died());
    let again = next.start_product(&one()).await.unwrap().product;
    assert_eq!((again.state.as_str(), again.reason), ("running", None));
    assert_eq!(factory.daemons().alive(), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_died_is_started_again_by_whoever_asks_first() {
    let factory = TestFactory::new();
    let local = built(&factory).await;
    local.start_product(&one()).await.unwrap();
    factory.daemons().die();
    let again = local.start_product(&one()).await.unwrap().product;
    assert_eq!((again.state.as_str(), again.pid), ("running", 2));
}

/// Drives in the background until `two` waits at its gate, and keeps waiting for people.
async fn driving(local: &Local) -> tokio::task::JoinHandle<()> {
    local
        .submit(vec![fixture::from_brief("two")])
        .await
        .unwrap();
    let driver = std::sync::Arc::clone(local.driver());
    let driving = tokio::spawn(async move { driver.drive(true).await.unwrap() });
    until(local, |event| {
        matches!(event, portfolio::Event::GateOpened { .. })
    })
    .await;
    driving
}

/// Resolves when an event of the portfolio is recorded.
async fn until(local: &Local, happened: fn(&portfolio::Event) -> bool) {
    let mut after = Seq(0);
    loop {
        for recorded in local.events(after, 1000).await.unwrap() {
            after = recorded.seq;
            if let Event::Portfolio(event) = &recorded.event
                && happened(event)
            {
                return;
            }
        }
        local.wait(after).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_dies_is_noticed_while_the_driver_drives() {
    let factory = TestFactory::new();
    let local = built(&factory).await;
    local.start_product(&one()).await.unwrap();
    let driving = driving(&local).await;
    factory.daemons().die();
    until(&local, |event| {
        matches!(event, portfolio::Event::ProductStopped { .. })
    })
    .await;
    assert_eq!(seen(&local).await, died());
    driving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_is_decided_although_whoever_drove_its_startup_was_dropped() {
    let factory = TestFactory::new();
    let local = factory.open().await.unwrap();
    let driving = driving(&local).await;
    driving.abort();
    assert!(driving.await.unwrap_err().is_cancelled());
    let gate_id = GateId::from_static("two.1.niche_validation");
    let answer = factory_app::factory::GateAnswer {
        verdict: Verdict::Approve,
        round: None,
        by: "ada".to_owned(),
        comment: None,
    };
    local.decide(&gate_id, answer).await.unwrap();
    // What was aborted is gone soon, not at once; until then nothing is driven in its place.
    let mut gates = Vec::new();
    while gates.is_empty() {
        local.driver().drive(false).await.unwrap();
        gates = local.gates(true).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(gates[0].gate_id.as_str(), "two.1.problem_solution_fit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_cannot_be_prepared_leaves_nothing_held_and_nothing_running() {
    let factory = TestFactory::new();
    let local = built(&factory).await;
    factory.processes().fail("migrate", 1);
    let failed = local.start_product(&one()).await.unwrap_err();
    assert_eq!(failed.code, Code::ProductFailed, "{}", failed.chain());
    let detail = local.startup(&one()).await.unwrap();
    assert_eq!((detail.product, detail.allocation), (None, None));
    assert_eq!(factory.daemons().spawned(), 0);
    local.start_product(&one()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_driver_granted_and_did_not_start_is_given_back_by_the_next() {
    let factory = TestFactory::new();
    let local = built(&factory).await;
    local.driver().acquire(&one()).await.unwrap();
    assert!(local.startup(&one()).await.unwrap().allocation.is_some());
    let next = factory.open().await.unwrap();
    assert_eq!(next.startup(&one()).await.unwrap().allocation, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_whose_folder_is_gone_is_not_started_and_not_made_anew() {
    let factory = TestFactory::new();
    let local = built(&factory).await;
    let (folder, elsewhere) = (factory.product(&one()), factory.root().join("elsewhere"));
    std::fs::rename(&folder, &elsewhere).unwrap();
    let refused = local.start_product(&one()).await.unwrap_err();
    assert_eq!(refused.code, Code::NotBuilt, "{}", refused.chain());
    assert!(!folder.exists());
    assert_eq!(local.startup(&one()).await.unwrap().allocation, None);
    std::fs::rename(&elsewhere, &folder).unwrap();
    local.start_product(&one()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_startup_is_not_built_again_while_its_product_runs() {
    let factory = TestFactory::new();
    factory.processes().fail("types", u32::MAX);
    let local = built(&factory).await;
    let before = local.start_product(&one()).await.unwrap().product;
    let again = || vec![fixture::from_blueprint("one")];
    let refused = local.submit(again()).await.unwrap_err();
    assert_eq!(refused.code, Code::ProductRuns);
    let hint = "stop its product first: `factory startup down one`";
    assert_eq!(refused.hint.as_deref(), Some(hint));
    let detail = local.startup(&one()).await.unwrap();
    assert_eq!(detail.startup.state, State::Unverified);
    assert_eq!(detail.product, Some(before));
    assert!(detail.allocation.is_some(), "its ports are still its own");
    local.stop_product(&one()).await.unwrap();
    factory.processes().fail("types", 0);
    local.submit(again()).await.unwrap();
    local.driver().drive(false).await.unwrap();
    let detail = local.startup(&one()).await.unwrap();
    assert_eq!(detail.startup.state, State::Verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_whose_driver_dies_before_it_is_recorded_is_stopped_by_the_next() {
    let factory = TestFactory::new();
    let local = built(&factory).await;
    // Its resources are granted, the process is started, and the driver dies before it can say so or clean up.
    factory.store().fail_after(1, Crash::Before);
    factory.daemons().unstoppable(true);
    local.start_product(&one()).await.unwrap_err();
    drop(local);
    assert_eq!(factory.daemons().alive(), [1]);
    factory.daemons().unstoppable(false);
    let factory = factory.after_crash();
    let next = factory.open().await.unwrap();
    assert!(factory.daemons().alive().is_empty());
    let detail = next.startup(&one()).await.unwrap();
    assert_eq!((detail.product, detail.allocation), (None, None));
    next.start_product(&one()).await.unwrap();
    // One that is recorded goes on.
    factory.open().await.unwrap();
    assert_eq!(factory.daemons().alive(), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_said_to_answer_once_it_does() {
    let factory = TestFactory::new();
    let local = built(&factory).await;
    let started = local.start_product(&one()).await.unwrap();
    assert!(!started.answers, "nobody listens on its port");
    let port = started.product.ports["web"];
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 256]).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    });
    assert!(local.start_product(&one()).await.unwrap().answers);
    server.join().unwrap();
}
