//! Planned crashes of the memory store.

use factory_core::id::Seq;
use factory_core::port::{AppendError, Blobs as _, EventLog as _, StoreError, Terms as _};
use factory_store::{Crash, MemoryStore};

use crate::catalogue::note;
use crate::fixture::{at, to};

#[tokio::test]
async fn a_crash_before_an_append_loses_it() {
    let store = MemoryStore::new();
    store.fail_after(2, Crash::Before);
    store.append(to("a", vec![note("1")])).await.unwrap();
    store.append(to("a", vec![note("2")])).await.unwrap();
    for _ in 0..2 {
        let error = store.append(to("a", vec![note("3")])).await.unwrap_err();
        assert!(matches!(error, AppendError::Store(StoreError::Closed)));
    }
    assert_eq!(store.append_count(), 2);
    let survivor = store.survivor();
    assert_eq!(
        (survivor.head().await.unwrap(), survivor.append_count()),
        (Seq(2), 0)
    );
    survivor.append(at("a", 2, vec![note("3")])).await.unwrap();
}

#[tokio::test]
async fn a_crash_after_an_append_keeps_it() {
    let store = MemoryStore::new();
    store.fail_after(1, Crash::After);
    store.append(to("a", vec![note("1")])).await.unwrap();
    for number in ["2", "3", "4"] {
        store.append(to("a", vec![note(number)])).await.unwrap_err();
    }
    // Only the append that crashed is in doubt: a dead process makes no more of them.
    let survivor = store.survivor();
    let events = survivor.read_all(Seq(0), 10).await.unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].event, note("2"));
}

#[tokio::test]
async fn a_refused_append_does_not_count() {
    let store = MemoryStore::new();
    store.fail_after(1, Crash::Before);
    store.append(at("a", 7, vec![])).await.unwrap_err();
    store.append(at("a", 0, vec![note("1")])).await.unwrap();
    store.append(at("a", 1, vec![])).await.unwrap_err();
}

#[tokio::test]
async fn a_dead_process_does_nothing_and_waits_for_nothing() {
    let store = MemoryStore::new();
    let id = store.put(b"kept".to_vec()).await.unwrap();
    let term = store.begin("first").await.unwrap();
    store.fail_after(0, Crash::After);
    let waiting = store.clone();
    let waiter = tokio::spawn(async move { waiting.wait_beyond(Seq(0)).await });
    tokio::task::yield_now().await;
    store.append(to("a", vec![note("1")])).await.unwrap_err();
    assert!(matches!(waiter.await.unwrap(), Err(StoreError::Closed)));
    assert!(matches!(store.head().await, Err(StoreError::Closed)));
    assert!(matches!(
        store.put(b"lost".to_vec()).await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(
        store.begin("second").await,
        Err(StoreError::Closed)
    ));

    let survivor = store.survivor();
    assert_eq!(survivor.get(&id).await.unwrap().unwrap(), b"kept");
    assert_eq!(survivor.current().await.unwrap(), term);
    assert_eq!(survivor.head().await.unwrap(), Seq(1));
}
