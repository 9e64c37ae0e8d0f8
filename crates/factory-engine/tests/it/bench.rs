//! What the file system is asked for; and measurements, run by hand: `cargo test -p factory-engine --release -- --ignored --nocapture how_long`.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the real clock"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use factory_engine::git::Oid;
use factory_engine::merge::{Verdict, merge};
use factory_engine::staging::{
    ChangeSet, FileContent, MergeCheckouts, Staging as _, TreeChange, write_change,
};

use crate::workbench::{Workbench, rules, write};

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
#[ignore = "prints timings"]
fn how_long_a_merge_takes_beside_git() {
    for count in [100, 1_000, 10_000] {
        let bench = Workbench::new();
        let mut edits = Vec::new();
        for number in 0..count {
            let text = (0..40)
                .map(|line| format!("{number} {line}\n"))
                .collect::<Vec<_>>()
                .concat();
            edits.push((
                format!("d{}/e{}/f{number}", number % 10, number % 100),
                text,
            ));
        }
        let files: Vec<(&str, &str)> = edits
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let base = bench.tree(&files);
        let head: String = files[7].1.replacen("7 0\n", "ours\n", 1);
        let tail: String = files[7].1.replacen("7 39\n", "theirs\n", 1);
        let ours = bench.edited(base, &[(files[7].0, &head), ("d3/new", "ours")]);
        let theirs = bench.edited(base, &[(files[7].0, &tail), (files[8].0, "theirs")]);
        // The commits that git wants are made beforehand, so that only its merge is timed.
        let root = bench.commit(base, &[]);
        let sides = [ours, theirs].map(|side| bench.commit(side, &[root]).to_string());
        let (mut in_process, mut by_git) = (Vec::new(), Vec::new());
        for _ in 0..31 {
            let start = Instant::now();
            assert!(matches!(
                merge(&bench.repo, base, ours, theirs),
                Ok(Verdict::Merged(_))
            ));
            in_process.push(start.elapsed());
            let start = Instant::now();
            bench.git(&["merge-tree", "--write-tree", &sides[0], &sides[1]]);
            by_git.push(start.elapsed());
        }
        let (in_process, by_git) = (median(in_process), median(by_git));
        let ratio = in_process.as_secs_f64() / by_git.as_secs_f64();
        println!("{count} files: in process {in_process:?}, git {by_git:?}, ratio {ratio:.3}");
    }
}

#[test]
#[ignore = "prints timings"]
fn how_long_a_staging_takes() {
    for count in [1_000, 10_000] {
        let bench = Workbench::new();
        let text = "0123456789".repeat(300);
        let names: Vec<String> = (0..count)
            .map(|n| format!("d{}/e{}/f{n}", n % 10, n % 100))
            .collect();
        let texts: Vec<String> = names.iter().map(|name| format!("{name}{text}")).collect();
        let files: Vec<(&str, &str)> = names
            .iter()
            .zip(&texts)
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let base = bench.commit(bench.tree(&files), &[]);
        let staging = bench.staging();
        let start = Instant::now();
        let area = staging.create(Some(base), "t.1").unwrap();
        let created = start.elapsed();
        std::thread::sleep(Duration::from_millis(100));
        for name in names.iter().take(10) {
            write(&area.path().join(name), "changed");
        }
        let start = Instant::now();
        let set = staging.changed(&area, &rules()).unwrap();
        let collected = start.elapsed();
        assert_eq!(set.changes.len(), 10);
        let start = Instant::now();
        staging.teardown(area).unwrap();
        println!(
            "{count} files: create {created:?}, collect {collected:?}, remove {:?}",
            start.elapsed()
        );
    }
}

