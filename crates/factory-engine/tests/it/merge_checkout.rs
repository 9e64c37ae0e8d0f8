//! The checkout for merge checks: moved forward, and never anything but the wanted commit.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use factory_engine::git::Oid;
use factory_engine::staging::{MergeCheckouts, Staging as _};

use crate::workbench::{Seeded, Workbench, write};

fn checkouts(bench: &Workbench) -> MergeCheckouts {
    MergeCheckouts::new(bench.repo.clone(), bench.staging())
}

/// Everything below a folder but what the patterns of [`random_commit`] ignore: kind, permissions and content.
fn found(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(root).unwrap().to_path_buf();
            let name = relative.file_name().unwrap().to_string_lossy().into_owned();
            let is_ignored =
                name == "cache" || relative.extension().is_some_and(|end| end == "log");
            let metadata = path.symlink_metadata().unwrap();
            let mode = metadata.mode();
            let seen = if metadata.is_symlink() {
                format!("link {}", fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                if !is_ignored {
                    folders.push(path);
                }
                format!("folder {mode:o}")
            } else {
                format!("file {mode:o} {:?}", fs::read(&path).unwrap())
            };
            if !is_ignored {
                found.insert(relative, seen);
            }
        }
    }
    found
}

fn random_commit(bench: &Workbench, seeded: &mut Seeded) -> Oid {
    let pool = [
        "a",
        "a/b",
        "a/c/d",
        "src/x",
        "src/y+x",
        "src/z->",
        "src/deep/er/f",
        "empty/e",
        "g+x",
        "h->",
        "notes.txt",
    ];
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for name in pool {
        let is_free = |other: &&str| {
            let plain = |name: &str| {
                name.trim_end_matches("+x")
                    .trim_end_matches("->")
                    .to_owned()
            };
            !plain(name).starts_with(&format!("{}/", plain(other)))
        };
        if seeded.below(3) > 0 && files.keys().all(is_free) {
            files.insert(name, format!("src/{}", seeded.below(3)));
        }
    }
    let ignore = ["*.log\ncache/\n", "*.log\ncache/\n# more\n"][seeded.below(2)];
    files.insert(".gitignore", ignore.to_owned());
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    bench.commit(bench.tree(&files), &[])
}

/// Writes a file unless an earlier mess is in the way.
fn spill(path: &Path, text: &str) {
    let made = fs::create_dir_all(path.parent().unwrap());
    drop(made.and_then(|()| fs::write(path, text)));
}

/// What a check may leave behind, aimed at one random path.
fn make_a_mess(root: &Path, outside: &Path, seeded: &mut Seeded) {
    for _ in 0..seeded.below(6) {
        let names: Vec<PathBuf> = found(root).into_keys().collect();
        let path = root.join(&names[seeded.below(names.len())]);
        let metadata = path.symlink_metadata().unwrap();
        match seeded.below(10) {
            0 if metadata.is_dir() => fs::remove_dir_all(&path).unwrap(),
            0 => fs::remove_file(&path).unwrap(),
            1 if metadata.is_file() => fs::write(&path, "src/9").unwrap(),
            2 if metadata.is_file() => {
                let mode = [0o600, 0o755, 0o444][seeded.below(3)];
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            3 if metadata.is_dir() => {
                fs::remove_dir_all(&path).unwrap();
                symlink(outside, &path).unwrap();
            }
            4 if metadata.is_file() => {
                fs::remove_file(&path).unwrap();
                spill(&path.join("now/a/folder"), "x");
            }
            5 if metadata.is_dir() => {
                spill(&path.join("new/er/file"), "x");
                spill(&path.join("new/some.log"), "kept");
            }
            6 => spill(&root.join("made/.gitignore"), "*\n"),
            7 => spill(&root.join("cache/x"), "kept"),
            8 => spill(&root.join("nested/.git/config"), "x"),
            9 if metadata.is_dir() => fs::create_dir_all(path.join("hollow/hollow")).unwrap(),
            _ => spill(&root.join(".gitignore"), "*\n"),
        }
    }
}

#[test]
fn whatever_a_check_does_the_next_one_finds_the_wanted_commit() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let outside = bench.dir.join("outside");
    write(&outside.join("x"), "precious");
    write(&outside.join("deep/er/f"), "precious");
    let (mut moved, mut copied) = (0, 0);
    for seed in 0..30 {
        let mut seeded = Seeded(seed);
        let checkouts = checkouts(&bench);
        let mut folder = None;
        for step in 0..8 {
            let commit = random_commit(&bench, &mut seeded);
            let checkout = checkouts.check_out(commit).unwrap();
            let name = format!("fresh.{seed}-{step}");
            let fresh = staging.create(Some(commit), &name).unwrap();
            let expected = found(fresh.path());
            let found = without_kept_folders(found(checkout.path()), &expected);
            assert_eq!(found, expected, "seed {seed}, step {step}");
            staging.teardown(fresh).unwrap();
            let path = checkout.path().to_path_buf();
            let is_same = folder.replace(path.clone()) == Some(path);
            moved += usize::from(is_same);
            copied += usize::from(!is_same);
            make_a_mess(checkout.path(), &outside, &mut seeded);
            if seeded.below(8) > 0 {
                checkout.release();
            }
        }
    }
    assert!(
        moved > 120 && copied >= 30,
        "{moved} moved, {copied} copied"
    );
    for file in ["x", "deep/er/f"] {
        assert_eq!(fs::read_to_string(outside.join(file)).unwrap(), "precious");
    }
}

