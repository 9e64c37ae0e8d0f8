//! What only the store on disk can do: open, refuse, gather commits, back up.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use factory_core::id::{BlobId, Seq, Slug, Term};
use factory_core::port::{AppendError, Blobs as _, EventLog as _, StoreError, Terms as _};
use factory_core::projection::{STARTUPS, Select};
use factory_store::{Durability, OpenError, SqliteStore};
use rusqlite::Connection;
use tokio::task::JoinSet;

use crate::catalogue::{added, created, every_kind, note, started};
use crate::fixture::{Ports, at, both, to, write};
use crate::patience::until;

fn open(dir: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(dir, Durability::Strict)
}

/// Every file in a folder, with the hash of its content.
fn content(dir: &Path) -> BTreeMap<String, BlobId> {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.path().is_file());
    files
        .map(|file| {
            (
                file.file_name().into_string().unwrap(),
                BlobId::of(&fs::read(file.path()).unwrap()),
            )
        })
        .collect()
}

fn shell(dir: &Path, sql: &str) {
    Connection::open(dir.join("factory.db"))
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

#[tokio::test]
async fn a_store_that_is_opened_again_holds_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    store.begin("first").await.unwrap();
    let id = store.put(b"kept".to_vec()).await.unwrap();
    let store = Ports::of(store, None);
    store.append(to("portfolio", every_kind())).await.unwrap();
    let (events, tables) = (store.all().await, store.tables().await);
    drop(store);

    let store = open(dir.path()).unwrap();
    assert_eq!(store.current().await.unwrap(), Term(1));
    assert_eq!(store.get(&id).await.unwrap().unwrap(), b"kept");
    // What was there before counts for those who wait.
    assert_eq!(
        store.wait_beyond(Seq(0)).await.unwrap(),
        Seq(events.len() as u64)
    );
    let store = Ports::of(store, None);
    assert_eq!((store.all().await, store.tables().await), (events, tables));
    store
        .append(at("portfolio", every_kind().len() as u64, vec![note("1")]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_closed_store_is_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("deep/down")).unwrap();
    store.append(to("a", vec![note("1")])).await.unwrap();
    drop(store);
    let files = content(&dir.path().join("deep/down"));
    assert_eq!(files.keys().collect::<Vec<&String>>(), ["factory.db"]);
}

#[tokio::test]
async fn tables_are_derived_again_when_their_definitions_change() {
    let dir = tempfile::tempdir().unwrap();
    let store = Ports::of(open(dir.path()).unwrap(), None);
    // More events than are read at a time.
    for _ in 0..60 {
        store.append(to("portfolio", every_kind())).await.unwrap();
    }
    let tables = store.tables().await;
    drop(store);
    shell(
        dir.path(),
        "UPDATE meta SET projection_fingerprint = 'of an older program';
         ALTER TABLE startups DROP COLUMN name; DELETE FROM runs; UPDATE tasks SET state = 'odd';",
    );
    let store = Ports::of(open(dir.path()).unwrap(), None);
    assert_eq!(store.tables().await, tables);
}

#[test]
fn a_store_of_a_newer_program_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    shell(
        dir.path(),
        "UPDATE meta SET schema_version = 7; ALTER TABLE meta ADD COLUMN more TEXT",
    );
    let before = content(dir.path());
    let error = open(dir.path()).unwrap_err();
    assert!(
        matches!(
            &error,
            OpenError::Newer {
                found: 7,
                supported: 1,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .ends_with("schema version is 7, but this program supports at most 1"),
        "{error}"
    );
    assert_eq!(content(dir.path()), before);
}

/// What a failing disk, a careless copy or a person may do to a store whose process was killed.
#[tokio::test]
async fn a_store_that_has_lost_its_events_is_refused_and_not_begun_anew() {
    for damage in [
        "rm factory.db",
        "rm factory.db factory.db-*",
        ": > factory.db; rm -f factory.db-*",
        ": > factory.db-wal; : > factory.db",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path()).unwrap();
        store.put(b"a brief".to_vec()).await.unwrap();
        // As after `kill -9`: nothing is closed.
        let copy = tempfile::tempdir().unwrap();
        let script = format!("cp -a {}/. . && {damage}", dir.path().display());
        let done = Command::new("sh")
            .args(["-ec", &script])
            .current_dir(copy.path())
            .status();
        assert!(done.unwrap().success(), "{damage}");
        let before = content(copy.path());
        let error = open(copy.path()).unwrap_err();
        assert!(
            matches!(error, OpenError::Emptied { .. }),
            "{damage}: {error:?}"
        );
        assert_eq!(content(copy.path()), before, "{damage}");
    }
}

#[test]
fn a_newer_version_that_stands_in_the_log_only_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("a folder with 100% #odd? name");
    drop(open(&source).unwrap());
    let path = source.join("factory.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch("UPDATE meta SET schema_version = 7")
        .unwrap();
    // As a killed process leaves it: database and log, no index.
    let left = dir.path().join("left");
    fs::create_dir(&left).unwrap();
    for name in ["factory.db", "factory.db-wal"] {
        fs::copy(source.join(name), left.join(name)).unwrap();
    }
    for dir in [&source, &left] {
        let before = content(dir);
        let error = open(dir).unwrap_err();
        assert!(
            matches!(&error, OpenError::Newer { found: 7, .. }),
            "{error:?}"
        );
        for (file, hash) in before {
            assert!(
                file.ends_with("-shm") || content(dir)[&file] == hash,
                "{file}"
            );
        }
    }
    drop(writer);
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("factory.db");

    fs::write(&path, "Dear diary, this is no database at all.".repeat(50)).unwrap();
    let before = content(dir.path());
    let error = open(dir.path()).unwrap_err();
    assert!(
        matches!(&error, OpenError::NotADatabase { .. }),
        "{error:?}"
    );
    assert_eq!(content(dir.path()), before);

    fs::remove_file(&path).unwrap();
    shell(
        dir.path(),
        "CREATE TABLE recipes (name TEXT); CREATE TABLE meta (key TEXT)",
    );
    let before = content(dir.path());
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(&error, OpenError::Foreign { .. }), "{error:?}");
    assert_eq!(content(dir.path()), before);
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("factory.db");
    let store = open(dir.path()).unwrap();
    for _ in 0..20 {
        store.append(to("a", every_kind())).await.unwrap();
    }
    drop(store);
    let whole = fs::read(&path).unwrap();

    // The page of the schema.
    let mut damaged = whole.clone();
    damaged[100..4_096].fill(0x5a);
    fs::write(&path, damaged).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert!(matches!(&error, OpenError::Corrupt { .. }), "{error:?}");

    // Pages of events: the store opens, and says so when it comes to them.
    let mut damaged = whole;
    let middle = damaged.len() / 2;
    damaged[middle..].fill(0x5a);
    fs::write(&path, damaged).unwrap();
    let error = match open(dir.path()) {
        Err(OpenError::Corrupt { .. }) => return,
        Err(other) => panic!("{other:?}"),
        Ok(store) => store.read_all(Seq(0), usize::MAX).await.unwrap_err(),
    };
    assert!(matches!(&error, StoreError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_damaged_event_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    store
        .append(to("a", vec![note("1"), note("2"), note("3")]))
        .await
        .unwrap();
    for (sql, problem) in [
        ("UPDATE events SET body = '{' WHERE seq = 2", "EOF"),
        (
            "UPDATE events SET body = '{}' WHERE seq = 2",
            "cannot be read",
        ),
        (
            "UPDATE events SET schema_version = 99 WHERE seq = 2",
            "schema version 99",
        ),
        (
            "UPDATE events SET at = 'noon' WHERE seq = 2",
            "`noon` is not a valid time",
        ),
    ] {
        shell(
            dir.path(),
            &format!("BEGIN; CREATE TABLE kept AS SELECT * FROM events; {sql}; COMMIT"),
        );
        let error = store.read_all(Seq(0), 10).await.unwrap_err();
        let StoreError::Corrupt {
            what,
            problem: found,
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(what, "event 2");
        assert!(found.contains(problem), "{found}");
        assert_eq!(store.read_all(Seq(2), 10).await.unwrap().len(), 1);
        shell(
            dir.path(),
            "BEGIN; DELETE FROM events; INSERT INTO events SELECT * FROM kept; DROP TABLE kept; COMMIT",
        );
    }
    assert_eq!(store.read_all(Seq(0), 10).await.unwrap().len(), 3);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    // No user may make files there, not even the administrator.
    for dir in ["/proc", "/proc/self/nowhere", "/dev/null/store"] {
        let error = open(Path::new(dir)).unwrap_err();
        assert!(
            matches!(&error, OpenError::Io { .. } | OpenError::ReadOnly { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains(dir), "{error}");
    }
}

#[test]
fn a_file_that_may_only_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    let path = dir.path().join("factory.db");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let is_writable = || fs::OpenOptions::new().write(true).open(&path).is_ok();
    // Modes do not hold root; the attribute does.
    let is_fixed = is_writable() && set_immutable(&path, true);
    if is_writable() {
        println!("SKIPPED: this user may write every file, so a read-only one cannot be tried");
        return;
    }
    let opened = open(dir.path());
    if is_fixed {
        assert!(set_immutable(&path, false));
    }
    let error = opened.unwrap_err();
    assert!(matches!(&error, OpenError::ReadOnly { .. }), "{error:?}");
}

/// Sets or takes the attribute that keeps even root from writing a file; whether that worked.
fn set_immutable(path: &Path, yes: bool) -> bool {
    let word = if yes { "+i" } else { "-i" };
    let done = Command::new("chattr").arg(word).arg(path).status();
    done.is_ok_and(|status| status.success())
}

#[tokio::test]
async fn concurrent_appends_share_commits() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let before = store.commits();
    let store = std::sync::Arc::new(store);
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let store = std::sync::Arc::clone(&store);
        tasks.spawn(async move {
            store
                .append(at(&format!("s{task}"), 0, vec![note("1")]))
                .await
                .unwrap();
        });
    }
    tasks.join_all().await;
    let commits = store.commits() - before;
    assert!((1..64).contains(&commits), "{commits} commits");
    assert_eq!(store.head().await.unwrap(), Seq(64));
}

#[tokio::test]
async fn a_refused_operation_leaves_its_neighbours_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(open(dir.path()).unwrap());
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let store = std::sync::Arc::clone(&store);
        tasks.spawn(async move {
            let stream = format!("s{task}");
            let is_wrong = task % 4 == 1;
            let writes = vec![
                write(&stream, Some(0), vec![created(&stream)]),
                write("other", is_wrong.then_some(99), vec![note(&stream)]),
            ];
            let answer = store.append(both(writes)).await;
            assert_eq!(answer.is_err(), is_wrong, "{answer:?}");
        });
    }
    tasks.join_all().await;
    assert!(store.commits() < 64);
    let store = Ports::of(std::sync::Arc::into_inner(store).unwrap(), None);
    let all = store.all().await;
    assert_eq!(all.len(), 48 * 2);
    assert!(
        all.iter()
            .zip(1..)
            .all(|(event, seq)| event.seq == Seq(seq))
    );
    assert_eq!(store.keys(Select::all(&STARTUPS)).await.len(), 48);
}

