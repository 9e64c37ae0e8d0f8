//! The person's checkout beside a run, and what a run leaves behind.

use super::*;
use factory_engine::workshop::is_checkout_behind;
use tokio::sync::watch;

/// Does in the person's checkout what a task's title says before it edits: `sees FILE TEXT`, `commits FILE`,
/// `locks` or `unlocks`.
#[derive(Debug)]
struct Beside {
    checkout: std::path::PathBuf,
}

impl Beside {
    /// What another git leaves while it writes the index.
    fn lock(&self) -> std::path::PathBuf {
        self.checkout.join(".git/index.lock")
    }
}

impl Before for Beside {
    fn edit<'a>(&'a self, assignment: &'a Assignment) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(async move {
            let words: Vec<&str> = assignment.task.title.splitn(3, ' ').collect();
            match *words {
                ["sees", file, text] => {
                    let found = std::fs::read_to_string(self.checkout.join(file)).unwrap();
                    if found != text {
                        let wrong = format!("the checkout has {found:?}, not {text:?}");
                        return Err(WorkError::Permanent(wrong));
                    }
                }
                ["commits", file] => {
                    std::fs::write(self.checkout.join(file), "mine\nfirst\nlast\n").unwrap();
                    git(&self.checkout, &["commit", "--quiet", "-am", "mine"]);
                }
                ["locks"] => std::fs::write(self.lock(), "").unwrap(),
                ["unlocks"] => std::fs::remove_file(self.lock()).unwrap(),
                _ => {}
            }
            Ok(())
        })
    }
}

/// Runs on the branch that is checked out.
async fn run_on_main(bench: &Bench, tasks: Vec<TaskSpec>) -> Option<String> {
    let worker = Arc::new(HeldUp(Beside {
        checkout: bench.repository(),
    }));
    let log = Arc::new(bench.store.clone());
    let clock = Arc::new(JumpingClock::default());
    let (mut runner, _handle) = bench.open("main", worker, log, clock).await.unwrap();
    runner
        .start(first_run(), plan("main"), tasks)
        .await
        .unwrap();
    runner.drive().await.unwrap();
    bench.reason().await
}

fn titled(title: &str, task: TaskSpec) -> TaskSpec {
    TaskSpec {
        title: title.to_owned(),
        ..task
    }
}

const NO_CHECK: &str = "not verified: no check was run";

#[tokio::test(flavor = "multi_thread")]
async fn the_checkout_follows_each_landing() {
    let bench = Bench::new();
    let second = TaskSpec {
        needs: after("first"),
        ..titled(
            "sees a.txt first\nby first\nlast\n",
            edit("second", "b.txt"),
        )
    };
    let reason = run_on_main(&bench, vec![edit("first", "a.txt"), second]).await;
    assert_eq!(reason.as_deref(), Some(NO_CHECK));
    assert_eq!(git(&bench.repository(), &["status", "--porcelain"]), "");
    assert!(!is_checkout_behind(&bench.repository(), "main").unwrap());
}

/// Between two landings a person commits a change of the very file that the second one edits too.
#[tokio::test(flavor = "multi_thread")]
async fn a_persons_commit_during_a_run_does_not_block_the_checkout() {
    let bench = Bench::new();
    let second = TaskSpec {
        needs: after("first"),
        ..titled("commits b.txt", edit("second", "b.txt"))
    };
    let reason = run_on_main(&bench, vec![edit("first", "a.txt"), second]).await;
    assert_eq!(reason.as_deref(), Some(NO_CHECK));
    let repository = bench.repository();
    assert_eq!(git(&repository, &["status", "--porcelain"]), "");
    assert!(!is_checkout_behind(&repository, "main").unwrap());
    let text = std::fs::read_to_string(repository.join("b.txt")).unwrap();
    assert_eq!(text, "mine\nfirst\nby second\nlast\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_was_locked_at_the_last_landing_follows_when_the_run_rests() {
    let bench = Bench::new();
    let unlocks = TaskSpec {
        lands: false,
        needs: after("first"),
        ..titled("unlocks", edit("second", "b.txt"))
    };
    let first = titled("locks", edit("first", "a.txt"));
    run_on_main(&bench, vec![first, unlocks]).await;
    let repository = bench.repository();
    let text = std::fs::read_to_string(repository.join("a.txt")).unwrap();
    assert_eq!(text, "first\nby first\nlast\n");
    assert_eq!(git(&repository, &["status", "--porcelain"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn local_edits_are_kept_and_the_checkout_is_known_to_be_behind() {
    let bench = Bench::new();
    let repository = bench.repository();
    std::fs::write(repository.join("a.txt"), "mine\n").unwrap();
    run_on_main(&bench, vec![edit("first", "a.txt")]).await;
    let text = std::fs::read_to_string(repository.join("a.txt")).unwrap();
    assert_eq!(text, "mine\n");
    assert!(is_checkout_behind(&repository, "main").unwrap());
}

/// Waits in its checkout, or in the check of the merged tree, until it is given up.
#[derive(Debug)]
struct Waiting {
    waits: watch::Sender<bool>,
    in_check: bool,
}

impl Waiting {
    async fn wait(&self) {
        self.waits.send_replace(true);
        std::future::pending::<()>().await;
    }
}

impl Before for Waiting {
    fn edit<'a>(&'a self, _: &'a Assignment) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(async move {
            if !self.in_check {
                self.wait().await;
            }
            Ok(())
        })
    }

    fn check(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.wait())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_leaves_no_folder_and_no_check_at_work() {
    for in_check in [false, true] {
        let bench = Bench::new();
        let waits = watch::Sender::new(false);
        let worker = Arc::new(HeldUp(Waiting {
            waits: waits.clone(),
            in_check,
        }));
        let (mut runner, handle) = bench.open_with(Arc::clone(&worker) as _).await.unwrap();
        let task = TaskSpec {
            needs_area: true,
            ..edit("one", "a.txt")
        };
        runner
            .start(first_run(), plan(BRANCH), vec![task])
            .await
            .unwrap();
        let (rest, ()) = tokio::join!(runner.drive(), async {
            let mut waits = waits.subscribe();
            waits.wait_for(|waits| *waits).await.unwrap();
            let reason = "not wanted any more".to_owned();
            handle.cancel(first_run(), reason).await.unwrap();
        });
        assert_eq!(rest.unwrap(), Rest::Ended(End::Cancelled), "{in_check}");
        let left: Vec<_> = std::fs::read_dir(bench.staging()).unwrap().collect();
        assert!(left.is_empty(), "{in_check}: {left:?}");
        // The runner, the test, and nobody who still works.
        drop(runner);
        assert_eq!(Arc::strong_count(&worker), 1, "{in_check}");
    }
}
