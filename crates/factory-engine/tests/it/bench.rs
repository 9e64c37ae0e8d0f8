//! Measurements, run by hand: `cargo test -p factory-engine --release -- --ignored --nocapture how_long`.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the real clock"
)]

use std::time::{Duration, Instant};

use factory_engine::merge::{Verdict, merge};
use factory_engine::staging::Staging as _;

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