#[tokio::test]
async fn a_write_goes_on_without_its_caller() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    for number in 0..20 {
        let mut append = store.append(to("a", vec![note(&number.to_string())]));
        // Handed in at the first poll, then the caller is gone.
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(append.as_mut().poll(context).is_ready())
        });
        polled.await;
    }
    drop(store);
    assert_eq!(open(dir.path()).unwrap().head().await.unwrap(), Seq(20));
}

#[tokio::test]
async fn two_processes_do_not_number_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()).unwrap(), open(dir.path()).unwrap());
    for number in 0..10 {
        one.append(at("a", number * 2, vec![note("one")]))
            .await
            .unwrap();
        two.append(at("a", number * 2 + 1, vec![note("two")]))
            .await
            .unwrap();
    }
    let term = one.begin("one").await.unwrap();
    two.begin("two").await.unwrap();
    let mut append = to("a", vec![note("late")]);
    append.term = Some(term);
    let error = one.append(append).await.unwrap_err();
    assert!(matches!(error, AppendError::Fenced { .. }), "{error:?}");
    let all = one.read_all(Seq(0), 100).await.unwrap();
    assert!(
        all.len() == 20
            && all
                .iter()
                .zip(1..)
                .all(|(event, seq)| event.seq == Seq(seq))
    );
}

