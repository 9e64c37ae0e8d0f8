//! A run on a repository of somebody's own: no startup, no template, no playbook. The same engine, other data.

mod checkout;
mod late;
mod parked;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use factory_core::claim::{Claim, Glob, Mode};
use factory_core::clock::Clock;
use factory_core::event::Event;
use factory_core::id::{RunId, Seq, Slug, TaskId};
use factory_core::port::{BoxFuture, EventLog};
use factory_core::run::{
    CheckName, CheckResult, CheckState, End, GatePolicy, OnConflict, Outcome, Payload, Plan,
    StartPoint, Subject, Target, TaskSpec, Weight,
};
use factory_engine::git::FileMode;
use factory_engine::journal::Journal;
use factory_engine::runner::{Handle, Rest, Retry, Runner, RunnerError, Shared};
use factory_engine::slots::Slots;
use factory_engine::staging::{FileContent, TreeChange};
use factory_engine::worker::{Assignment, Report, WorkError, Worker};
use factory_engine::workshop::{Workshop, WorkshopSpec};
use factory_store::MemoryStore;
use factory_testkit::JumpingClock;

/// Puts a line after the first line of the files that its payload names.
#[derive(Debug)]
struct Editor;

type Edits = BTreeMap<String, String>;

impl Worker for Editor {
    fn perform<'a>(
        &'a self,
        assignment: &'a Assignment,
    ) -> BoxFuture<'a, Result<Report, WorkError>> {
        Box::pin(async move {
            let checks = assignment.task.checks.iter().map(|check| {
                let (result, detail) = match check.as_str() {
                    "green" => (CheckState::Passed, "3 tests passed"),
                    _ => (CheckState::Failed, "2 of 3 tests failed"),
                };
                CheckResult {
                    check: check.clone(),
                    result,
                    detail: detail.to_owned(),
                    log: None,
                    took_ms: 1,
                }
            });
            let outcome = Outcome {
                checks: checks.collect(),
                ..Outcome::default()
            };
            if !assignment.task.lands {
                return Ok(Report {
                    outcome,
                    ..Report::default()
                });
            }
            let edits: Edits = assignment.task.work.read().unwrap();
            let mut change = TreeChange::default();
            for (path, line) in edits {
                let text = match (&assignment.area, &assignment.files) {
                    (Some(area), _) => std::fs::read_to_string(area.join(&path)).unwrap(),
                    (None, Some(files)) => files.read(&path).unwrap().map_or_else(
                        || "new\n".to_owned(),
                        |file| String::from_utf8(file.bytes).unwrap(),
                    ),
                    (None, None) => panic!("a task that lands can read its base"),
                };
                let (first, rest) = text.split_once('\n').unwrap();
                let text = format!("{first}\n{line}\n{rest}");
                if let Some(area) = &assignment.area {
                    std::fs::write(area.join(&path), text).unwrap();
                } else {
                    let content = FileContent {
                        mode: FileMode::File,
                        bytes: text.into_bytes(),
                    };
                    change.files.insert(path, Some(content));
                }
            }
            Ok(Report {
                outcome,
                change: assignment.area.is_none().then_some(change),
                ..Report::default()
            })
        })
    }

    fn check_merged<'a>(
        &'a self,
        _plan: &'a Plan,
        _area: &'a Path,
        _log: &'a Path,
    ) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(async { Ok(()) })
    }
}

/// What a test lets happen before an edit and during the check of a merged tree; nothing, unless it is overridden.
trait Before: std::fmt::Debug + Send + Sync + 'static {
    fn edit<'a>(&'a self, _assignment: &'a Assignment) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(async { Ok(()) })
    }

    fn check(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// An [`Editor`] that is held up.
#[derive(Debug)]
struct HeldUp<B>(B);

impl<B: Before> Worker for HeldUp<B> {
    fn perform<'a>(
        &'a self,
        assignment: &'a Assignment,
    ) -> BoxFuture<'a, Result<Report, WorkError>> {
        Box::pin(async move {
            self.0.edit(assignment).await?;
            Editor.perform(assignment).await
        })
    }

    fn check_merged<'a>(
        &'a self,
        plan: &'a Plan,
        area: &'a Path,
        log: &'a Path,
    ) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(async move {
            self.0.check().await;
            Editor.check_merged(plan, area, log).await
        })
    }
}

