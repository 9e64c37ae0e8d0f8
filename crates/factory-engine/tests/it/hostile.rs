//! Hostile changes (R8): each is refused with its reason, and the branch stays where it is.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use factory_engine::staging::{Rules, Staging as _, Violation};

use crate::workbench::{Workbench, rules, write};

/// What the attack leaves, and the violation's text.
type Attack = (&'static str, fn(&Path), &'static str);

const ATTACKS: &[Attack] = &[
    (
        "a link to a system file",
        |dir| symlink("/etc/passwd", dir.join("x")).unwrap(),
        "the link `x` to `/etc/passwd` leads out of the project",
    ),
    (
        "a link upwards",
        |dir| symlink("../../..", dir.join("src/x")).unwrap(),
        "the link `src/x` to `../../..` leads out of the project",
    ),
    (
        "a link upwards through a link",
        |dir| {
            symlink(".", dir.join("here")).unwrap();
            symlink("here/../../secret", dir.join("x")).unwrap();
        },
        "the link `x` to `here/../../secret` leads out of the project",
    ),
    (
        "a folder swapped for a link",
        |dir| {
            fs::remove_dir_all(dir.join("src")).unwrap();
            symlink("/", dir.join("src")).unwrap();
        },
        "the link `src` to `/` leads out of the project",
    ),
    (
        "a link into git",
        |dir| symlink(".git/config", dir.join("x")).unwrap(),
        "the link `x` to `.git/config` leads into `.git`",
    ),
    (
        "a hook",
        |dir| write(&dir.join(".git/hooks/post-checkout"), "#!/bin/sh\nid"),
        "`.git` belongs to git",
    ),
    (
        "a hook below",
        |dir| write(&dir.join("src/.GIT/hooks/x"), "id"),
        "`src/.GIT` belongs to git",
    ),
    (
        "a git file",
        |dir| write(&dir.join(".git"), "gitdir: /tmp/evil"),
        "`.git` belongs to git",
    ),
    (
        "git as HFS+ reads it",
        |dir| write(&dir.join(".g\u{200c}it/config"), "x"),
        "`.g\u{200c}it` belongs to git",
    ),
    (
        "git as NTFS reads it",
        |dir| write(&dir.join("GIT~1/config"), "x"),
        "`GIT~1` belongs to git",
    ),
    (
        "a pipe",
        |dir| make_fifo(&dir.join("x")),
        "`x` is a named pipe",
    ),
    (
        "a pipe for a tracked file",
        |dir| {
            fs::remove_file(dir.join("src/a")).unwrap();
            make_fifo(&dir.join("src/a"));
        },
        "`src/a` is a named pipe",
    ),
    (
        "a pipe for the ignore file",
        |dir| make_fifo(&dir.join(".gitignore")),
        "`.gitignore` is a named pipe",
    ),
    (
        "a socket",
        |dir| {
            // Through the working folder's file descriptor, since a socket's path must be short.
            let link = std::env::temp_dir().join(format!("factory-socket-{}", std::process::id()));
            drop(fs::remove_file(&link));
            symlink(dir, &link).unwrap();
            UnixListener::bind(link.join("x")).unwrap();
            fs::remove_file(link).unwrap();
        },
        "`x` is a socket",
    ),
    (
        "a sparse file of 10 GB",
        |dir| {
            fs::File::create(dir.join("x"))
                .unwrap()
                .set_len(10 << 30)
                .unwrap();
        },
        "`x` has 10737418240 bytes, but at most 52428800 are allowed",
    ),
    (
        "a tracked file blown up",
        |dir| {
            fs::File::options()
                .write(true)
                .open(dir.join("src/a"))
                .unwrap()
                .set_len(10 << 30)
                .unwrap();
        },
        "`src/a` has 10737418240 bytes, but at most 52428800 are allowed",
    ),
    (
        "a twin by case",
        |dir| write(&dir.join("readme.md"), "x"),
        "`readme.md` and `README.md` are the same file on systems that ignore case or Unicode form",
    ),
    (
        "a twin folder",
        |dir| write(&dir.join("SRC/b"), "x"),
        "`SRC` and `src` are the same file on systems that ignore case or Unicode form",
    ),
    (
        "a twin by Unicode form",
        |dir| {
            write(&dir.join("caf\u{e9}"), "x");
            write(&dir.join("cafe\u{301}"), "x");
        },
        "`caf\u{e9}` and `cafe\u{301}` are the same file on systems that ignore case or Unicode form",
    ),
    (
        "a name with a newline",
        |dir| write(&dir.join("a\nb"), "x"),
        "\"a\\nb\" is not plain UTF-8 text",
    ),
];

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn every_hostile_change_is_refused_with_its_reason() {
    for (what, attack, expected) in ATTACKS {
        let bench = Workbench::new();
        let files = [("README.md", "read"), ("src/a", "a"), ("src/deep/b", "b")];
        let base = bench.commit(bench.tree(&files), &[]);
        bench.repo.publish("main", None, base).unwrap();
        let staging = bench.staging();
        let area = staging.create(Some(base), "t.1").unwrap();
        attack(area.path());
        let set = staging.changed(&area, &rules()).unwrap();
        let found: Vec<String> = set.violations.iter().map(ToString::to_string).collect();
        let unordered_twins = what.contains("Unicode") && found.len() == 1;
        assert!(
            found.iter().any(|text| text == expected) || unordered_twins,
            "{what}: {found:?}"
        );
        assert_eq!(
            set.tree,
            bench.repo.tree_of(base).unwrap(),
            "{what}: the tree is the base's"
        );
        assert_eq!(
            bench.repo.branch_head("main").unwrap(),
            Some(base),
            "{what}"
        );
        staging.teardown(area).unwrap();
    }
}