/// Folders that stay only because an ignored file is in them are no difference.
fn without_kept_folders(
    mut found: BTreeMap<PathBuf, String>,
    fresh: &BTreeMap<PathBuf, String>,
) -> BTreeMap<PathBuf, String> {
    let is_new = |path: &PathBuf| path.ends_with("new") && !fresh.contains_key(path);
    let holders: Vec<PathBuf> = found.keys().filter(|path| is_new(path)).cloned().collect();
    for holder in holders {
        for folder in holder
            .ancestors()
            .filter(|folder| !fresh.contains_key(*folder))
        {
            found.remove(folder);
        }
    }
    found
}

#[test]
fn a_move_writes_only_what_differs_and_keeps_ignored_caches() {
    let bench = Workbench::new();
    let checkouts = checkouts(&bench);
    let first = bench.tree(&[
        (".gitignore", "cache/\n"),
        ("a", "1"),
        ("d/b", "1"),
        ("c", "1"),
    ]);
    let second = bench.edited(first, &[("a", "2"), ("c", ""), ("new", "1")]);
    let [first, second] = [first, second].map(|tree| bench.commit(tree, &[]));
    let inode = |path: &Path| path.symlink_metadata().unwrap().ino();
    let checkout = checkouts.check_out(first).unwrap();
    let root = checkout.path().to_path_buf();
    let kept = inode(&root.join("d/b"));
    write(&root.join("cache/deep/x"), "slow to make");
    checkout.release();
    let checkout = checkouts.check_out(second).unwrap();
    assert_eq!(checkout.path(), root);
    assert_eq!(
        inode(&root.join("d/b")),
        kept,
        "an equal file is left alone"
    );
    assert!(root.join("cache/deep/x").exists());
    assert!(!root.join("c").exists());
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    assert_eq!((read("a"), read("new")), ("2".to_owned(), "1".to_owned()));
}

#[test]
fn a_file_that_the_new_commit_no_longer_has_goes_even_from_an_ignored_folder() {
    let bench = Workbench::new();
    let outside = bench.dir.join("outside");
    write(&outside.join("tracked"), "precious");
    let first = bench.tree(&[(".gitignore", "cache/\n"), ("cache/deep/tracked", "1")]);
    let second = bench.edited(first, &[("cache/deep/tracked", "")]);
    let [first, second] = [first, second].map(|tree| bench.commit(tree, &[]));
    let checkouts = checkouts(&bench);
    let checkout = checkouts.check_out(first).unwrap();
    let cache = checkout.path().join("cache");
    write(&cache.join("other"), "kept");
    checkout.release();
    let checkout = checkouts.check_out(second).unwrap();
    assert!(!cache.join("deep").exists());
    assert!(cache.join("other").exists());
    checkout.release();
    let checkout = checkouts.check_out(first).unwrap();
    fs::remove_dir_all(cache.join("deep")).unwrap();
    symlink(&outside, cache.join("deep")).unwrap();
    checkout.release();
    drop(checkouts.check_out(second).unwrap());
    assert!(outside.join("tracked").exists(), "a link is not followed");
}

#[test]
fn a_check_that_was_given_up_cannot_write_into_the_next() {
    let bench = Workbench::new();
    let checkouts = checkouts(&bench);
    let commit = bench.commit(bench.tree(&[("a", "1")]), &[]);
    let running = checkouts.check_out(commit).unwrap();
    let other = checkouts.check_out(commit).unwrap();
    assert_ne!(running.path(), other.path(), "one is still in use");
    let given_up = running.path().to_path_buf();
    drop(running);
    assert!(!given_up.exists());
    other.release();
    let next = checkouts.check_out(commit).unwrap();
    assert_ne!(next.path(), given_up);
    // What the old process still writes by its path goes nowhere.
    assert!(fs::write(given_up.join("a"), "late").is_err());
    assert_eq!(fs::read_to_string(next.path().join("a")).unwrap(), "1");
}

#[test]
fn a_checkout_that_cannot_be_moved_is_made_anew() {
    let bench = Workbench::new();
    let checkouts = checkouts(&bench);
    let commit = bench.commit(bench.tree(&[("a", "1")]), &[]);
    let checkout = checkouts.check_out(commit).unwrap();
    let gone = checkout.path().to_path_buf();
    fs::remove_dir_all(&gone).unwrap();
    checkout.release();
    let checkout = checkouts.check_out(commit).unwrap();
    assert_ne!(checkout.path(), gone);
    assert_eq!(fs::read_to_string(checkout.path().join("a")).unwrap(), "1");
}