#[tokio::test]
async fn a_backup_opens_as_a_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("store")).unwrap();
    let id = store.put(b"kept".to_vec()).await.unwrap();
    let run_id = Slug::from_static("it-is").run(1);
    store
        .append(to("repo/a", vec![started(&run_id), added(&run_id, &["a"])]))
        .await
        .unwrap();
    let target = dir.path().join("a 'safe' place");
    store.backup_to(&target).await.unwrap();
    store
        .append(to("repo/a", vec![note("later")]))
        .await
        .unwrap();

    let again = store.backup_to(&target).await.unwrap_err();
    assert!(again.to_string().starts_with("back up to"), "{again}");

    let copy = open(&target).unwrap();
    assert_eq!(copy.head().await.unwrap(), Seq(2));
    assert_eq!(copy.get(&id).await.unwrap().unwrap(), b"kept");
    let events = store.read_all(Seq(0), 2).await.unwrap();
    assert_eq!(copy.read_all(Seq(0), 10).await.unwrap(), events);
    copy.append(at("repo/a", 2, vec![note("elsewhere")]))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_log_beside_the_database_stays_small() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), Durability::Relaxed).unwrap();
    let wal = dir.path().join("factory.db-wal");
    let megabyte = "m".repeat(1 << 20);
    let mut largest = 0;
    for _ in 0..90 {
        store.append(to("a", vec![note(&megabyte)])).await.unwrap();
        largest = largest.max(fs::metadata(&wal).unwrap().len());
    }
    assert!(
        ((32 << 20)..(72 << 20)).contains(&largest),
        "{largest} bytes"
    );
    assert_eq!(store.head().await.unwrap(), Seq(90));
}

