//! A result that comes when its lease is over.

#![expect(
    clippy::disallowed_methods,
    clippy::many_single_char_names,
    clippy::too_many_lines,
    reason = "the test slows a store down; its tasks are called a to d"
)]

use super::*;
use factory_core::clock::{Clock, Timestamp};
use factory_core::event::Recorded;
use factory_core::id::{StreamId, Term, Version};
use factory_core::port::{Append, AppendError, EventLog, StoreError};
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::watch;

#[derive(Debug, Default)]
struct Skewed(AtomicI64);
impl Clock for Skewed {
    fn now(&self) -> Timestamp {
        Timestamp(factory_testkit::RealClock.now().0 + self.0.load(Ordering::SeqCst))
    }
    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(until.since(self.now())))
    }
}

/// `a` writes outside its claims and is done while the append of `b`'s result is slow; then the lease of `a` is over.
#[derive(Debug)]
struct Slow {
    store: MemoryStore,
    clock: Arc<Skewed>,
    go: watch::Sender<bool>,
}
impl EventLog for Slow {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Vec<Recorded>, AppendError>> {
        Box::pin(async move {
            let hit = append.writes.iter().flat_map(|w| &w.events).any(|e| {
                let e = e.encode();
                e.kind == "run.attempt_succeeded" && e.body["task_id"] == "b"
            });
            if hit {
                self.go.send_replace(true);
                tokio::time::sleep(Duration::from_millis(800)).await;
                self.clock.0.store(120_000, Ordering::SeqCst);
            }
            self.store.append(append).await
        })
    }
    fn read(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>> {
        self.store.read(stream, after, limit)
    }
    fn read_all(
        &self,
        after: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Recorded>, StoreError>> {
        self.store.read_all(after, limit)
    }
    fn head(&self) -> BoxFuture<'_, Result<Seq, StoreError>> {
        self.store.head()
    }
    fn wait_beyond(&self, seq: Seq) -> BoxFuture<'_, Result<Seq, StoreError>> {
        self.store.wait_beyond(seq)
    }
}

#[derive(Debug)]
struct Hand {
    go: watch::Sender<bool>,
}
impl Worker for Hand {
    fn perform<'a>(&'a self, a: &'a Assignment) -> BoxFuture<'a, Result<Report, WorkError>> {
        Box::pin(async move {
            let name = a.task.id.as_str();
            if name == "a" {
                self.go.subscribe().wait_for(|go| *go).await.unwrap();
            }
            if name == "d" {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            let mut report = Report::default();
            if a.task.lands {
                let mut change = TreeChange::default();
                change.files.insert(
                    "outside.txt".to_owned(),
                    Some(FileContent {
                        mode: FileMode::File,
                        bytes: name.as_bytes().to_vec(),
                    }),
                );
                report.change = Some(change);
            }
            Ok(report)
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

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_comes_after_its_lease_takes_no_claims() {
    let bench = Bench::new();
    let spec = WorkshopSpec {
        repository: bench.repository(),
        staging: bench.folder.path().join("staging"),
        branch: "factory/plan".to_owned(),
        start: StartPoint::Branch {
            branch: "main".to_owned(),
        },
        file_bytes_max: 1 << 20,
    };
    let target = Target {
        branch: spec.branch.clone(),
        start: spec.start.clone(),
    };
    let clock = Arc::new(Skewed::default());
    let go = watch::Sender::new(false);
    let log = Arc::new(Slow {
        store: bench.store.clone(),
        clock: Arc::<Skewed>::clone(&clock),
        go: go.clone(),
    });
    let shared = Shared {
        journal: Journal::open(log, Arc::<Skewed>::clone(&clock), None::<Term>)
            .await
            .unwrap(),
        worker: Arc::new(Hand { go }),
        slots: Slots::new(4, 2),
        clock,
        logs: bench.folder.path().join("logs"),
        retry: Retry {
            delay: Duration::from_millis(10),
            delay_max: Duration::from_millis(20),
        },
    };
    let workshop = Arc::new(Workshop::open(spec).unwrap());
    let subject = Subject::Repository {
        name: Slug::from_static("plan"),
    };
    let (mut runner, _handle) = Runner::open(Arc::new(shared), subject, workshop, false)
        .await
        .unwrap();
    let plan = Plan {
        playbook: "plan".to_owned(),
        target,
        gates: GatePolicy::Person,
        input: Payload::none(),
    };
    let t = |name: &'static str| {
        TaskSpec::new(TaskId::from_static(name), name, "work", Payload::none())
    };
    let a = TaskSpec {
        lands: true,
        timeout_s: 60,
        claims: vec![Claim::new(Mode::Edit, Glob::literal("a.txt").unwrap())],
        ..t("a")
    };
    let b = TaskSpec {
        timeout_s: 6000,
        ..t("b")
    };
    let d = TaskSpec {
        timeout_s: 6000,
        needs: vec![TaskId::from_static("b")],
        ..t("d")
    };
    let c = TaskSpec {
        lands: true,
        timeout_s: 6000,
        needs: vec![TaskId::from_static("d")],
        claims: vec![Claim::new(
            Mode::Write,
            Glob::literal("outside.txt").unwrap(),
        )],
        ..t("c")
    };
    runner.start(plan, vec![a, b, c, d], 1).await.unwrap();
    let rest = tokio::time::timeout(Duration::from_mins(1), runner.drive());
    let rest = rest
        .await
        .expect("claims of a late result block the others")
        .unwrap();
    assert_eq!(rest, Rest::Ended(End::Failed));
}