fn git(folder: &Path, words: &[&str]) -> String {
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    let output = Command::new("git")
        .args(identity)
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository with a commit on `main`, and where a run on it is driven.
struct Bench {
    folder: tempfile::TempDir,
    store: MemoryStore,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("project");
        std::fs::create_dir(&repository).unwrap();
        git(&repository, &["init", "--quiet", "--initial-branch=main"]);
        for name in ["a.txt", "b.txt", "c.txt"] {
            std::fs::write(repository.join(name), "first\nlast\n").unwrap();
        }
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "--quiet", "-m", "begin"]);
        Self {
            folder,
            store: MemoryStore::new(),
        }
    }

    fn repository(&self) -> std::path::PathBuf {
        self.folder.path().join("project")
    }

    /// Where attempts work.
    fn staging(&self) -> std::path::PathBuf {
        self.folder.path().join("staging")
    }

    /// The text of a file on the run's branch.
    fn landed(&self, path: &str) -> String {
        git(
            &self.repository(),
            &["show", &format!("factory/plan:{path}")],
        )
    }

    /// A runner on `branch`, which grows from `main`.
    async fn open(
        &self,
        branch: &str,
        worker: Arc<dyn Worker>,
        log: Arc<dyn EventLog>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Runner, Handle), RunnerError> {
        let spec = WorkshopSpec {
            repository: self.repository(),
            staging: self.staging(),
            branch: branch.to_owned(),
            start: from_main(),
            file_bytes_max: 1 << 20,
        };
        let shared = Shared {
            journal: Journal::open(log, Arc::clone(&clock), None).await?,
            worker,
            slots: Slots::new(4, 2),
            clock,
            logs: self.folder.path().join("logs"),
            retry: Retry {
                delay: Duration::from_millis(10),
                delay_max: Duration::from_millis(20),
            },
        };
        let workshop = Arc::new(Workshop::open(spec)?);
        let subject = Subject::Repository {
            name: Slug::from_static("plan"),
        };
        Runner::open(Arc::new(shared), subject, workshop, false).await
    }

    /// A runner on a branch of its own, with a clock that jumps.
    async fn open_with(&self, worker: Arc<dyn Worker>) -> Result<(Runner, Handle), RunnerError> {
        let log = Arc::new(self.store.clone());
        let clock = Arc::new(JumpingClock::default());
        self.open(BRANCH, worker, log, clock).await
    }

    async fn run(&self, tasks: Vec<TaskSpec>) -> Result<(Rest, Option<String>), RunnerError> {
        let (mut runner, _handle) = self.open_with(Arc::new(Editor)).await?;
        runner.start(first_run(), plan(BRANCH), tasks).await?;
        let rest = runner.drive().await?;
        Ok((rest, self.reason().await))
    }

    /// Why the run ended as it did.
    async fn reason(&self) -> Option<String> {
        let events = self.store.read_all(Seq(0), 10_000).await.unwrap();
        events
            .into_iter()
            .find_map(|recorded| match recorded.event {
                Event::Run(factory_core::run::RunEvent {
                    event: factory_core::run::Event::Finished { reason, .. },
                    ..
                }) => reason,
                _ => None,
            })
    }
}

/// The branch of runs that stay out of a person's way.
const BRANCH: &str = "factory/plan";

fn from_main() -> StartPoint {
    StartPoint::Branch {
        branch: "main".to_owned(),
    }
}

fn first_run() -> RunId {
    Slug::from_static("plan").run(1)
}

