//! Stores of every released version open, and hold what they held. `tests/fixtures/README.md` says how one is written.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

use factory_core::claim::Claim;
use factory_core::event::{Event, Recorded};
use factory_core::id::{BlobId, Epoch, GateId, Seq, Slug, StreamId, TaskId};
use factory_core::port::{Blobs, EventLog as _, Query as _, Terms as _};
use factory_core::portfolio::{self, Portfolio};
use factory_core::projection::{self, Select};
use factory_core::run::{self, Collected, Outcome, Repo, Subject, TaskCommand, TaskSpec};
use factory_store::{Durability, SqliteStore};
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::catalogue::{AT, BLOBS, created, every_kind, granted, landing, outcome, plan, spec};
use crate::fixture::{both, to, write};

/// The store that this version writes.
const NEWEST: &str = "store-v1";

/// Says what [`the_newest_fixture_is_written`] writes: `store` or `expected`.
const WRITE: &str = "FACTORY_WRITE_FIXTURE";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Every fixture, oldest first.
fn stores() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures()).unwrap();
    let mut stores: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    stores.sort();
    stores
}

/// A copy that a test may open and spoil.
fn copy_of(store: &Path) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(store, dir.path());
    dir
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn shell(dir: &Path, sql: &str) {
    let database = Connection::open(dir.join("factory.db")).unwrap();
    database.execute_batch(sql).unwrap();
}

