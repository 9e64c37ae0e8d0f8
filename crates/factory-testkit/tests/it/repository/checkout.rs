//! The person's checkout beside a run, and what a run leaves behind.

use super::*;
use factory_engine::workshop::{WorkshopError, is_checkout_behind};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Does in the person's checkout what a task's title says before it edits: `sees FILE TEXT`, `commits FILE`,
/// `resets`, `sh SCRIPT`, `locks` or `unlocks`.
#[derive(Debug)]
struct Beside {
    checkout: std::path::PathBuf,
}

impl Beside {
    fn shell(&self, script: &str) {
        let done = Command::new("sh")
            .args(["-ec", script])
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@x.example")))
            .current_dir(&self.checkout)
            .output()
            .unwrap();
        assert!(done.status.success(), "{script}: {done:?}");
    }

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
                    let (file, mine) = (self.checkout.join(file), "mine\nfirst\nlast\n");
                    if std::fs::read_to_string(&file).unwrap() != mine {
                        std::fs::write(file, mine).unwrap();
                        git(&self.checkout, &["commit", "--quiet", "-am", "mine"]);
                    }
                }
                ["resets"] => drop(git(
                    &self.checkout,
                    &["reset", "--quiet", "--hard", "HEAD^"],
                )),
                ["sh", ..] => self.shell(assignment.task.title.split_once(' ').unwrap().1),
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
    let mut runner = open_on_main(bench).await;
    let started = runner.start(first_run(), plan("main"), tasks).await;
    started.unwrap();
    runner.drive().await.unwrap();
    bench.reason().await
}

