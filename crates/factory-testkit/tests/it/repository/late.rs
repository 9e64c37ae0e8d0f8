//! Leases that run out: what comes too late takes nothing, and what is held is given back.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests slow a store down and let a worker hang"
)]

use super::*;
use factory_app::clock::SystemClock;
use factory_core::clock::Timestamp;
use factory_core::port::Append;
use factory_testkit::{HookedStore, Hooks};
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::watch;

/// The machine's clock, and how far a test has put it forward, in milliseconds.
#[derive(Debug, Default)]
struct Skewed(AtomicI64);

impl Clock for Skewed {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }

    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(until.since(self.now())))
    }
}

/// `late` writes outside its claims and is done while the append of `quick`'s result is slow; when that is over, so is
/// the lease of `late`.
#[derive(Debug)]
struct SlowAppend {
    clock: Arc<Skewed>,
    go: watch::Sender<bool>,
}

impl Hooks for SlowAppend {
    fn before_append<'a>(&'a self, append: &'a Append) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut events = append.writes.iter().flat_map(|write| &write.events);
            let is_slow = events.any(|event| {
                let event = event.encode();
                event.kind == "run.attempt_succeeded" && event.body["task_id"] == "quick"
            });
            if is_slow {
                self.go.send_replace(true);
                tokio::time::sleep(Duration::from_millis(800)).await;
                self.clock.0.store(120_000, Ordering::SeqCst);
            }
        })
    }
}

/// Writes `outside.txt`, whatever it was given; `late` waits for the test, and `pause` takes its time.
#[derive(Debug)]
struct Outsider {
    go: watch::Sender<bool>,
}

impl Worker for Outsider {
    fn perform<'a>(
        &'a self,
        assignment: &'a Assignment,
    ) -> BoxFuture<'a, Result<Report, WorkError>> {
        Box::pin(async move {
            match assignment.task.id.as_str() {
                "late" => drop(self.go.subscribe().wait_for(|go| *go).await.unwrap()),
                "pause" => tokio::time::sleep(Duration::from_millis(500)).await,
                _ => {}
            }
            let content = FileContent {
                mode: FileMode::File,
                bytes: assignment.task.id.to_string().into_bytes(),
            };
            let mut change = TreeChange::default();
            change.files.insert("outside.txt".to_owned(), Some(content));
            Ok(Report {
                change: assignment.task.lands.then_some(change),
                ..Report::default()
            })
        })
    }

    fn check_merged<'a>(
        &'a self,
        _: &'a Plan,
        _: &'a Path,
        _: &'a Path,
    ) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(async { Ok(()) })
    }
}

fn task(name: &'static str, timeout_s: u64) -> TaskSpec {
    TaskSpec {
        timeout_s,
        ..TaskSpec::new(TaskId::from_static(name), name, "work", Payload::none())
    }
}

fn writes(path: &str) -> Vec<Claim> {
    vec![Claim::new(Mode::Write, Glob::literal(path).unwrap())]
}

fn after(name: &'static str) -> Vec<TaskId> {
    vec![TaskId::from_static(name)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_comes_after_its_lease_takes_no_claims() {
    let bench = Bench::new();
    let (clock, go) = (Arc::new(Skewed::default()), watch::Sender::new(false));
    let slow = SlowAppend {
        clock: Arc::clone(&clock),
        go: go.clone(),
    };
    let log = Arc::new(HookedStore::new(bench.store.clone(), slow));
    let worker = Arc::new(Outsider { go });
    let (mut runner, _handle) = bench.open(BRANCH, worker, log, clock).await.unwrap();
    let late = TaskSpec {
        lands: true,
        claims: writes("a.txt"),
        ..task("late", 60)
    };
    let pause = TaskSpec {
        needs: after("quick"),
        ..task("pause", 6000)
    };
    let blocked = TaskSpec {
        lands: true,
        needs: after("pause"),
        claims: writes("outside.txt"),
        ..task("blocked", 6000)
    };
    let tasks = vec![late, task("quick", 6000), pause, blocked];
    runner
        .start(first_run(), plan(BRANCH), tasks)
        .await
        .unwrap();
    let rest = tokio::time::timeout(Duration::from_mins(1), runner.drive());
    let rest = rest
        .await
        .expect("claims of a late result block the others");
    assert_eq!(rest.unwrap(), Rest::Ended(End::Failed));
}

/// Never ends `hangs`, and edits as it is told otherwise.
#[derive(Debug)]
struct Hanging;

impl Worker for Hanging {
    fn perform<'a>(
        &'a self,
        assignment: &'a Assignment,
    ) -> BoxFuture<'a, Result<Report, WorkError>> {
        if assignment.task.id.as_str() == "hangs" {
            return Box::pin(std::future::pending());
        }
        Editor.perform(assignment)
    }

    fn check_merged<'a>(
        &'a self,
        plan: &'a Plan,
        area: &'a Path,
        log: &'a Path,
    ) -> BoxFuture<'a, Result<(), WorkError>> {
        Editor.check_merged(plan, area, log)
    }
}

/// Both claim the same file; the first to ask hangs until its lease is over, for good.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_lease_runs_out_gives_its_claims_back() {
    let bench = Bench::new();
    let hangs = TaskSpec {
        timeout_s: 1,
        attempts_max: 1,
        claims: writes("a.txt"),
        ..edit("hangs", "a.txt")
    };
    let (mut runner, _handle) = bench.open_with(Arc::new(Hanging)).await.unwrap();
    let next = TaskSpec {
        claims: writes("a.txt"),
        ..edit("next", "a.txt")
    };
    let tasks = vec![hangs, next];
    runner
        .start(first_run(), plan(BRANCH), tasks)
        .await
        .unwrap();
    let rest = tokio::time::timeout(Duration::from_mins(1), runner.drive());
    let rest = rest
        .await
        .expect("claims of an ended attempt block the next");
    assert_eq!(rest.unwrap(), Rest::Ended(End::Failed));
    assert_eq!(bench.landed("a.txt"), "first\nby next\nlast");
}
