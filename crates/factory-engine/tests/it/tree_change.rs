//! Changes as data: judged and written exactly as if somebody had made them in a staging area.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use factory_engine::git::{FileMode, Oid};
use factory_engine::staging::{
    BaseFiles as _, ChangeSet, CommitFiles, FileContent, Rules, Staging as _, TreeChange,
    Violation, write_change,
};

use crate::workbench::{Seeded, Workbench, edit, rules, write};

/// Paths that get in each other's way, and some that nobody may write.
const PATHS: &[&str] = &[
    "a",
    "a/b",
    "a/b/c",
    "a/d",
    "A/e",
    "README.md",
    "readme.md",
    "caf\u{e9}",
    "cafe\u{301}",
    "src/one.py",
    "src/two.py",
    "src/deep/er/three.py",
    "link",
    "link/below",
    "sub",
    "sub/file",
    ".git/config",
    "src/.GIT/hooks/x",
    "src/git~1",
    "tab\there/x",
    "docs/x y",
];

const TARGETS: &[&str] = &[
    "README.md",
    "../README.md",
    "/etc/passwd",
    "../../..",
    ".git/config",
    "src/../../x",
    "link/..",
    "b\tc",
];

fn random_base(bench: &Workbench, seeded: &mut Seeded) -> Oid {
    let all = [
        ("README.md", "read me"),
        ("src/one.py", "one = 1"),
        ("src/two.py", "two = 2"),
        ("src/deep/er/three.py", "one = 1"),
        ("link->", "src"),
        ("a", "a file"),
        ("run+x", "#!"),
        ("docs/x y", ""),
    ];
    let some: Vec<(&str, &str)> = all.into_iter().filter(|_| seeded.below(4) > 0).collect();
    bench.tree(&some)
}

fn random_content(seeded: &mut Seeded) -> FileContent {
    let mode = [
        FileMode::File,
        FileMode::File,
        FileMode::Executable,
        FileMode::Symlink,
    ][seeded.below(4)];
    let bytes = match mode {
        FileMode::Symlink => TARGETS[seeded.below(TARGETS.len())].as_bytes().to_vec(),
        // Now and then what the base has, so that renames and unchanged files occur, or more than is allowed.
        _ => match seeded.below(6) {
            0 => b"one = 1".to_vec(),
            1 => b"read me".to_vec(),
            2 if seeded.below(4) == 0 => vec![b'x'; 65],
            n => format!("\0content {n}").into_bytes(),
        },
    };
    FileContent { mode, bytes }
}

fn random_change(seeded: &mut Seeded) -> TreeChange {
    let mut change = TreeChange {
        replaces_all: seeded.below(8) == 0,
        ..TreeChange::default()
    };
    for _ in 0..=seeded.below(5) {
        let path = PATHS[seeded.below(PATHS.len())];
        let written = |other: &String| change.files[other].is_some();
        let in_the_way = change
            .files
            .keys()
            .filter(|other| written(other))
            .any(|other| {
                other.starts_with(&format!("{path}/")) || path.starts_with(&format!("{other}/"))
            });
        let is_hostile = path.to_lowercase().contains("git") || path.contains('\t');
        if !in_the_way && seeded.below(4) > 0 {
            change
                .files
                .insert(path.to_owned(), Some(random_content(seeded)));
        } else if !is_hostile {
            change.files.insert(path.to_owned(), None);
        }
    }
    change
}

/// What a careful worker does in an area to make the change.
fn perform(area: &Path, base: &[String], change: &TreeChange) {
    let remove = |path: &Path| match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    };
    let is_deleted =
        |path: &String| change.replaces_all || matches!(change.files.get(path), Some(None));
    for path in base.iter().filter(|path| is_deleted(path)) {
        remove(&area.join(path));
    }
    for (path, content) in &change.files {
        let Some(content) = content else { continue };
        for (at, _) in path.match_indices('/') {
            let folder = area.join(&path[..at]);
            if !folder.symlink_metadata().is_ok_and(|found| found.is_dir()) {
                remove(&folder);
                fs::create_dir(&folder).unwrap();
            }
        }
        let file = area.join(path);
        remove(&file);
        if content.mode == FileMode::Symlink {
            symlink(std::str::from_utf8(&content.bytes).unwrap(), &file).unwrap();
            continue;
        }
        fs::write(&file, &content.bytes).unwrap();
        let is_executable = content.mode == FileMode::Executable;
        let mode = if is_executable { 0o755 } else { 0o644 };
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn sorted(mut set: ChangeSet) -> ChangeSet {
    set.violations.sort();
    set
}

#[test]
fn a_change_as_data_equals_the_same_change_made_in_an_area() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let (mut clean, mut refused, mut outside) = (0, 0, 0);
    for seed in 0..400 {
        let mut seeded = Seeded(seed);
        let mut tree = random_base(&bench, &mut seeded);
        if seeded.below(3) == 0 {
            let oid = bench.commit(tree, &[]);
            let submodule = factory_engine::git::Entry {
                mode: FileMode::Submodule,
                oid,
            };
            tree = bench
                .repo
                .write_tree(tree, [("sub", Some(submodule))])
                .unwrap();
        }
        let base = (seeded.below(10) > 0).then(|| bench.commit(tree, &[]));
        let change = random_change(&mut seeded);
        let claims = match seeded.below(3) {
            0 => vec![edit("src/**"), edit("README.md")],
            _ => vec![edit("**")],
        };
        let rules = Rules {
            file_bytes_max: 64,
            ..Rules::new(claims)
        };
        let name = format!("t.{seed}");
        let area = staging.create(base, &name).unwrap();
        let files = CommitFiles::open(bench.repo.clone(), base).unwrap();
        let paths: Vec<String> = files.paths().map(str::to_owned).collect();
        perform(area.path(), &paths, &change);
        let expected = sorted(staging.changed(&area, &rules).unwrap());
        staging.teardown(area).unwrap();
        let found = sorted(write_change(&bench.repo, base, &change, &rules).unwrap());
        assert_eq!(found, expected, "seed {seed}: {change:#?}");
        assert_eq!(found.paths(), expected.paths());
        clean += usize::from(!found.is_empty() && found.violations.is_empty());
        refused += usize::from(!found.violations.is_empty());
        outside += usize::from(!found.outside_claims.is_empty());
    }
    assert!(
        clean > 100 && refused > 100 && outside > 40,
        "{clean} clean, {refused} refused, {outside} outside"
    );
}