/// Everything that this program reads from a store; the reason, if it cannot.
async fn content(dir: &Path) -> Result<Value, String> {
    let store = SqliteStore::open(dir, Durability::Strict).map_err(|error| chain(&error))?;
    let events = store.read_all(Seq(0), usize::MAX).await;
    let events = events.map_err(|error| chain(&error))?;
    let mut tables = Map::new();
    for table in projection::ALL {
        let rows = store.list(Select::all(table)).await;
        let rows = rows.map_err(|error| chain(&error))?;
        let rows: Vec<Value> = rows.iter().map(|row| json!(row.0)).collect();
        tables.insert(table.name.to_owned(), json!(rows));
    }
    Ok(json!({
        "term": store.current().await.map_err(|error| chain(&error))?,
        "blobs": blobs(&store, dir).await?,
        "portfolio": portfolio_of(&events),
        "repositories": repositories_of(&events),
        "tables": tables,
        "events": events,
    }))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Every blob as text, by its id.
async fn blobs(store: &SqliteStore, dir: &Path) -> Result<Value, String> {
    let mut texts = Map::new();
    for folder in fs::read_dir(dir.join("blobs")).unwrap() {
        let folder = folder.unwrap();
        for file in fs::read_dir(folder.path()).unwrap() {
            let (start, end) = (folder.file_name(), file.unwrap().file_name());
            let id = format!("{}{}", start.to_str().unwrap(), end.to_str().unwrap());
            let bytes = Blobs::get(store, &BlobId::parse(&id).unwrap()).await;
            let bytes = bytes.map_err(|error| chain(&error))?.unwrap();
            texts.insert(id, String::from_utf8(bytes).unwrap().into());
        }
    }
    Ok(Value::Object(texts))
}

fn portfolio_of(events: &[Recorded]) -> Value {
    let mut state = Portfolio::default();
    for recorded in events {
        if let Event::Portfolio(event) = &recorded.event {
            portfolio::apply(&mut state, event);
        }
    }
    let mut startups = Map::new();
    for (slug, startup) in &state.startups {
        let ports = startup.allocation.as_ref().map(|held| &held.ports);
        let told = json!({"state": startup.state, "runs": startup.runs, "ports": ports});
        startups.insert(slug.to_string(), told);
    }
    let gates: Vec<&str> = state.gates.keys().map(GateId::as_str).collect();
    json!({"startups": startups, "queue": state.queue, "gates": gates})
}

fn repositories_of(events: &[Recorded]) -> Value {
    let is_repo = |stream: &&StreamId| **stream != StreamId::portfolio();
    let streams: BTreeSet<&StreamId> = events
        .iter()
        .map(|recorded| &recorded.stream)
        .filter(is_repo)
        .collect();
    let mut repositories = Map::new();
    for stream in streams {
        let mut repo = Repo::default();
        for recorded in events.iter().filter(|recorded| recorded.stream == *stream) {
            if let Event::Run(event) = &recorded.event {
                run::apply(&mut repo, event);
            }
        }
        repositories.insert(stream.to_string(), summary(&repo));
    }
    Value::Object(repositories)
}

fn summary(repo: &Repo) -> Value {
    let run = repo.run.as_ref().unwrap();
    let open_count = run.tasks.values().filter(|task| !task.state.is_final());
    assert_eq!(run.open_count, open_count.count());
    let tasks: Map<String, Value> = run
        .tasks
        .iter()
        .map(|(task_id, task)| {
            let told =
                json!({"state": task.state.word(), "epoch": task.epoch, "granted": task.granted});
            (task_id.to_string(), told)
        })
        .collect();
    json!({
        "run_id": run.run_id, "subject": run.subject, "end": run.end, "head": repo.head, "tasks": tasks,
        "stories": run.stories, "checks": run.checks, "merge_queue": run.merge_queue,
    })
}

/// Where a store differs from what is expected of it.
async fn difference(dir: &Path) -> Result<(), String> {
    let expected = fs::read(dir.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let found = content(dir).await?;
    let parts = expected.as_object().unwrap();
    assert_eq!(parts.len(), found.as_object().unwrap().len());
    for (name, expected) in parts {
        let found = &found[name];
        let lists = expected.as_array().zip(found.as_array());
        let differ = lists.and_then(|(expected, found)| {
            expected
                .iter()
                .zip(found)
                .find(|(expected, found)| expected != found)
        });
        if let Some((expected, found)) = differ {
            return Err(format!("{name}: found {found}, expected {expected}"));
        }
        if expected != found {
            return Err(format!("{name}: found {found}, expected {expected}"));
        }
    }
    Ok(())
}

const OUTDATED: &str = "UPDATE meta SET projection_fingerprint = 'of another program'";

#[tokio::test]
async fn a_store_of_every_released_version_opens() {
    let stores = stores();
    assert!(stores.iter().any(|store| store.ends_with(NEWEST)));
    for store in stores {
        // As it was left, and with its tables derived anew from the events.
        for sql in ["", OUTDATED] {
            let copy = copy_of(&store);
            shell(copy.path(), sql);
            let found = difference(copy.path()).await;
            assert_eq!(found, Ok(()), "{} {sql}", store.display());
        }
    }
}

#[tokio::test]
async fn a_store_that_changed_is_noticed() {
    let newest = fixtures().join(NEWEST);
    for (sql, expected) in [
        (
            "UPDATE events SET body = '{' WHERE seq = 3",
            "read event 3: EOF",
        ),
        (
            "UPDATE events SET body = '{}' WHERE seq = 3",
            "read event 3: event `portfolio.allocation_released` cannot be read: missing field",
        ),
        (
            "UPDATE events SET schema_version = 99 WHERE seq = 3",
            "read event 3: event `portfolio.allocation_released` has schema version 99, this program reads up to 2",
        ),
        (
            "UPDATE events SET stream = '../x' WHERE seq = 3",
            "read event 3: `../x` is not a valid stream",
        ),
        (
            "UPDATE events SET body = replace(body, 'LEDGERLY', 'Ledgerly') WHERE seq = 1",
            "events: found",
        ),
        ("UPDATE startups SET name = 'x'", "tables: found"),
        ("DELETE FROM terms", "term: found 0, expected 1"),
        (
            "UPDATE meta SET schema_version = 99",
            "schema version is 99",
        ),
    ] {
        let copy = copy_of(&newest);
        shell(copy.path(), sql);
        let error = difference(copy.path()).await.unwrap_err();
        assert!(error.contains(expected), "{sql}: {error}");
    }
    // An event that cannot be read keeps the tables from being derived, and the store says which one it is.
    let copy = copy_of(&newest);
    shell(copy.path(), OUTDATED);
    shell(
        copy.path(),
        "UPDATE events SET schema_version = 99 WHERE seq = 3",
    );
    let error = difference(copy.path()).await.unwrap_err();
    assert!(error.contains("rebuild the derived tables of"), "{error}");
    assert!(error.contains("read event 3"), "{error}");
}

#[test]
fn the_newest_fixture_holds_every_kind_of_event_and_every_blob() {
    let expected = fs::read(fixtures().join(NEWEST).join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let events = expected["events"].as_array().unwrap();
    let kinds: BTreeSet<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    for event in every_kind() {
        let kind = event.encode().kind;
        assert!(
            kinds.contains(kind.as_str()),
            "{kind}: tests/fixtures/README.md says how to write a fixture"
        );
    }
    for blob in BLOBS {
        let id = BlobId::of(blob);
        let text = &expected["blobs"][id.as_str()];
        assert_eq!(text.as_str().unwrap().as_bytes(), blob);
    }
}

/// Not a test: writes files of the repository, and only when it is told to.
#[tokio::test]
#[ignore = "writes a fixture"]
async fn the_newest_fixture_is_written() {
    match env::var_os(WRITE).as_deref().and_then(OsStr::to_str) {
        Some("store") => {
            let newest = fixtures().join(NEWEST);
            if newest.exists() {
                fs::remove_dir_all(&newest).unwrap();
            }
            write_store(&newest).await;
            write_expected(&newest).await;
        }
        Some("expected") => {
            for store in stores() {
                write_expected(&store).await;
            }
        }
        _ => println!("SKIPPED: {WRITE} says neither `store` nor `expected`"),
    }
}

async fn write_store(dir: &Path) {
    let store = SqliteStore::open(dir, Durability::Strict).unwrap();
    store.begin("the fixture").await.unwrap();
    for blob in BLOBS {
        store.put(blob.to_vec()).await.unwrap();
    }
    let (of_portfolio, of_runs): (Vec<Event>, Vec<Event>) = every_kind()
        .into_iter()
        .partition(|event| matches!(event, Event::Portfolio(_)));
    let writes = vec![
        write("portfolio", Some(0), of_portfolio),
        write("repo/ledgerly", Some(0), of_runs),
    ];
    store.append(both(writes)).await.unwrap();
    let orderly = vec![created("orderly"), granted("orderly")];
    store.append(to("portfolio", orderly)).await.unwrap();
    store.append(to("repo/orderly", open_run())).await.unwrap();
}

/// A run as the rules make it: one task done, one landed, one at its second attempt, one that waits.
fn open_run() -> Vec<Event> {
    let slug = Slug::from_static("orderly");
    let after = |needed: &[&'static str], task: &str| TaskSpec {
        needs: needed.iter().map(|id| TaskId::from_static(id)).collect(),
        gate: None,
        checks: Vec::new(),
        ..spec(task)
    };
    let think = TaskSpec {
        lands: false,
        story: None,
        ..after(&[], "think")
    };
    let tasks = vec![
        think,
        after(&["think"], "scaffold"),
        after(&["scaffold"], "page"),
        after(&["page"], "verify"),
    ];
    let subject = Subject::Repository { name: slug.clone() };
    let mut events = run::start(&Repo::default(), &slug.run(1), subject, plan(), tasks).unwrap();
    let mut repo = Repo::default();
    for event in &events {
        run::apply(&mut repo, event);
    }
    let start = || TaskCommand::StartAttempt {
        base: None,
        lease_until: AT,
        claims: vec![Claim::everything()],
    };
    let succeed = |outcome: Outcome, collected: Option<Collected>| TaskCommand::Succeed {
        epoch: Epoch(1),
        outcome,
        extended: collected.iter().map(|_| Claim::everything()).collect(),
        collected,
        grown: Vec::new(),
    };
    let (epoch, landing) = (Epoch(1), landing());
    let collected = Collected {
        base: None,
        tree: landing.commit.clone().unwrap(),
        paths: vec!["a.py".to_owned()],
    };
    let reason = "its driver died".to_owned();
    for (task, command) in [
        ("think", start()),
        ("think", succeed(Outcome::default(), None)),
        ("scaffold", start()),
        ("scaffold", succeed(outcome(), Some(collected))),
        ("scaffold", TaskCommand::Intend { epoch, landing }),
        ("scaffold", TaskCommand::Land { epoch }),
        ("page", start()),
        ("page", TaskCommand::Lose { epoch, reason }),
        ("page", start()),
    ] {
        let more = run::decide(&repo, command.on(TaskId::from_static(task))).unwrap();
        for event in &more {
            run::apply(&mut repo, event);
        }
        events.extend(more);
    }
    events.into_iter().map(Event::Run).collect()
}

async fn write_expected(store: &Path) {
    let copy = copy_of(store);
    shell(copy.path(), OUTDATED);
    let content = content(copy.path()).await.unwrap();
    let text = serde_json::to_string_pretty(&content).unwrap();
    fs::write(store.join("expected.json"), text + "\n").unwrap();
}
