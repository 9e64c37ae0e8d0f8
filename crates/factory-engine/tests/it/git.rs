//! Objects, branches, history and the user's checkout.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use factory_engine::git::{
    CommitSpec, FileMode, Identity, Landed, Oid, Published, Repository, Sync, SyncError,
    git_version,
};

use crate::workbench::{Workbench, write};

#[test]
fn a_tree_written_is_the_tree_read() {
    let bench = Workbench::new();
    let tree = bench.tree(&[
        ("a.txt", "a"),
        ("bin/run+x", "#!"),
        ("link->", "a.txt"),
        ("d/e/f", "f"),
    ]);
    let listing = bench.repo.read_tree(tree).unwrap();
    let modes: Vec<_> = listing
        .iter()
        .map(|(path, entry)| (path.as_str(), entry.mode))
        .collect();
    assert_eq!(
        modes,
        [
            ("a.txt", FileMode::File),
            ("bin/run", FileMode::Executable),
            ("d/e/f", FileMode::File),
            ("link", FileMode::Symlink)
        ]
    );
    let edited = bench.edited(tree, &[("d/e/f", ""), ("d", "now a file"), ("a.txt", "b")]);
    let expected = [
        ("a.txt", "b"),
        ("bin/run", "#!"),
        ("d", "now a file"),
        ("link", "a.txt"),
    ];
    let expected = expected.map(|(path, text)| (path.to_owned(), text.to_owned()));
    assert_eq!(bench.texts(edited), BTreeMap::from(expected));
    let differing: Vec<String> = bench
        .repo
        .diff_trees(tree, edited)
        .unwrap()
        .into_keys()
        .collect();
    assert_eq!(differing, ["a.txt", "d", "d/e/f"]);
    bench.git(&["fsck", "--strict"]);
}

#[test]
fn a_tree_never_gets_a_name_that_git_would_not_check_out() {
    let bench = Workbench::new();
    let oid = bench.repo.write_blob(b"x").unwrap();
    let entry = factory_engine::git::Entry {
        mode: FileMode::File,
        oid,
    };
    for path in [
        ".git/hooks/post-checkout",
        "a/.GIT/config",
        "../x",
        "a/../x",
        "/x",
        "a//b",
    ] {
        let written = bench
            .repo
            .write_tree(Oid::empty_tree(), [(path, Some(entry))]);
        assert!(written.is_err(), "{path}");
    }
}

#[test]
fn a_branch_moves_only_from_where_it_is_expected() {
    let bench = Workbench::new();
    let tree = bench.tree(&[("a", "1")]);
    let first = bench.commit(tree, &[]);
    let second = bench.commit(bench.tree(&[("a", "2")]), &[first]);
    let other = bench.commit(bench.tree(&[("a", "3")]), &[first]);
    let repo = &bench.repo;
    assert_eq!(repo.branch_head("main").unwrap(), None);
    assert_eq!(repo.checked_out_branch().unwrap().as_deref(), Some("main"));
    assert_eq!(repo.publish("main", None, first).unwrap(), Published::Done);
    assert_eq!(
        repo.publish("main", None, second).unwrap(),
        Published::Moved { now: Some(first) }
    );
    assert_eq!(
        repo.publish("main", Some(first), second).unwrap(),
        Published::Done
    );
    let moved = repo.publish("main", Some(first), other).unwrap();
    assert_eq!(moved, Published::Moved { now: Some(second) });
    assert_eq!(repo.branch_head("main").unwrap(), Some(second));
    assert_eq!(bench.git(&["rev-parse", "main"]).trim(), second.to_string());
    assert!(repo.publish("a..b", None, first).is_err());
    assert!(repo.is_ancestor(first, second).unwrap());
    assert!(!repo.is_ancestor(second, other).unwrap());
}

#[test]
fn of_many_who_publish_at_once_each_moves_the_branch_once() {
    let bench = Workbench::new();
    let root = bench.commit(bench.tree(&[("a", "0")]), &[]);
    bench.repo.publish("main", None, root).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let bench = &bench;
            scope.spawn(move || {
                for round in 0..5 {
                    loop {
                        let head = bench.repo.branch_head("main").unwrap().unwrap();
                        let tree = bench.edited(head, &[(&format!("w{writer}-{round}"), "x")]);
                        let next = bench.commit(tree, &[head]);
                        match bench.repo.publish("main", Some(head), next) {
                            Ok(Published::Done) => break,
                            Ok(Published::Moved { .. } | Published::Locked { .. }) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                }
            });
        }
    });
    let head = bench.repo.branch_head("main").unwrap().unwrap();
    assert_eq!(bench.texts(head).len(), 21);
    assert_eq!(bench.git(&["rev-list", "--count", "main"]).trim(), "21");
}

#[test]
fn a_landing_is_found_by_its_trailers() {
    let bench = Workbench::new();
    let root = bench.commit(bench.tree(&[("a", "0")]), &[]);
    let message =
        "Add b\n\nFactory-Task: not this one\n\nFactory-Task: entity:B\nFactory-Epoch: 3\n";
    let landed = bench.repo.write_commit(&CommitSpec {
        tree: bench.tree(&[("b", "0")]),
        parents: vec![root],
        message: message.to_owned(),
        time_epoch_s: 7,
    });
    let landed = landed.unwrap();
    let head = bench.commit(bench.tree(&[("c", "0")]), &[landed]);
    let find = |task: &str, since| bench.repo.find_landed(head, task, since).unwrap();
    assert_eq!(
        find("entity:B", Some(root)),
        Some(Landed {
            commit: landed,
            epoch: 3
        })
    );
    assert_eq!(
        find("entity:B", None),
        Some(Landed {
            commit: landed,
            epoch: 3
        })
    );
    assert_eq!(find("entity:B", Some(landed)), None);
    assert_eq!(find("not this one", None), None);
    assert_eq!(
        bench
            .git(&["log", "-1", "--format=%an <%ae> %ct", &landed.to_string()])
            .trim(),
        "Startup Factory <factory@localhost> 7"
    );
}