#[test]
fn what_no_file_system_could_hold_is_refused() {
    let bench = Workbench::new();
    let base = bench.commit(bench.tree(&[("a", "1")]), &[]);
    let long = "x".repeat(256);
    let deep = "folder/".repeat(500) + "x";
    for path in [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../x",
        "./x",
        "b//c",
        "b/",
        &long,
        &deep,
    ] {
        for content in [Some(FileContent::file("x")), None] {
            let files = BTreeMap::from([(path.to_owned(), content)]);
            let change = TreeChange {
                files,
                ..TreeChange::default()
            };
            let set = write_change(&bench.repo, Some(base), &change, &rules()).unwrap();
            let path = path.to_owned();
            assert_eq!(set.violations, [Violation::Path { path }]);
            assert_eq!(set.tree, bench.repo.tree_of(base).unwrap());
        }
    }
    let file = || Some(FileContent::file("x"));
    let files = [("b", file()), ("b/c", file()), ("b/c/d", file())];
    let change = TreeChange {
        files: files.map(|(path, file)| (path.to_owned(), file)).into(),
        ..TreeChange::default()
    };
    let set = write_change(&bench.repo, Some(base), &change, &rules()).unwrap();
    let both = ["b", "b/c"].map(|path| Violation::FileAndFolder {
        path: path.to_owned(),
    });
    assert_eq!(set.violations, both);
    for (mode, bytes) in [
        (FileMode::Symlink, Vec::new()),
        (FileMode::Symlink, vec![b'x'; 5_000]),
        (FileMode::Symlink, b"bad\xff".to_vec()),
        (FileMode::Submodule, Vec::new()),
    ] {
        let content = FileContent { mode, bytes };
        let change = TreeChange {
            files: [("b".to_owned(), Some(content.clone()))].into(),
            ..TreeChange::default()
        };
        let set = write_change(&bench.repo, Some(base), &change, &rules()).unwrap();
        assert_eq!(set.violations.len(), 1, "{content:?}");
    }
}

#[test]
fn too_many_new_files_and_folders_are_refused() {
    let bench = Workbench::new();
    let base = bench.commit(bench.tree(&[("a", "1"), ("d/b", "1")]), &[]);
    let paths = ["a", "d/b", "d/c", "e/f/g"];
    let files = paths.map(|path| (path.to_owned(), Some(FileContent::file("x"))));
    let change = TreeChange {
        files: files.into(),
        ..TreeChange::default()
    };
    // New are `d/c`, `e`, `e/f` and `e/f/g`.
    for (files_max, expected) in [(4, vec![]), (3, vec![Violation::TooMany { files_max: 3 }])] {
        let rules = Rules {
            new_files_max: files_max,
            ..rules()
        };
        let set = write_change(&bench.repo, Some(base), &change, &rules).unwrap();
        assert_eq!(set.violations, expected);
    }
}

#[test]
fn files_that_a_change_names_are_part_of_it_even_if_git_ignores_them() {
    let bench = Workbench::new();
    let base = bench.commit(bench.tree(&[(".gitignore", "*.log\n")]), &[]);
    let change = TreeChange {
        files: [("x.log".to_owned(), Some(FileContent::file("kept")))].into(),
        ..TreeChange::default()
    };
    let set = write_change(&bench.repo, Some(base), &change, &rules()).unwrap();
    assert_eq!(bench.texts(set.tree)["x.log"], "kept");
}

#[test]
fn the_files_of_a_base_are_read_without_an_area() {
    let bench = Workbench::new();
    let tree = bench.tree(&[("src/a", "text"), ("link->", "src/a"), ("b+x", "#!")]);
    let commit = bench.commit(tree, &[]);
    let files = CommitFiles::open(bench.repo.clone(), Some(commit)).unwrap();
    assert_eq!(files.paths().collect::<Vec<_>>(), ["b", "link", "src/a"]);
    let read = |path: &str| files.read(path).unwrap();
    assert_eq!(read("src/a").as_deref(), Some(&b"text"[..]));
    assert_eq!(read("link").as_deref(), Some(&b"src/a"[..]));
    assert_eq!((read("src"), read("none")), (None, None));
    let none = CommitFiles::open(bench.repo.clone(), None).unwrap();
    assert_eq!(none.paths().count(), 0);
    write(&bench.checkout().join("unrelated"), "x");
    assert_eq!(none.read("unrelated").unwrap(), None);
}
