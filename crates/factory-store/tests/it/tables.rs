//! What every store promises of the tables that it derives from the events.

use factory_core::id::{RunId, Slug};
use factory_core::port::StoreError;
use factory_core::projection::{ALLOCATIONS, Cell, RUNS, STARTUPS, Select, TASKS, Table};

use crate::catalogue::{added, attempted, created, granted, released, started};
use crate::fixture::{Ports, text, to};

on_both_stores! {
    tables_have_changed_when_append_returns,
    a_row_that_was_never_set_reads_as_null,
    rows_are_counted_and_deleted,
    rows_are_sorted_and_limited,
    rows_are_filtered,
    a_selection_without_a_limit_is_all_of_a_table,
    a_question_that_no_table_answers_is_refused,
}

async fn tables_have_changed_when_append_returns(store: Ports) {
    for number in 0..20 {
        let slug = format!("s{number}");
        store
            .append(to("portfolio", vec![created(&slug)]))
            .await
            .unwrap();
        let row = store.row(&STARTUPS, &slug).await.unwrap();
        assert_eq!(text(&row, "state"), "queued");
        assert_eq!(text(&row, "created_at"), "2026-05-28T20:26:40.123Z");
        assert_eq!(store.keys(Select::all(&STARTUPS)).await.len(), number + 1);
    }
}

async fn a_row_that_was_never_set_reads_as_null(store: Ports) {
    store
        .append(to("portfolio", vec![created("ledgerly")]))
        .await
        .unwrap();
    let row = store.row(&STARTUPS, "ledgerly").await.unwrap();
    let mut columns: Vec<&str> = STARTUPS.columns.iter().map(|column| column.name).collect();
    columns.push("key");
    columns.sort_unstable();
    assert_eq!(
        row.0.keys().map(String::as_str).collect::<Vec<&str>>(),
        columns
    );
    assert_eq!(row.0["run_id"], Cell::Null);
    assert_eq!(row.0["ended_at"], Cell::Null);
}

async fn rows_are_counted_and_deleted(store: Ports) {
    let run_id = Slug::from_static("ledgerly").run(1);
    let events = vec![
        started(&run_id),
        added(&run_id, &["a", "b"]),
        added(&run_id, &["c"]),
    ];
    store.append(to("repo/ledgerly", events)).await.unwrap();
    let run = store.row(&RUNS, run_id.as_str()).await.unwrap();
    assert_eq!(run.0["tasks"], Cell::Integer(3));

    // What is added to a row that is not there starts from nothing.
    let other = Slug::from_static("orderly").run(1);
    store
        .append(to("repo/orderly", vec![added(&other, &["a"])]))
        .await
        .unwrap();
    let run = store.row(&RUNS, other.as_str()).await.unwrap();
    assert_eq!(
        (&run.0["tasks"], &run.0["landed"]),
        (&Cell::Integer(1), &Cell::Null)
    );

    // An upsert changes the columns that it names, and no other.
    store
        .append(to("repo/ledgerly", vec![attempted(&run_id, "a", 1)]))
        .await
        .unwrap();
    let task = store.row(&TASKS, "ledgerly.1/a").await.unwrap();
    assert_eq!(
        (text(&task, "state"), text(&task, "title")),
        ("running".into(), "Do a".into())
    );

    store
        .append(to(
            "portfolio",
            vec![granted("ledgerly"), granted("orderly")],
        ))
        .await
        .unwrap();
    store
        .append(to(
            "portfolio",
            vec![released("ledgerly"), released("none")],
        ))
        .await
        .unwrap();
    assert_eq!(store.row(&ALLOCATIONS, "ledgerly").await, None);
    assert_eq!(store.keys(Select::all(&ALLOCATIONS)).await, ["orderly"]);
}

