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

/// `late` edits outside its claims and is done while the append of `quick`'s result is slow; when that is over, so is
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

/// `late` waits for the test, and `pause` takes its time.
#[derive(Debug)]
struct Slow {
    go: watch::Sender<bool>,
}

impl Before for Slow {
    fn edit<'a>(&'a self, assignment: &'a Assignment) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(async move {
            match assignment.task.id.as_str() {
                "late" => drop(self.go.subscribe().wait_for(|go| *go).await.unwrap()),
                "pause" => tokio::time::sleep(Duration::from_millis(500)).await,
                _ => {}
            }
            Ok(())
        })
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

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_comes_after_its_lease_takes_no_claims() {
    let bench = Bench::new();
    let (clock, go) = (Arc::new(Skewed::default()), watch::Sender::new(false));
    let slow = SlowAppend {
        clock: Arc::clone(&clock),
        go: go.clone(),
    };
    let log = Arc::new(HookedStore::new(bench.store.clone(), slow));
    let worker = Arc::new(HeldUp(Slow { go }));
    let (mut runner, _handle) = bench.open(BRANCH, worker, log, clock).await.unwrap();
    let late = TaskSpec {
        claims: writes("a.txt"),
        timeout_s: 60,
        ..edit("late", "b.txt")
    };
    let pause = TaskSpec {
        needs: after("quick"),
        ..task("pause", 6000)
    };
    let blocked = TaskSpec {
        needs: after("pause"),
        claims: writes("b.txt"),
        timeout_s: 6000,
        ..edit("blocked", "b.txt")
    };
    fails_in_time(&mut runner, vec![late, task("quick", 6000), pause, blocked]).await;
}

/// Drives a run that fails, unless claims that nobody gave back block it.
async fn fails_in_time(runner: &mut Runner, tasks: Vec<TaskSpec>) {
    let started = runner.start(first_run(), plan(BRANCH), tasks).await;
    started.unwrap();
    let rest = tokio::time::timeout(Duration::from_mins(1), runner.drive());
    let Ok(rest) = rest.await else {
        panic!("claims of an ended attempt block others");
    };
    assert_eq!(rest.unwrap(), Rest::Ended(End::Failed));
}

/// Never ends `hangs`.
#[derive(Debug)]
struct Hanging;

impl Before for Hanging {
    fn edit<'a>(&'a self, assignment: &'a Assignment) -> BoxFuture<'a, Result<(), WorkError>> {
        if assignment.task.id.as_str() == "hangs" {
            return Box::pin(std::future::pending());
        }
        Box::pin(async { Ok(()) })
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
    let (mut runner, _handle) = bench.open_with(Arc::new(HeldUp(Hanging))).await.unwrap();
    let next = TaskSpec {
        claims: writes("a.txt"),
        ..edit("next", "a.txt")
    };
    fails_in_time(&mut runner, vec![hangs, next]).await;
    assert_eq!(bench.landed("a.txt"), "first\nby next\nlast");
}
