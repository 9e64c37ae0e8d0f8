//! Areas: created, changed, collected, torn down, left over.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use factory_engine::git::{FileMode, Oid};
use factory_engine::staging::{
    Change, Rules, Staging as _, StagingError, Violation, area_name, collect_leftovers,
};

use crate::workbench::{Workbench, edit, rules, write};

fn base(bench: &Workbench) -> Oid {
    bench.commit(
        bench.tree(&[
            (".gitignore", "*.log\n/build/\n!keep.log\nnode_modules\n"),
            ("README.md", "read me"),
            ("bin/run+x", "#!/bin/sh"),
            ("link->", "README.md"),
            ("src/a.py", "a = 1"),
            ("src/b.py", "b = 1"),
            ("src/deep/er/c.py", "c = 1"),
            ("tracked.log", "tracked though ignored"),
        ]),
        &[],
    )
}

/// One line a change: `M src/a.py`.
fn shown(changes: &[Change]) -> Vec<String> {
    let line = |change: &Change| match change {
        Change::Added { path, entry } => format!("A {path} {:?}", entry.mode),
        Change::Modified {
            path,
            before,
            entry,
        } if before.oid == entry.oid => {
            format!("m {path} {:?}", entry.mode)
        }
        Change::Modified { path, .. } => format!("M {path}"),
        Change::Deleted { path, .. } => format!("D {path}"),
        Change::Renamed { from, path, .. } => format!("R {from} {path}"),
    };
    changes.iter().map(line).collect()
}

#[test]
fn an_area_holds_the_base_and_no_git() {
    let bench = Workbench::new();
    let area = bench.staging().create(Some(base(&bench)), "t.1").unwrap();
    let read = |path: &str| fs::read_to_string(area.path().join(path)).unwrap();
    assert_eq!(
        (read("README.md").as_str(), read("link").as_str()),
        ("read me", "read me")
    );
    assert_eq!(
        area.path().join("bin/run").metadata().unwrap().mode() & 0o100,
        0o100
    );
    assert_eq!(
        fs::read_link(area.path().join("link")).unwrap().to_str(),
        Some("README.md")
    );
    assert!(!area.path().join(".git").exists());
    let set = bench.staging().changed(&area, &rules()).unwrap();
    assert!(set.is_empty(), "{set:?}");
    assert_eq!(set.tree, bench.repo.tree_of(area.base().unwrap()).unwrap());
}

#[test]
fn exactly_what_changed_is_collected() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(Some(base(&bench)), "t.1").unwrap();
    let at = |path: &str| area.path().join(path);
    write(&at("src/a.py"), "a = 2");
    write(&at("src/new/n.bin"), "\0\u{1}binary");
    fs::rename(at("src/b.py"), at("src/moved.py")).unwrap();
    fs::remove_dir_all(at("src/deep")).unwrap();
    fs::set_permissions(at("README.md"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(at("link")).unwrap();
    symlink("src/a.py", at("link")).unwrap();
    symlink("../README.md", at("src/up")).unwrap();
    write(&at("tracked.log"), "changed");
    write(&at("ignored.log"), "x");
    write(&at("keep.log"), "not ignored after all");
    write(&at("build/out.o"), "x");
    write(&at("sub/node_modules/.git/config"), "x");
    fs::create_dir(at("empty")).unwrap();
    let set = staging.changed(&area, &rules()).unwrap();
    assert_eq!(set.violations, []);
    assert_eq!(
        shown(&set.changes),
        [
            "m README.md Executable",
            "A keep.log File",
            "M link",
            "M src/a.py",
            "D src/deep/er/c.py",
            "R src/b.py src/moved.py",
            "A src/new/n.bin File",
            "A src/up Symlink",
            "M tracked.log",
        ]
    );
    let listing = bench.repo.read_tree(set.tree).unwrap();
    assert_eq!(listing["README.md"].mode, FileMode::Executable);
    assert_eq!(listing["link"].mode, FileMode::Symlink);
    assert_eq!(listing.len(), 10, "{listing:?}");
    assert!(
        set.paths().contains(&"src/b.py".to_owned()),
        "a rename touches both its paths"
    );
    let reopened = staging.reopen(area.base(), "t.1").unwrap().unwrap();
    let again = staging.changed(&reopened, &rules()).unwrap();
    assert_eq!(
        again, set,
        "an area taken up without its manifest says the same"
    );
}

#[test]
fn an_edit_of_the_same_size_at_the_same_time_is_seen() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(Some(base(&bench)), "t.1").unwrap();
    let file = area.path().join("src/a.py");
    let modified = file.metadata().unwrap().modified().unwrap();
    write(&file, "a = 9");
    fs::File::open(&file)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    let set = staging.changed(&area, &rules()).unwrap();
    assert_eq!(shown(&set.changes), ["M src/a.py"]);
}