/// Five tasks of one run, of which two have begun, and one task of another.
async fn with_tasks(store: &Ports) -> RunId {
    let (one, two) = (
        Slug::from_static("ledgerly").run(1),
        Slug::from_static("orderly").run(1),
    );
    let tasks = added(&one, &["d", "b", "é", "a", "C"]);
    let events = vec![tasks, attempted(&one, "b", 4), attempted(&one, "a", 9)];
    store.append(to("repo/ledgerly", events)).await.unwrap();
    store
        .append(to("repo/orderly", vec![added(&two, &["z"])]))
        .await
        .unwrap();
    one
}

/// Names of the tasks found, one letter each.
async fn tasks(store: &Ports, select: Select) -> String {
    let keys = store.keys(select).await;
    keys.iter()
        .map(|key| key.rsplit('/').next().unwrap())
        .collect()
}

async fn rows_are_sorted_and_limited(store: Ports) {
    let run_id = with_tasks(&store).await;
    let all = || Select::all(&TASKS).with("run_id", run_id.as_str());
    let last_first = |select| Select {
        descending: true,
        ..select
    };
    // Equal cells are sorted by key, null comes first, and all of it turns around.
    for (select, found) in [
        (all(), "Cabdé"),
        (all().by("place"), "dbéaC"),
        (all().by("epoch"), "Cdéba"),
        (all().by("started_at"), "Cdéab"),
        (last_first(all()), "édbaC"),
        (last_first(all().by("epoch")), "abédC"),
        (
            Select {
                limit: Some(2),
                ..all().by("place")
            },
            "db",
        ),
        (
            Select {
                limit: Some(0),
                ..all()
            },
            "",
        ),
    ] {
        assert_eq!(tasks(&store, select.clone()).await, found, "{select:?}");
    }
}

async fn rows_are_filtered(store: Ports) {
    let run_id = with_tasks(&store).await;
    let of_run = || Select::all(&TASKS).with("run_id", run_id.as_str());
    for (select, found) in [
        (Select::all(&TASKS), "Cabdéz"),
        (of_run(), "Cabdé"),
        (of_run().with("state", "running"), "ab"),
        (of_run().with("state", "running").with("epoch", 9_u64), "a"),
        (of_run().with("started_at", None::<&str>), "Cdé"),
        (Select::all(&TASKS).with("key", "ledgerly.1/a"), "a"),
        (Select::all(&TASKS).with("run_id", "none"), ""),
    ] {
        assert_eq!(tasks(&store, select.clone()).await, found, "{select:?}");
    }
}

async fn a_selection_without_a_limit_is_all_of_a_table(store: Ports) {
    // More than any default limit that a store ever had.
    const TASKS_COUNT: usize = 10_050;
    let run_id = Slug::from_static("ledgerly").run(1);
    let names: Vec<String> = (0..TASKS_COUNT).map(|n| format!("t{n:05}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    store
        .append(to("repo/ledgerly", vec![added(&run_id, &names)]))
        .await
        .unwrap();
    let all = || Select::all(&TASKS).with("run_id", run_id.as_str());
    let by_place = store.keys(all().by("place")).await;
    assert_eq!(by_place.len(), TASKS_COUNT);
    assert_eq!(by_place.last().unwrap(), "ledgerly.1/t10049");
    assert_eq!(store.keys(Select::all(&TASKS)).await, by_place);
    let limited = Select {
        limit: Some(10_049),
        ..all()
    };
    assert_eq!(store.keys(limited).await, by_place[..10_049]);
}

async fn a_question_that_no_table_answers_is_refused(store: Ports) {
    static NOWHERE: Table = Table {
        name: "nowhere",
        columns: &[],
    };

    for select in [
        Select::all(&NOWHERE),
        Select::all(&TASKS).with("nothing", "a"),
        Select::all(&TASKS).with("epoch", "1"),
        Select::all(&TASKS).by("nothing"),
        Select::all(&TASKS).by("key\" DESC --"),
    ] {
        let error = store.query.list(select).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    }
    store.query.get(&NOWHERE, "a").await.unwrap_err();
    assert_eq!(store.row(&TASKS, "'; DROP TABLE tasks; --").await, None);
}
