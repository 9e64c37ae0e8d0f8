//! How many appends a second, beside what the disk gives at all. Not a test: it only prints.
//!
//! `cargo test --release -p factory-store --test it -- --ignored --nocapture measure`

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the real clock"
)]

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use factory_core::id::Slug;
use factory_core::port::EventLog as _;
use factory_store::{Durability, SqliteStore};
use tokio::task::JoinSet;

use crate::catalogue::attempted;
use crate::fixture::at;

const EACH: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn appends_per_second() {
    let dir = tempfile::tempdir().unwrap();
    println!(
        "{:>8.0} /s  fdatasync after 4 KiB, one thread",
        synced_writes(dir.path())
    );
    for durability in [Durability::Strict, Durability::Relaxed] {
        for concurrent in [1, 10, 100] {
            let folder = dir.path().join(format!("{durability:?}{concurrent}"));
            let (appends, commits) = appends(&folder, durability, concurrent).await;
            println!(
                "{appends:>8.0} /s  appends of one event and two rows, {durability:?}, \
                 {concurrent} at once, {commits:.0} commits/s"
            );
        }
    }
}

fn synced_writes(dir: &std::path::Path) -> f64 {
    let mut file = File::create(dir.join("floor")).unwrap();
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < EACH {
        file.write_all(&[7; 4_096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

async fn appends(dir: &std::path::Path, durability: Durability, concurrent: u64) -> (f64, f64) {
    let store = Arc::new(SqliteStore::open(dir, durability).unwrap());
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for task in 0..concurrent {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let run_id = Slug::parse(format!("s{task}")).unwrap().run(1);
            let mut version = 0_u32;
            while started.elapsed() < EACH {
                let event = attempted(&run_id, "entity:Invoice", u64::from(version % 100));
                let append = at(&format!("repo/s{task}"), u64::from(version), vec![event]);
                store.append(append).await.unwrap();
                version += 1;
            }
            version
        });
    }
    let count: u32 = tasks.join_all().await.into_iter().sum();
    let seconds = started.elapsed().as_secs_f64();
    let commits = u32::try_from(store.commits()).unwrap();
    (f64::from(count) / seconds, f64::from(commits) / seconds)
}