#[test]
fn a_device_is_refused() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(None, "t.1").unwrap();
    let made = Command::new("mknod")
        .arg(area.path().join("x"))
        .args(["c", "1", "3"])
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        println!("SKIPPED: making a device needs the right to");
        return;
    }
    let set = staging.changed(&area, &rules()).unwrap();
    assert_eq!(
        set.violations
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["`x` is a device"]
    );
}

#[test]
fn too_many_files_are_refused_without_looking_at_all_of_them() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(None, "t.1").unwrap();
    for number in 0..60 {
        write(&area.path().join(format!("d{number}/x")), "x");
    }
    let rules = Rules {
        new_files_max: 50,
        ..rules()
    };
    let set = staging.changed(&area, &rules).unwrap();
    assert!(
        set.violations
            .contains(&Violation::TooMany { files_max: 50 })
    );
    assert!(set.changes.len() <= 51);
}

#[test]
fn links_within_the_project_are_welcome() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let base = bench.commit(bench.tree(&[("src/a", "a")]), &[]);
    let area = staging.create(Some(base), "t.1").unwrap();
    symlink("../src/a", area.path().join("src/b")).unwrap();
    symlink("src", area.path().join("source")).unwrap();
    let set = staging.changed(&area, &rules()).unwrap();
    assert_eq!((set.violations, set.changes.len()), (Vec::new(), 2));
}

#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(None, "t.1").unwrap();
    let name = std::ffi::OsStr::from_bytes(b"bad\xff");
    if fs::write(area.path().join(name), "x").is_err() {
        println!("SKIPPED: this file system takes only UTF-8");
        return;
    }
    let set = staging.changed(&area, &rules()).unwrap();
    assert!(
        matches!(set.violations.as_slice(), [Violation::Name { .. }]),
        "{set:?}"
    );
}

#[test]
fn a_commit_with_a_hostile_tree_is_not_checked_out() {
    let bench = Workbench::new();
    let outside = bench.dir.join("outside");
    fs::create_dir(&outside).unwrap();
    // A tree in which `a` is both a link out and a folder: writing `a/x` would go through the link.
    let link = bench
        .repo
        .write_blob(outside.to_str().unwrap().as_bytes())
        .unwrap();
    let inner = bench.tree(&[("x", "escaped")]);
    let tree = format!("120000 blob {link}\ta\n040000 tree {inner}\ta\n");
    let hostile = mktree(&bench, &tree);
    let commit = bench.commit(hostile.parse().unwrap(), &[]);
    assert!(bench.staging().create(Some(commit), "t.1").is_err());
    assert!(!outside.join("x").exists());
    let dot_git = mktree(&bench, &format!("040000 tree {inner}\t.git\n"));
    let commit = bench.commit(dot_git.parse().unwrap(), &[]);
    assert!(bench.staging().create(Some(commit), "t.2").is_err());
}

fn mktree(bench: &Workbench, lines: &str) -> String {
    write(&bench.dir.join("lines"), lines);
    let output = Command::new("git")
        .args(["mktree"])
        .current_dir(bench.checkout())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(fs::File::open(bench.dir.join("lines")).unwrap())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
