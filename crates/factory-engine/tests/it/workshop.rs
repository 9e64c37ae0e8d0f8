//! Opening, landing, locks of other gits, and areas that cannot be deleted.

use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use factory_core::clock::{Clock, Timestamp};
use factory_core::id::{Epoch, ObjectId, TaskId};
use factory_core::process::BoxFuture;
use factory_core::run::{Collected, StartPoint};
use factory_engine::git::{Oid, Published};
use factory_engine::workshop::{Change, Workshop, WorkshopError, WorkshopSpec, publish_patiently};

use crate::workbench::{Workbench, write};

fn spec(bench: &Workbench, branch: &str, start: StartPoint) -> WorkshopSpec {
    WorkshopSpec {
        repository: bench.checkout(),
        staging: bench.dir.join("staging"),
        branch: branch.to_owned(),
        start,
        file_bytes_max: 1 << 20,
    }
}

fn open(bench: &Workbench) -> Workshop {
    Workshop::open(spec(bench, "main", StartPoint::Empty)).unwrap()
}

fn change(bench: &Workbench, base: Option<Oid>, file: &str) -> Change {
    let tree = match base {
        Some(base) => bench.edited(base, &[(file, "text")]),
        None => bench.tree(&[(file, "text")]),
    };
    Change {
        task_id: TaskId::parse(file).unwrap(),
        epoch: Epoch(1),
        title: format!("Add {file}"),
        collected: Collected {
            base: base.map(ObjectId::from),
            tree: tree.into(),
            paths: vec![file.to_owned()],
        },
        again: false,
    }
}

/// Merges and publishes one change.
fn land(workshop: &Workshop, change: Change) -> ObjectId {
    let batch = workshop.prepare(&[change], Timestamp(1_000)).unwrap();
    let commit = batch.landings[0].2.commit.clone().unwrap();
    let published = workshop
        .publish(batch.head.as_ref(), Some(&commit))
        .unwrap();
    assert_eq!(published, Published::Done);
    commit
}