async fn open_on_main(bench: &Bench) -> Runner {
    let worker = Arc::new(HeldUp(Beside {
        checkout: bench.repository(),
    }));
    let log = Arc::new(bench.store.clone());
    let clock = Arc::new(JumpingClock::default());
    let (runner, _handle) = bench.open("main", worker, log, clock).await.unwrap();
    runner
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

/// What a person's own git does before the first and between two landings, what they must still see at the end, and
/// whether something that landed is then missing from their checkout.
const BY_HAND: &[(&str, [&str; 2], &str, bool)] = &[
    (
        "a commit is taken back, its files stay",
        [
            "true",
            "echo mine > mine.txt; git add mine.txt; git commit -qm mine; git reset -q --soft HEAD^",
        ],
        "test $(cat mine.txt) = mine; git diff --cached --name-only | grep -q mine.txt",
        false,
    ),
    (
        "a commit is amended and its first form is pruned",
        [
            "true",
            "echo one > b.txt; git commit -qam mine; echo mine > b.txt; git commit -qa --amend -m amended;\
         git reflog expire --expire=now --all; git gc -q --prune=now",
        ],
        "test $(cat b.txt) = mine; test -z \"$(git status --porcelain)\"",
        false,
    ),
    (
        "edits are staged on top of a commit",
        [
            "true",
            "echo two > b.txt; git commit -qam mine; echo three > b.txt; git add b.txt",
        ],
        "test $(cat b.txt) = three; test $(git diff --cached --name-only) = b.txt",
        false,
    ),
    (
        "the branch is left with an edit in the way, and checked out again",
        ["echo mine > a.txt", "git switch -qc feature"],
        "git switch -q main; test $(cat a.txt) = mine",
        true,
    ),
    (
        "an ignored file has the name of one that lands",
        [
            "true",
            "echo new.txt > .git/info/exclude; echo mine > new.txt",
        ],
        "test $(cat new.txt) = mine",
        true,
    ),
    (
        "the note cannot be written",
        [
            "true",
            "rm .git/factory-checkout; mkdir .git/factory-checkout",
        ],
        "test -z \"$(git status --porcelain)\"",
        false,
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_does_with_their_own_git_is_respected() {
    for (what, [before, between], seen, is_behind) in BY_HAND {
        let bench = Bench::new();
        let by_hand = TaskSpec {
            lands: false,
            needs: after("first"),
            ..titled(&format!("sh {between}"), edit("by-hand", "a.txt"))
        };
        let edits = ["c.txt", "new.txt"].map(|path| (path.to_owned(), "by last".to_owned()));
        let last = TaskSpec {
            needs: after("by-hand"),
            work: Payload::of(&Edits::from(edits)).unwrap(),
            claims: Vec::new(),
            ..edit("last", "c.txt")
        };
        let first = titled(&format!("sh {before}"), edit("first", "a.txt"));
        let reason = run_on_main(&bench, vec![first, by_hand, last]).await;
        assert_eq!(reason.as_deref(), Some(NO_CHECK), "{what}");
        let checkout = bench.repository();
        let beside = Beside {
            checkout: checkout.clone(),
        };
        beside.shell(seen);
        let found = is_checkout_behind(&checkout, "main").unwrap();
        assert_eq!(found, *is_behind, "{what}");
        let text = std::fs::read_to_string(checkout.join("c.txt")).unwrap();
        assert!(*is_behind || text.contains("by last"), "{what}: {text}");
    }
}

#[test]
fn a_repository_that_was_never_worked_on_is_not_behind() {
    let bench = Bench::new();
    let repository = bench.repository();
    std::fs::write(repository.join("a.txt"), "mine\n").unwrap();
    git(&repository, &["add", "a.txt"]);
    assert!(!is_checkout_behind(&repository, "main").unwrap());
}

/// Checks that pass, after `first` has landed.
fn green(title: &str) -> TaskSpec {
    TaskSpec {
        lands: false,
        needs: after("first"),
        checks: vec![CheckName::new("green")],
        attempts_max: 2,
        ..titled(title, edit("check", "b.txt"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_that_passed_on_an_older_head_are_run_again() {
    let bench = Bench::new();
    let tasks = vec![edit("first", "a.txt"), green("commits b.txt")];
    assert_eq!(run_on_main(&bench, tasks).await, None, "verified");
    let head = git(&bench.repository(), &["rev-parse", "main"]);
    let events = bench.store.read_all(Seq(0), 10_000).await.unwrap();
    let checked: Vec<String> = events
        .into_iter()
        .filter_map(|recorded| match recorded.event {
            Event::Run(factory_core::run::RunEvent {
                event: factory_core::run::Event::Verified { commit, .. },
                ..
            }) => commit.map(|commit| commit.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(checked, [head]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_lost_what_landed_is_never_verified_and_resumes_when_it_is_put_back() {
    let bench = Bench::new();
    let mut runner = open_on_main(&bench).await;
    let tasks = vec![edit("first", "a.txt"), green("resets")];
    runner
        .start(first_run(), plan("main"), tasks)
        .await
        .unwrap();
    let error = runner.drive().await.unwrap_err();
    assert!(
        matches!(
            &error,
            RunnerError::Workshop(WorkshopError::LandedMissing { .. })
        ),
        "{error}"
    );
    drop(runner);
    let repository = bench.repository();
    git(&repository, &["reset", "--quiet", "--hard", "ORIG_HEAD"]);
    // This time the checks leave the branch alone.
    let log = Arc::new(bench.store.clone());
    let clock = Arc::new(JumpingClock::default());
    let (mut runner, _handle) = bench
        .open("main", Arc::new(Editor), log, clock)
        .await
        .unwrap();
    assert_eq!(runner.drive().await.unwrap(), Rest::Ended(End::Verified));
}

/// Waits in its checkout, or in the check of the merged tree, until it is given up.
#[derive(Debug)]
struct Waiting {
    waits: watch::Sender<bool>,
    in_check: bool,
    ended: Arc<AtomicBool>,
}

/// Takes its time to end.
struct SlowEnd(Arc<AtomicBool>);

impl Drop for SlowEnd {
    fn drop(&mut self) {
        #[expect(clippy::disallowed_methods, reason = "an end cannot wait by a clock")]
        std::thread::sleep(Duration::from_millis(200));
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Waiting {
    async fn wait(&self) {
        let _slow = SlowEnd(Arc::clone(&self.ended));
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
        let ended = Arc::new(AtomicBool::default());
        let worker = Arc::new(HeldUp(Waiting {
            waits: waits.clone(),
            in_check,
            ended: Arc::clone(&ended),
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
        assert!(ended.load(Ordering::SeqCst), "{in_check}: it still works");
    }
}