fn plan(branch: &str) -> Plan {
    Plan {
        playbook: "plan".to_owned(),
        target: Target {
            branch: branch.to_owned(),
            start: from_main(),
        },
        gates: GatePolicy::Person,
        input: Payload::none(),
    }
}

fn after(name: &'static str) -> Vec<TaskId> {
    vec![TaskId::from_static(name)]
}

fn edit(name: &'static str, path: &str) -> TaskSpec {
    let edits = Edits::from([(path.to_owned(), format!("by {name}"))]);
    let glob = Glob::literal(path).unwrap();
    TaskSpec {
        lands: true,
        claims: vec![Claim::new(Mode::Edit, glob)],
        ..TaskSpec::new(
            TaskId::from_static(name),
            name,
            "work",
            Payload::of(&edits).unwrap(),
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_as_data_and_changes_in_a_checkout_land_on_a_branch_of_their_own() {
    let bench = Bench::new();
    let main = git(&bench.repository(), &["rev-parse", "main"]);
    let in_a_checkout = TaskSpec {
        needs_area: true,
        weight: Weight::Heavy,
        ..edit("worker", "b.txt")
    };
    let then = TaskSpec {
        needs: vec![TaskId::from_static("worker"), TaskId::from_static("data")],
        ..edit("then", "b.txt")
    };
    let (rest, reason) = bench
        .run(vec![edit("data", "a.txt"), in_a_checkout, then])
        .await
        .unwrap();
    assert_eq!(rest, Rest::Ended(End::Unverified));
    assert_eq!(reason.as_deref(), Some("not verified: no check was run"));
    assert_eq!(bench.landed("a.txt"), "first\nby data\nlast");
    assert_eq!(bench.landed("b.txt"), "first\nby then\nby worker\nlast");
    let repository = bench.repository();
    assert_eq!(git(&repository, &["rev-parse", "main"]), main);
    assert_eq!(
        git(&repository, &["merge-base", "main", "factory/plan"]),
        main
    );
    assert_eq!(git(&repository, &["status", "--porcelain"]), "");
    let events = bench.store.read_all(Seq(0), 10_000).await.unwrap();
    let of_portfolio = events
        .iter()
        .filter(|recorded| matches!(recorded.event, Event::Portfolio(_)));
    assert_eq!(of_portfolio.count(), 0, "no startup is involved");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_done_again_or_fails_as_its_task_says() {
    for (on_conflict, expected) in [
        (OnConflict::Redo, Rest::Ended(End::Unverified)),
        (OnConflict::Fail, Rest::Ended(End::Failed)),
    ] {
        let bench = Bench::new();
        let tasks = ["one", "two"].map(|name| TaskSpec {
            on_conflict,
            ..edit(name, "a.txt")
        });
        let (rest, reason) = bench.run(tasks.to_vec()).await.unwrap();
        assert_eq!(rest, expected, "{on_conflict}: {reason:?}");
        let lines = bench.landed("a.txt");
        let both = lines.contains("by one") && lines.contains("by two");
        assert_eq!(both, on_conflict == OnConflict::Redo, "{lines}");
        if on_conflict == OnConflict::Fail {
            assert!(reason.unwrap().contains("does not fit"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_check_keeps_what_needs_it_from_starting() {
    let bench = Bench::new();
    let check = TaskSpec {
        lands: false,
        needs_area: true,
        checks: vec![CheckName::new("tests")],
        ..edit("check", "a.txt")
    };
    let after = TaskSpec {
        needs: after("check"),
        ..edit("after", "b.txt")
    };
    let (rest, reason) = bench.run(vec![check, after]).await.unwrap();
    assert_eq!(rest, Rest::Ended(End::Unverified));
    assert_eq!(reason.as_deref(), Some("tests failed: 2 of 3 tests failed"));
    let branches = git(&bench.repository(), &["branch", "--list", "factory/plan"]);
    assert_eq!(branches, "", "nothing landed, so nothing was made");
}