#[test]
fn the_repository_s_own_identity_is_used() {
    let bench = Workbench::new();
    bench.git(&["config", "user.name", "Ada"]);
    bench.git(&["config", "user.email", "ada@example.org"]);
    let repo = Repository::open(&bench.checkout()).unwrap();
    let expected = Identity {
        name: "Ada".to_owned(),
        email: "ada@example.org".to_owned(),
    };
    assert_eq!(*repo.identity(), expected);
}

/// Two commits on `main`, the checkout at the first.
fn two_commits(bench: &Workbench) -> (Oid, Oid) {
    let old = bench.commit(
        bench.tree(&[
            ("same", "s"),
            ("edit", "1"),
            ("gone", "g"),
            ("dir/x", "x"),
            ("run", "r"),
        ]),
        &[],
    );
    let tree = bench.tree(&[
        ("same", "s"),
        ("edit", "2"),
        ("dir", "file"),
        ("new", "n"),
        ("run+x", "r"),
    ]);
    let new = bench.commit(tree, &[old]);
    bench.repo.publish("main", None, old).unwrap();
    assert_eq!(
        bench.repo.sync_checkout("main", None, old).unwrap(),
        Sync::Done
    );
    assert_eq!(bench.git(&["status", "--porcelain"]), "");
    bench.repo.publish("main", Some(old), new).unwrap();
    (old, new)
}

#[test]
fn the_checkout_follows_and_keeps_local_edits_elsewhere() {
    let bench = Workbench::new();
    let (old, new) = two_commits(&bench);
    write(&bench.checkout().join("same"), "edited by the user");
    for _ in 0..2 {
        assert_eq!(
            bench.repo.sync_checkout("main", Some(old), new).unwrap(),
            Sync::Done
        );
        assert_eq!(bench.git(&["status", "--porcelain"]), " M same\n");
    }
}

#[test]
fn the_checkout_is_never_brought_over_local_edits() {
    for (what, path) in [
        ("an edited file", "edit"),
        ("an untracked file", "new"),
        ("a deleted one", "gone"),
    ] {
        let bench = Workbench::new();
        let (old, new) = two_commits(&bench);
        let file = bench.checkout().join(path);
        write(&file, "edited by the user");
        let Sync::Refused { reason } = bench.repo.sync_checkout("main", Some(old), new).unwrap()
        else {
            panic!("{what}");
        };
        assert!(reason.contains(path), "{what}: {reason}");
        assert_eq!(
            fs::read_to_string(file).unwrap(),
            "edited by the user",
            "{what}"
        );
        assert_eq!(
            fs::read_to_string(bench.checkout().join("run")).unwrap(),
            "r",
            "{what}"
        );
        assert!(
            bench.checkout().join("dir/x").exists(),
            "{what}: nothing else was brought along"
        );
    }
}

#[test]
fn a_sync_that_died_at_any_point_is_finished_by_the_next() {
    let steps: [fn(&Path); 5] = [
        |dir| write(&dir.join("edit"), "2"),
        |dir| write(&dir.join("new"), "n"),
        |dir| fs::remove_file(dir.join("gone")).unwrap(),
        |dir| {
            fs::remove_dir_all(dir.join("dir")).unwrap();
            write(&dir.join("dir"), "file");
        },
        |dir| fs::set_permissions(dir.join("run"), fs::Permissions::from_mode(0o755)).unwrap(),
    ];
    for done in 0..1_u32 << steps.len() {
        let bench = Workbench::new();
        let (old, new) = two_commits(&bench);
        for (number, step) in steps.iter().enumerate() {
            if done >> number & 1 == 1 {
                step(&bench.checkout());
            }
        }
        let synced = bench.repo.sync_checkout("main", Some(old), new).unwrap();
        assert_eq!(synced, Sync::Done, "{done:05b}");
        assert_eq!(bench.git(&["status", "--porcelain"]), "", "{done:05b}");
    }
}

#[test]
fn another_branch_in_the_checkout_is_left_alone() {
    let bench = Workbench::new();
    let (old, new) = two_commits(&bench);
    bench.git(&["symbolic-ref", "HEAD", "refs/heads/mine"]);
    assert_eq!(
        bench.repo.sync_checkout("main", Some(old), new).unwrap(),
        Sync::NotCheckedOut
    );
}

#[test]
fn a_locked_index_is_said() {
    let bench = Workbench::new();
    let (old, new) = two_commits(&bench);
    write(&bench.checkout().join(".git/index.lock"), "");
    let error = bench
        .repo
        .sync_checkout("main", Some(old), new)
        .unwrap_err();
    assert!(matches!(error, SyncError::IndexLocked { .. }), "{error}");
}

#[test]
fn a_sync_runs_no_hooks() {
    let bench = Workbench::new();
    let (old, new) = two_commits(&bench);
    for hook in [
        "post-checkout",
        "post-index-change",
        "reference-transaction",
    ] {
        let file = bench.checkout().join(".git/hooks").join(hook);
        write(
            &file,
            "#!/bin/sh\ntouch \"$GIT_DIR/../hooked\"\ntouch hooked\n",
        );
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(
        bench.repo.sync_checkout("main", Some(old), new).unwrap(),
        Sync::Done
    );
    assert_eq!(
        bench.git(&["-c", "core.hooksPath=/dev/null", "status", "--porcelain"]),
        ""
    );
}

#[test]
fn the_external_git_is_new_enough() {
    assert!(git_version().is_ok());
}