fn git(dir: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

/// A bench whose `main` has one commit, checked out.
fn with_history() -> (Workbench, Oid) {
    let bench = Workbench::new();
    let commit = bench.commit(bench.tree(&[("README.md", "read me")]), &[]);
    bench.repo.publish("main", None, commit).unwrap();
    bench.repo.sync_checkout("main", None, commit).unwrap();
    (bench, commit)
}

#[test]
fn a_repository_that_cannot_be_worked_on_is_refused_before_anything_is_made() {
    let (bench, commit) = with_history();
    let linked = bench.dir.join("linked");
    bench.git(&["worktree", "add", "--detach", linked.to_str().unwrap()]);
    let sha256 = bench.dir.join("sha256");
    git(
        &bench.dir,
        &["init", "--object-format=sha256", sha256.to_str().unwrap()],
    );
    let latin = latin_commit(&bench);
    bench.repo.publish("latin", None, latin).unwrap();
    let branch = |branch: &str| StartPoint::Branch {
        branch: branch.to_owned(),
    };
    let missing = branch("missing");
    let spec_of = |repository: &Path, branch: &str, start| WorkshopSpec {
        repository: repository.to_path_buf(),
        ..spec(&bench, branch, start)
    };
    let checkout = bench.checkout();
    let cases = [
        (
            spec_of(&linked, "main", StartPoint::Empty),
            "linked work tree",
        ),
        (
            spec_of(&sha256, "main", StartPoint::Empty),
            "object format `sha256`",
        ),
        (
            spec_of(&checkout, "latin", StartPoint::Empty),
            "the branch `latin` has the path",
        ),
        (
            spec_of(&checkout, "new", branch("latin")),
            "the branch `latin` has the path",
        ),
        (
            spec_of(
                &checkout,
                "new",
                StartPoint::Commit {
                    commit: latin.into(),
                },
            ),
            "not UTF-8",
        ),
        (
            spec_of(&checkout, "new", missing.clone()),
            "the branch `missing`, which does not exist",
        ),
        (
            spec_of(&bench.dir.join("none"), "new", missing),
            "which does not exist",
        ),
    ];
    let before = entries(&bench.dir);
    for (place, expected) in cases {
        let error = Workshop::open(place.clone()).unwrap_err();
        let matches = match &error {
            WorkshopError::LinkedWorkTree { path } => *path == linked,
            WorkshopError::ObjectFormat { format, .. } => format == "sha256",
            WorkshopError::UnsafeName { path, .. } => path.starts_with("docs/caf"),
            error => matches!(error, WorkshopError::NoStart { .. }),
        };
        assert!(matches && error.to_string().contains(expected), "{error}");
        assert_eq!(entries(&bench.dir), before, "{expected}: nothing is made");
    }
    assert_eq!(bench.repo.branch_head("main").unwrap(), Some(commit));
}

/// Every path below a folder.
fn entries(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// A commit with a file whose name is Latin-1.
fn latin_commit(bench: &Workbench) -> Oid {
    let blob = bench.repo.write_blob(b"x").unwrap();
    let tree = |lines: &[u8]| -> String {
        let file = bench.dir.join("lines");
        fs::write(&file, lines).unwrap();
        let output = Command::new("git")
            .arg("mktree")
            .current_dir(bench.checkout())
            .stdin(File::open(&file).unwrap())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let mut line = format!("100644 blob {blob}\tcaf").into_bytes();
    line.extend(b"\xe9\n");
    let docs = tree(&line);
    let root = tree(format!("040000 tree {docs}\tdocs\n").as_bytes());
    bench.commit(root.parse().unwrap(), &[])
}

#[test]
fn work_lands_on_a_new_branch_that_starts_at_another() {
    let (bench, main) = with_history();
    let start = StartPoint::Branch {
        branch: "main".to_owned(),
    };
    let workshop = Workshop::open(spec(&bench, "factory/plan", start)).unwrap();
    assert_eq!(workshop.head().unwrap(), Some(main.into()));
    let first = land(&workshop, change(&bench, Some(main), "one"));
    let second = land(&workshop, change(&bench, Some(main), "two"));
    assert_eq!(workshop.head().unwrap(), Some(second.clone()));
    let history = bench.git(&["log", "--format=%H", "factory/plan"]);
    let expected = [second.as_str(), first.as_str(), &main.to_string()].map(str::to_owned);
    assert_eq!(history.lines().collect::<Vec<_>>(), expected);
    assert_eq!(bench.repo.branch_head("main").unwrap(), Some(main));
    workshop.sync();
    assert_eq!(
        bench.git(&["status", "--porcelain"]),
        "",
        "main stays checked out"
    );
    assert_eq!(bench.git(&["rev-parse", "HEAD"]).trim(), main.to_string());
}

#[test]
fn a_new_branch_is_made_only_from_where_its_start_still_is() {
    let (bench, main) = with_history();
    let start = StartPoint::Branch {
        branch: "main".to_owned(),
    };
    let workshop = Workshop::open(spec(&bench, "plan", start)).unwrap();
    let batch = workshop
        .prepare(&[change(&bench, Some(main), "one")], Timestamp(0))
        .unwrap();
    let commit = batch.landings[0].2.commit.clone();
    let newer = bench.commit(bench.edited(main, &[("newer", "x")]), &[main]);
    bench.repo.publish("main", Some(main), newer).unwrap();
    let moved = Published::Moved { now: Some(newer) };
    assert_eq!(
        workshop
            .publish(batch.head.as_ref(), commit.as_ref())
            .unwrap(),
        moved
    );
    assert_eq!(bench.repo.branch_head("plan").unwrap(), None);
    assert!(!workshop.is_published(&batch.landings[0].2).unwrap());
    let landed = land(&workshop, change(&bench, Some(main), "one"));
    let landed: Oid = landed.as_str().parse().unwrap();
    assert!(bench.repo.is_ancestor(newer, landed).unwrap());
}

#[test]
fn a_start_may_be_a_commit_and_an_empty_change_makes_no_branch() {
    let (bench, main) = with_history();
    let start = StartPoint::Commit {
        commit: main.into(),
    };
    let workshop = Workshop::open(spec(&bench, "plan", start)).unwrap();
    let mut nothing = change(&bench, Some(main), "x");
    nothing.collected.tree = bench.repo.tree_of(main).unwrap().into();
    assert_eq!(land(&workshop, nothing), main.into());
    assert_eq!(bench.repo.branch_head("plan").unwrap(), None);
    land(&workshop, change(&bench, Some(main), "one"));
    assert!(bench.repo.branch_head("plan").unwrap().is_some());
}

#[test]
fn the_index_lock_of_another_git_is_left_in_place_however_old_it_is() {
    for age in [
        Duration::ZERO,
        Duration::from_hours(1),
        Duration::from_hours(24 * 400),
    ] {
        let bench = Workbench::new();
        let workshop = open(&bench);
        land(&workshop, change(&bench, None, "one"));
        let lock = bench.checkout().join(".git/index.lock");
        write(&lock, "");
        let file = File::options().write(true).open(&lock).unwrap();
        let written = file.metadata().unwrap().modified().unwrap();
        file.set_modified(written - age).unwrap();
        workshop.recover();
        assert!(lock.exists(), "{age:?}");
        let reason = workshop.update_checkout().unwrap().unwrap();
        assert!(reason.contains(lock.to_str().unwrap()), "{reason}");
        assert!(!bench.checkout().join("one").exists());
        fs::remove_file(&lock).unwrap();
        assert_eq!(workshop.update_checkout().unwrap(), None);
        assert!(bench.checkout().join("one").exists());
    }
}

#[test]
fn after_a_crash_only_our_own_lock_of_the_branch_is_removed() {
    let bench = Workbench::new();
    let workshop = open(&bench);
    let batch = workshop
        .prepare(&[change(&bench, None, "one")], Timestamp(0))
        .unwrap();
    let intended = batch.landings[0].2.clone();
    let commit = intended.commit.clone().unwrap();
    let theirs = "0123456789012345678901234567890123456789\n".to_owned();
    let lock = bench.checkout().join(".git/refs/heads/main.lock");
    for (held, intents, stays) in [
        (format!("{commit}\n"), vec![intended.clone()], false),
        (String::new(), vec![intended.clone()], false),
        (theirs, vec![intended], true),
        (format!("{commit}\n"), Vec::new(), true),
        (String::new(), Vec::new(), true),
    ] {
        write(&lock, &held);
        workshop.remove_own_branch_lock(&intents).unwrap();
        assert_eq!(lock.exists(), stays, "{held:?}, {} intents", intents.len());
    }
    fs::remove_file(&lock).unwrap();
    workshop.remove_own_branch_lock(&[]).unwrap();
    assert_eq!(
        workshop.publish(None, Some(&commit)).unwrap(),
        Published::Done
    );
}

/// A clock that moves only for those who sleep, and counts them.
#[derive(Debug, Default)]
struct StepClock {
    now: Mutex<Timestamp>,
    sleeps: AtomicU32,
    /// Removed when somebody has slept this often.
    lock: Option<(u32, PathBuf)>,
}

impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'_, ()> {
        let sleeps = 1 + self.sleeps.fetch_add(1, Ordering::Relaxed);
        if let Some((after, lock)) = &self.lock
            && sleeps == *after
        {
            fs::remove_file(lock).unwrap();
        }
        *self.now.lock().unwrap() = until;
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn publishing_waits_for_a_lock_and_gives_up_with_its_name() {
    let bench = Workbench::new();
    let workshop = Arc::new(open(&bench));
    let batch = workshop
        .prepare(&[change(&bench, None, "one")], Timestamp(0))
        .unwrap();
    let commit = batch.landings[0].2.commit.clone();
    let lock = bench.checkout().join(".git/refs/heads/main.lock");
    write(&lock, "");
    let once = workshop.publish(None, commit.as_ref()).unwrap();
    assert_eq!(once, Published::Locked { lock: lock.clone() });
    let patient = StepClock::default();
    let error = publish_patiently(&workshop, &patient, None, commit.clone())
        .await
        .unwrap_err();
    assert!(matches!(&error, WorkshopError::BranchLocked { lock: held } if *held == lock));
    assert_eq!(
        patient.now(),
        Timestamp(4_900),
        "49 pauses between 50 tries"
    );
    assert!(lock.exists());
    let clock = StepClock {
        lock: Some((3, lock)),
        ..StepClock::default()
    };
    let published = publish_patiently(&workshop, &clock, None, commit)
        .await
        .unwrap();
    assert!(published);
    assert_eq!(clock.sleeps.load(Ordering::Relaxed), 3);
}

#[test]
fn an_area_that_somebody_still_writes_into_is_out_of_the_way_at_once() {
    let bench = Workbench::new();
    let workshop = open(&bench);
    let task_id = TaskId::from_static("t");
    for epoch in (1..=5).map(Epoch) {
        let area = workshop.stage(&task_id, epoch, None).unwrap();
        // Below the area's own folder, as a process writes that works in it: it moves along with the folder.
        let dir = File::open(&area).unwrap();
        let inside = PathBuf::from(format!("/proc/self/fd/{}", dir.as_raw_fd()));
        let inside = if inside.exists() { &inside } else { &area };
        let (stop, count) = (AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let (stop, count, inside) = (&stop, &count, inside.clone());
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let number = count.fetch_add(1, Ordering::Relaxed);
                        drop(fs::write(inside.join(format!("{writer}-{number}")), "x"));
                    }
                });
            }
            while count.load(Ordering::Relaxed) < 1_000 {
                std::thread::yield_now();
            }
            let dropped = workshop.drop_area(&task_id, epoch);
            let is_gone = !area.exists();
            let again = workshop.stage(&task_id, epoch, None);
            stop.store(true, Ordering::Relaxed);
            dropped.unwrap();
            assert!(is_gone);
            assert_eq!(again.unwrap(), area);
        });
    }
    workshop.recover();
    let left = fs::read_dir(bench.dir.join("staging")).unwrap().count();
    assert_eq!(left, 0, "what was set aside is collected at the next start");
}