/// A tree of 150 files, and the ten files of slice `number`.
fn slice(bench: &Workbench) -> (Oid, impl Fn(usize) -> TreeChange) {
    let names: Vec<String> = (0..150)
        .map(|n| format!("d{}/e{}/f{n}", n % 5, n % 30))
        .collect();
    let text = "0123456789\n".repeat(200);
    let files: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), text.as_str()))
        .collect();
    let base = bench.commit(bench.tree(&files), &[]);
    let change = move |number: usize| {
        let file = |n: usize| {
            let path = match n {
                0 | 1 => format!("d{n}/e{n}/f{n}"),
                _ => format!("slices/s{number}/f{n}"),
            };
            let content = FileContent::file(format!("slice {number}, file {n}\n{text}"));
            (path, Some(content))
        };
        TreeChange {
            files: (0..10).map(file).collect(),
            ..TreeChange::default()
        }
    };
    (base, change)
}

fn in_area(bench: &Workbench, base: Oid, number: usize, change: &TreeChange) -> (ChangeSet, usize) {
    let staging = bench.staging();
    let area = staging.create(Some(base), &format!("t.{number}")).unwrap();
    for (path, content) in &change.files {
        let file = area.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, &content.as_ref().unwrap().bytes).unwrap();
    }
    let set = staging.changed(&area, &rules()).unwrap();
    let count = entry_count(&bench.dir.join("staging"));
    staging.teardown(area).unwrap();
    (set, count)
}

fn entry_count(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            1 + if entry.path().is_dir() {
                entry_count(&entry.path())
            } else {
                0
            }
        })
        .sum()
}

#[test]
fn a_change_as_data_makes_nothing_but_its_objects() {
    let bench = Workbench::new();
    let (base, change) = slice(&bench);
    let objects = bench.checkout().join(".git/objects");
    let before = entry_count(&bench.dir) - entry_count(&objects);
    let objects_before = file_count(&bench);
    let set = write_change(&bench.repo, Some(base), &change(1), &rules()).unwrap();
    assert_eq!(entry_count(&bench.dir) - entry_count(&objects), before);
    // Ten blobs, and the trees on the way to them: the root, two folders twice and `slices/s1`.
    assert_eq!(file_count(&bench) - objects_before, 10 + 1 + 4 + 2);
    let again = write_change(&bench.repo, Some(base), &change(1), &rules()).unwrap();
    assert_eq!(again, set);
    assert_eq!(
        file_count(&bench) - objects_before,
        17,
        "nothing is written twice"
    );
    let (by_area, entries) = in_area(&bench, base, 1, &change(1));
    assert_eq!(by_area, set);
    println!("an area makes and removes {entries} files and folders, a change as data none");
}

/// Loose objects.
fn file_count(bench: &Workbench) -> usize {
    let said = bench.git(&["count-objects"]);
    said.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "prints timings"]
fn how_long_a_slice_takes_as_data_and_in_an_area() {
    let (one, other) = (Workbench::new(), Workbench::new());
    let (base, change) = slice(&one);
    let start = Instant::now();
    for number in 0..100 {
        write_change(&one.repo, Some(base), &change(number), &rules()).unwrap();
    }
    let as_data = start.elapsed();
    let (base, change) = slice(&other);
    let start = Instant::now();
    for number in 0..100 {
        in_area(&other, base, number, &change(number));
    }
    println!(
        "100 slices: as data {as_data:?}, in areas {:?}",
        start.elapsed()
    );
}

#[test]
#[ignore = "prints timings"]
fn how_long_a_merge_check_takes_to_check_out() {
    let bench = Workbench::new();
    let (base, change) = slice(&bench);
    let commits: Vec<Oid> = (0..100)
        .map(|number| {
            let set = write_change(&bench.repo, Some(base), &change(number), &rules()).unwrap();
            bench.commit(set.tree, &[base])
        })
        .collect();
    let checkouts = MergeCheckouts::new(bench.repo.clone(), bench.staging());
    let start = Instant::now();
    for commit in &commits {
        checkouts.check_out(*commit).unwrap().release();
    }
    let moved = start.elapsed();
    let staging = bench.staging();
    let start = Instant::now();
    for (number, commit) in commits.iter().enumerate() {
        let area = staging
            .create(Some(*commit), &format!("t.{number}"))
            .unwrap();
        staging.teardown(area).unwrap();
    }
    println!(
        "100 checkouts: moved {moved:?}, copied {:?}",
        start.elapsed()
    );
}