#[test]
fn files_and_folders_change_places() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(Some(base(&bench)), "t.1").unwrap();
    let at = |path: &str| area.path().join(path);
    fs::remove_dir_all(at("src")).unwrap();
    write(&at("src"), "a file now");
    fs::remove_file(at("README.md")).unwrap();
    write(&at("README.md/index"), "a folder now");
    let set = staging.changed(&area, &rules()).unwrap();
    assert_eq!(set.violations, []);
    let texts = bench.texts(set.tree);
    assert_eq!(texts["src"], "a file now");
    assert_eq!(texts["README.md/index"], "a folder now");
    assert_eq!(texts.len(), 6, "{texts:?}");
}

#[test]
fn what_claims_do_not_cover_is_listed_apart() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(Some(base(&bench)), "t.1").unwrap();
    write(&area.path().join("src/a.py"), "a = 2");
    fs::rename(
        area.path().join("README.md"),
        area.path().join("src/README.md"),
    )
    .unwrap();
    let set = staging
        .changed(&area, &Rules::new(vec![edit("src/**")]))
        .unwrap();
    assert_eq!(set.violations, []);
    assert_eq!(set.outside_claims, ["README.md"]);
}

#[test]
fn what_was_carried_into_the_area_is_no_change() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(Some(base(&bench)), "t.1").unwrap();
    write(&area.path().join(".env"), "SECRET=1");
    write(&area.path().join("vendor/x"), "x");
    write(&area.path().join("vendored"), "mine");
    let carried = vec![".env".to_owned(), "vendor/".to_owned()];
    let set = staging
        .changed(&area, &Rules { carried, ..rules() })
        .unwrap();
    assert_eq!(shown(&set.changes), ["A vendored File"]);
}

#[test]
fn an_area_without_a_base_begins_empty() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(None, "t.1").unwrap();
    write(&area.path().join("a/b"), "x");
    let set = staging.changed(&area, &rules()).unwrap();
    assert_eq!(shown(&set.changes), ["A a/b File"]);
    assert_eq!(bench.texts(set.tree).len(), 1);
}

#[test]
fn an_attempt_has_one_area_and_a_plain_name() {
    let bench = Workbench::new();
    let staging = bench.staging();
    staging.create(None, "t.1").unwrap();
    assert!(matches!(
        staging.create(None, "t.1"),
        Err(StagingError::Exists { .. })
    ));
    for name in ["", ".", "..", "a/b", ".hidden", "x.partial", "a b", "a\0"] {
        assert!(
            matches!(staging.create(None, name), Err(StagingError::Name { .. })),
            "{name:?}"
        );
    }
    assert_eq!(area_name("entity:Invoice", 3), "entity=3aInvoice.3");
    assert_ne!(area_name("a=3a", 1), area_name("a:", 1));
    assert!(staging.create(None, &area_name("../../etc", 1)).is_ok());
    assert!(staging.reopen(None, "nobody.1").unwrap().is_none());
}

#[test]
fn an_area_goes_with_locked_folders_in_it() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(Some(base(&bench)), "t.1").unwrap();
    let path = area.path().to_path_buf();
    fs::set_permissions(path.join("src"), fs::Permissions::from_mode(0o000)).unwrap();
    staging.teardown(area).unwrap();
    assert!(!path.exists());
}

#[test]
fn left_overs_are_removed_without_following_links() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let root = bench.dir.join("staging");
    let precious = bench.dir.join("precious");
    write(&precious.join("file"), "precious");
    let live = staging.create(Some(base(&bench)), "live.1").unwrap();
    let dead = staging.create(Some(base(&bench)), "dead.1").unwrap();
    symlink(&precious, dead.path().join("out")).unwrap();
    symlink(&precious, root.join("link")).unwrap();
    write(&root.join("half.2.partial/files/x"), "x");
    assert_eq!(
        collect_leftovers(&root, &["live.1"]).unwrap(),
        ["dead.1", "half.2.partial", "link"]
    );
    assert!(precious.join("file").exists());
    assert!(live.path().join("README.md").exists());
    assert_eq!(
        collect_leftovers(&bench.dir.join("none"), &[]).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn an_unreadable_folder_is_a_violation_and_not_a_deletion() {
    let bench = Workbench::new();
    let staging = bench.staging();
    let area = staging.create(Some(base(&bench)), "t.1").unwrap();
    let folder = area.path().join("src");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&folder).is_ok() {
        // Root reads everything; then there is nothing to say either.
        assert!(staging.changed(&area, &rules()).unwrap().is_empty());
        return;
    }
    let set = staging.changed(&area, &rules()).unwrap();
    assert!(matches!(
        set.violations.as_slice(),
        [Violation::Unreadable { .. }]
    ));
    assert_eq!(shown(&set.changes), Vec::<String>::new());
}