#[tokio::test]
async fn an_idle_store_copies_its_log_into_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    store
        .append(to("a", vec![note(&"m".repeat(1 << 20))]))
        .await
        .unwrap();
    let database = dir.path().join("factory.db");
    until(|| fs::metadata(&database).unwrap().len() >= 1 << 20).await;
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_not_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    store.append(to("a", vec![note("1")])).await.unwrap();
    // Refuses every event, as a full disk would: nothing of the append may stay.
    shell(
        dir.path(),
        "CREATE TRIGGER full BEFORE INSERT ON streams BEGIN SELECT raise(ABORT, 'disk full'); END",
    );
    let error = store
        .append(to("b", vec![created("ledgerly")]))
        .await
        .unwrap_err();
    assert!(
        matches!(error, AppendError::Store(StoreError::Io { .. })),
        "{error:?}"
    );
    shell(
        dir.path(),
        "DROP TRIGGER full;
         CREATE TRIGGER full BEFORE INSERT ON streams BEGIN SELECT raise(ROLLBACK, 'gone'); END",
    );
    let error = store
        .append(to("b", vec![created("ledgerly")]))
        .await
        .unwrap_err();
    assert!(
        matches!(error, AppendError::Store(StoreError::Io { .. })),
        "{error:?}"
    );
    assert_eq!(store.head().await.unwrap(), Seq(1));

    shell(dir.path(), "DROP TRIGGER full");
    let store = Ports::of(store, None);
    assert!(store.tables().await.iter().all(|(_, rows)| rows.is_empty()));
    let recorded = store.append(at("b", 0, vec![note("2")])).await.unwrap();
    assert_eq!(recorded[0].seq, Seq(2));
}
