//! What every store promises of its log, its blobs and its terms.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use factory_core::event::Event;
use factory_core::id::{BlobId, Seq, Slug, StreamId, Term, Version};
use factory_core::port::{AppendError, StoreError};
use factory_core::projection::STARTUPS;
use tokio::task::JoinSet;

use crate::catalogue::{AT, created, every_kind, granted, note, started};
use crate::fixture::{Ports, at, both, in_term, stream, to, write};
use crate::patience::soon;

on_both_stores! {
    an_empty_store_has_nothing,
    what_was_appended_is_read,
    reading_starts_behind_and_stops_at_the_limit,
    sequence_numbers_have_no_gaps,
    a_decision_on_an_old_version_is_refused,
    a_refused_append_leaves_nothing_in_any_stream,
    several_streams_are_written_together,
    an_append_without_events_checks_versions,
    appends_to_different_streams_all_succeed,
    appends_to_one_stream_have_one_winner_per_version,
    an_older_driver_is_fenced,
    waiting_ends_with_the_append,
    waiting_for_what_is_there_ends_at_once,
    blobs_are_stored_once_by_content,
    every_kind_of_event_is_read_as_written,
    an_append_that_nobody_waits_for_is_whole_or_absent,
    a_time_out_of_range_is_refused,
}

async fn an_empty_store_has_nothing(store: Ports) {
    assert_eq!(store.log.head().await.unwrap(), Seq(0));
    assert!(store.all().await.is_empty());
    let stream = StreamId::portfolio();
    assert!(
        store
            .log
            .read(&stream, Version(0), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.terms.current().await.unwrap(), Term(0));
    assert_eq!(store.row(&STARTUPS, "ledgerly").await, None);
    for (table, rows) in store.tables().await {
        assert!(rows.is_empty(), "{table}");
    }
}

async fn what_was_appended_is_read(store: Ports) {
    let events = vec![created("ledgerly"), granted("ledgerly")];
    let recorded = store
        .append(at("portfolio", 0, events.clone()))
        .await
        .unwrap();
    assert_eq!(recorded.len(), 2);
    for (place, (recorded, event)) in recorded.iter().zip(&events).enumerate() {
        let number = place as u64 + 1;
        assert_eq!(
            (recorded.seq, recorded.version),
            (Seq(number), Version(number))
        );
        assert_eq!((recorded.at, recorded.stream.as_str()), (AT, "portfolio"));
        assert_eq!(&recorded.event, event);
    }
    assert_eq!(store.all().await, recorded);
    assert_eq!(
        store
            .log
            .read(&StreamId::portfolio(), Version(0), 10)
            .await
            .unwrap(),
        recorded
    );
    assert_eq!(store.log.head().await.unwrap(), Seq(2));
}

async fn reading_starts_behind_and_stops_at_the_limit(store: Ports) {
    for number in 0..6 {
        let stream = if number % 2 == 0 { "even" } else { "odd" };
        store
            .append(to(stream, vec![note(&number.to_string())]))
            .await
            .unwrap();
    }
    let all = store.all().await;
    assert_eq!(store.log.read_all(Seq(2), 3).await.unwrap(), all[2..5]);
    assert_eq!(store.log.read_all(Seq(4), 100).await.unwrap(), all[4..]);
    assert!(store.log.read_all(Seq(6), 100).await.unwrap().is_empty());
    assert!(
        store
            .log
            .read_all(Seq(u64::MAX), 100)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(store.log.read_all(Seq(0), 0).await.unwrap().is_empty());

    let odd = stream("odd");
    let second = store.log.read(&odd, Version(1), 1).await.unwrap();
    assert_eq!(second, [all[3].clone()]);
    assert!(
        store
            .log
            .read(&odd, Version(3), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .log
            .read(&stream("od"), Version(0), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn sequence_numbers_have_no_gaps(store: Ports) {
    for number in 0..10 {
        // Every third append is refused, after it had begun to write.
        if number % 3 == 0 {
            let writes = vec![
                write("a", None, vec![note("x")]),
                write("b", Some(99), vec![]),
            ];
            store.append(both(writes)).await.unwrap_err();
        }
        store
            .append(to("a", vec![note("1"), note("2")]))
            .await
            .unwrap();
    }
    let seqs: Vec<u64> = store.all().await.iter().map(|event| event.seq.0).collect();
    assert_eq!(seqs, (1..=20).collect::<Vec<u64>>());
}

async fn a_decision_on_an_old_version_is_refused(store: Ports) {
    store
        .append(at("a", 0, vec![note("1"), note("2")]))
        .await
        .unwrap();
    for wrong in [0, 1, 3] {
        let error = store
            .append(at("a", wrong, vec![note("x")]))
            .await
            .unwrap_err();
        let AppendError::Conflict {
            stream,
            expected,
            found,
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!(
            (stream.as_str(), expected, found),
            ("repo/a", Version(wrong), Version(2))
        );
    }
    store.append(at("a", 2, vec![note("3")])).await.unwrap();
    assert_eq!(store.all().await.len(), 3);
}

async fn a_refused_append_leaves_nothing_in_any_stream(store: Ports) {
    store.append(at("b", 0, vec![note("1")])).await.unwrap();
    let writes = vec![
        write("a", Some(0), vec![created("ledgerly")]),
        write("b", Some(0), vec![created("orderly")]),
    ];
    let error = store.append(both(writes)).await.unwrap_err();
    assert!(matches!(error, AppendError::Conflict { .. }), "{error:?}");
    assert_eq!(store.all().await.len(), 1);
    assert_eq!(store.log.head().await.unwrap(), Seq(1));
    assert_eq!(store.row(&STARTUPS, "ledgerly").await, None);
    store.append(at("a", 0, vec![note("2")])).await.unwrap();
}

async fn several_streams_are_written_together(store: Ports) {
    let writes = vec![
        write(
            "portfolio",
            Some(0),
            vec![created("ledgerly"), granted("ledgerly")],
        ),
        write(
            "repo/ledgerly",
            Some(0),
            vec![started(&Slug::from_static("ledgerly").run(1))],
        ),
    ];
    let recorded = store.append(both(writes)).await.unwrap();
    let places: Vec<(u64, &str, u64)> = recorded
        .iter()
        .map(|event| (event.seq.0, event.stream.as_str(), event.version.0))
        .collect();
    assert_eq!(
        places,
        [
            (1, "portfolio", 1),
            (2, "portfolio", 2),
            (3, "repo/ledgerly", 1)
        ]
    );
    assert_eq!(store.all().await, recorded);
}

async fn an_append_without_events_checks_versions(store: Ports) {
    assert!(store.append(both(vec![])).await.unwrap().is_empty());
    assert!(store.append(at("a", 0, vec![])).await.unwrap().is_empty());
    store.append(to("a", vec![note("1")])).await.unwrap();
    store.append(at("a", 0, vec![])).await.unwrap_err();
    assert!(store.append(at("a", 1, vec![])).await.unwrap().is_empty());
    assert_eq!(store.log.head().await.unwrap(), Seq(1));
}

async fn appends_to_different_streams_all_succeed(store: Ports) {
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let store = store.clone();
        tasks.spawn(async move {
            for version in 0..10 {
                let event = note(&version.to_string());
                store
                    .append(at(&format!("s{task}"), version, vec![event]))
                    .await
                    .unwrap();
            }
        });
    }
    tasks.join_all().await;
    let seqs: Vec<u64> = store.all().await.iter().map(|event| event.seq.0).collect();
    assert_eq!(seqs, (1..=160).collect::<Vec<u64>>());
    for task in 0..16 {
        let stream = stream(&format!("s{task}"));
        let events = store.log.read(&stream, Version(0), 100).await.unwrap();
        let events: Vec<Event> = events.into_iter().map(|recorded| recorded.event).collect();
        assert_eq!(
            events,
            (0..10)
                .map(|n| note(&n.to_string()))
                .collect::<Vec<Event>>()
        );
    }
}

async fn appends_to_one_stream_have_one_winner_per_version(store: Ports) {
    for version in 0..5 {
        let mut tasks = JoinSet::new();
        for task in 0..16 {
            let store = store.clone();
            let event = note(&format!("{version} by {task}"));
            tasks.spawn(async move { store.append(at("one", version, vec![event])).await });
        }
        let answers = tasks.join_all().await;
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(won, 1);
        for answer in answers {
            match answer {
                Ok(recorded) => assert_eq!(recorded[0].version, Version(version + 1)),
                Err(AppendError::Conflict { found, .. }) => assert_eq!(found, Version(version + 1)),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(store.all().await.len(), 5);
}

async fn an_older_driver_is_fenced(store: Ports) {
    let old = store.terms.begin("first").await.unwrap();
    assert_eq!(old, Term(1));
    store
        .append(in_term(old, to("a", vec![note("1")])))
        .await
        .unwrap();
    let new = store.terms.begin("second").await.unwrap();
    assert_eq!(
        (new, store.terms.current().await.unwrap()),
        (Term(2), Term(2))
    );

    // Also when nothing else is wrong, and when everything is.
    for append in [to("a", vec![note("2")]), at("a", 7, vec![]), both(vec![])] {
        let error = store.append(in_term(old, append)).await.unwrap_err();
        assert!(
            matches!(
                error,
                AppendError::Fenced {
                    ours: Term(1),
                    current: Term(2)
                }
            ),
            "{error:?}"
        );
    }
    store
        .append(in_term(new, to("a", vec![note("2")])))
        .await
        .unwrap();
    store.append(to("a", vec![note("3")])).await.unwrap();
    assert_eq!(store.all().await.len(), 3);
}

async fn waiting_ends_with_the_append(store: Ports) {
    store.append(to("a", vec![note("1")])).await.unwrap();
    let mut waiters = JoinSet::new();
    for seq in [1, 1, 1, 2] {
        let store = store.clone();
        waiters.spawn(async move { (seq, store.log.wait_beyond(Seq(seq)).await.unwrap()) });
    }
    tokio::task::yield_now().await;
    store.append(to("a", vec![note("2")])).await.unwrap();
    // The head that a waiter is given can be read at once.
    for _ in 0..3 {
        let (seq, head) = soon(waiters.join_next()).await.unwrap().unwrap();
        assert!(seq == 1 && head >= Seq(2), "{seq} {head}");
        assert!(store.log.head().await.unwrap() >= head);
    }
    assert!(waiters.try_join_next().is_none());
    store.append(to("b", vec![note("3")])).await.unwrap();
    let last = soon(waiters.join_next()).await.unwrap().unwrap();
    assert_eq!(last, (2, Seq(3)));
}

async fn waiting_for_what_is_there_ends_at_once(store: Ports) {
    store
        .append(to("a", vec![note("1"), note("2")]))
        .await
        .unwrap();
    for seq in [0, 1] {
        let head = soon(store.log.wait_beyond(Seq(seq))).await;
        assert_eq!(head.unwrap(), Seq(2));
    }
}

async fn blobs_are_stored_once_by_content(store: Ports) {
    let large: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    for bytes in [Vec::new(), b"abc".to_vec(), vec![0, 255, 10], large] {
        let id = store.blobs.put(bytes.clone()).await.unwrap();
        assert_eq!(id, BlobId::of(&bytes));
        assert_eq!(store.blobs.put(bytes.clone()).await.unwrap(), id);
        assert_eq!(store.blobs.get(&id).await.unwrap(), Some(bytes));
    }
    assert_eq!(
        store.blobs.get(&BlobId::of(b"missing")).await.unwrap(),
        None
    );
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let store = store.clone();
        tasks.spawn(async move { store.blobs.put(b"the same".to_vec()).await.unwrap() });
    }
    for id in tasks.join_all().await {
        assert_eq!(store.blobs.get(&id).await.unwrap().unwrap(), b"the same");
    }
}

async fn every_kind_of_event_is_read_as_written(store: Ports) {
    let events = every_kind();
    store.append(to("all", events.clone())).await.unwrap();
    let read: Vec<Event> = store
        .all()
        .await
        .into_iter()
        .map(|recorded| recorded.event)
        .collect();
    assert_eq!(read, events);
    for (table, rows) in store.tables().await {
        let is_released = table == "allocations";
        assert_eq!(rows.is_empty(), is_released, "{table}");
    }
}

async fn an_append_that_nobody_waits_for_is_whole_or_absent(store: Ports) {
    for number in 0..50 {
        let events = vec![note(&number.to_string()), note(&number.to_string())];
        let mut append = pin!(store.append(to("a", events)));
        // Polled once, or not at all, and dropped.
        if number % 5 != 0 {
            poll_fn(|context| {
                drop(append.as_mut().poll(context));
                Poll::Ready(())
            })
            .await;
        }
    }
    store.append(to("a", vec![note("end")])).await.unwrap();
    let all = store.all().await;
    assert_eq!(all.len() % 2, 1);
    for pair in all[..all.len() - 1].chunks(2) {
        assert_eq!(pair[0].event, pair[1].event);
    }
    let versions: Vec<u64> = all.iter().map(|event| event.version.0).collect();
    assert_eq!(versions, (1..=all.len() as u64).collect::<Vec<u64>>());
}

async fn a_time_out_of_range_is_refused(store: Ports) {
    let mut append = to("a", vec![note("1")]);
    append.at.0 = i64::MAX;
    let error = store.append(append).await.unwrap_err();
    assert!(
        matches!(error, AppendError::Store(StoreError::Corrupt { .. })),
        "{error:?}"
    );
    assert!(store.all().await.is_empty());
}
