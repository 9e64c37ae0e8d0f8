//! What was acknowledged survives `kill -9`.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use factory_core::id::Seq;
use factory_core::port::EventLog as _;
use factory_core::projection::{STARTUPS, Select};
use factory_store::{Durability, SqliteStore};

use crate::catalogue::created;
use crate::fixture::{Ports, to};

/// Names the store's folder to the process that is going to be killed.
const FOLDER: &str = "FACTORY_STORE_KILL_FOLDER";

/// Not a test of its own: the process that [`what_was_acknowledged_survives_being_killed`] starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let store = Arc::new(SqliteStore::open(&folder, Durability::Strict).unwrap());
    let first = store.head().await.unwrap().0;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for number in 0..100_000 {
                let slug = format!("s{first}-{task}-{number}");
                let recorded = store.append(to(&slug, vec![created(&slug)])).await.unwrap();
                println!("acknowledged {}", recorded[0].seq);
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_being_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<u64> = Vec::new();
    for round in 1..=5 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::appends_until_it_is_killed", "--nocapture"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let before = acknowledged.len();
        // Killed in the middle of its work; what it had said by then is still in the pipe.
        for line in lines {
            let line = line.unwrap();
            if let Some(seq) = line.rsplit_once("acknowledged ") {
                acknowledged.extend(seq.1.parse::<u64>());
            }
            if acknowledged.len() == before + 100 * round {
                child.kill().unwrap();
            }
        }
        assert!(!child.wait().unwrap().success());

        let store = SqliteStore::open(dir.path(), Durability::Strict).unwrap();
        let store = Ports::of(store, None);
        let stored: Vec<u64> = store.all().await.iter().map(|event| event.seq.0).collect();
        assert_eq!(
            stored,
            (1..=stored.len() as u64).collect::<Vec<u64>>(),
            "a gap"
        );
        assert!(
            acknowledged.iter().all(|seq| stored.contains(seq)),
            "an acknowledged one is lost"
        );
        assert!(acknowledged.len() >= before + 100 * round);
        assert_eq!(
            store.keys(Select::all(&STARTUPS)).await.len(),
            stored.len(),
            "a table is behind"
        );
        assert_eq!(store.log.head().await.unwrap(), Seq(stored.len() as u64));
    }
}
