//! Overlap against brute force, and at the size limits.

use super::{Seeded, naive};
use crate::claim::{Glob, Overlap, Overlaps, overlap};

fn glob(text: &str) -> Glob {
    Glob::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// All paths over `alphabet` of at most `length_max` bytes, of non-empty components.
fn paths(alphabet: &[char], length_max: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut last = vec![String::new()];
    for _ in 0..length_max {
        let longer = last
            .iter()
            .flat_map(|path| alphabet.iter().map(move |c| format!("{path}{c}")));
        last = longer
            .filter(|path| !path.starts_with('/') && !path.contains("//"))
            .collect();
        all.extend(last.iter().filter(|path| !path.ends_with('/')).cloned());
    }
    all
}

fn random_glob(seeded: &mut Seeded, depth: usize) -> String {
    let pieces = [
        "a", "b", "*", "**", "?", "[ab]", "[!a]", "/", "/", "**/", "/**/", "{a,b}", "{b,*a}",
    ];
    let mut text = String::new();
    for _ in 0..=seeded.below(4) {
        if depth > 0 && seeded.below(8) == 0 {
            let (one, other) = (
                random_glob(seeded, depth - 1),
                random_glob(seeded, depth - 1),
            );
            text.extend(["{", &one, ",", &other, "}"]);
        } else {
            text += seeded.pick::<&str>(&pieces);
        }
    }
    text
}

fn valid_globs(seeded: &mut Seeded, count: usize) -> Vec<Glob> {
    let mut globs = Vec::new();
    while globs.len() < count {
        globs.extend(Glob::parse(&random_glob(seeded, 1)).ok());
    }
    globs
}

#[test]
fn overlap_agrees_with_brute_force_over_all_short_paths() {
    let seed = 20_261_121;
    let mut seeded = Seeded(seed);
    let paths = paths(&['a', 'b', 'c', '/'], 7);
    let globs = valid_globs(&mut seeded, 80);
    let matched: Vec<Vec<bool>> = globs
        .iter()
        .map(|glob| {
            paths
                .iter()
                .map(|path| naive::matches(glob.as_str(), path))
                .collect()
        })
        .collect();
    let (mut met, mut apart) = (0, 0);
    for (one, ours) in globs.iter().zip(&matched) {
        for (path, expected) in paths.iter().zip(ours) {
            assert_eq!(
                one.is_match(path),
                *expected,
                "seed {seed}: `{one}` on `{path}`"
            );
        }
        for (other, theirs) in globs.iter().zip(&matched) {
            let common = ours.iter().zip(theirs).any(|(one, other)| *one && *other);
            match overlap(one, other) {
                Overlap::Disjoint => {
                    assert!(
                        !common,
                        "seed {seed}: `{one}` and `{other}` have a path in common"
                    );
                    apart += 1;
                }
                Overlap::Witness(path) => {
                    assert!(
                        naive::matches(one.as_str(), &path),
                        "seed {seed}: `{one}` `{path}`"
                    );
                    assert!(
                        naive::matches(other.as_str(), &path),
                        "seed {seed}: `{other}` `{path}`"
                    );
                    assert!(
                        common || path.len() > 7,
                        "seed {seed}: `{one}` `{other}` `{path}`"
                    );
                    met += 1;
                }
                Overlap::Unknown => panic!("seed {seed}: `{one}` and `{other}` are undecided"),
            }
        }
    }
    assert!(
        met > 1_000 && apart > 1_000,
        "{met} pairs met, {apart} did not"
    );
}

#[test]
fn overlaps_that_people_ask_for() {
    for (one, other, witness) in [
        ("dir", "dir/**", Some("dir/a")),
        ("dir", "dir", Some("dir")),
        ("dir/", "dir", Some("dir/a")),
        ("src/*", "src/a/b", None),
        ("src/**/*.py", "src/api/**", Some("src/api/.py")),
        ("src/*.py", "src/*.rs", None),
        ("**/*.{ts,tsx}", "web/**/test_*", Some("web/test_.ts")),
        ("a?", "aé", Some("aé")),
        ("a*", "[é]b", None),
        ("*é", "è*", Some("èé")),
        (
            "**/.pl-history/**",
            "**/.pl-history/**",
            Some(".pl-history/a"),
        ),
        ("docs", "documents", None),
    ] {
        let expected = witness.map_or(Overlap::Disjoint, |path| Overlap::Witness(path.to_owned()));
        assert_eq!(
            overlap(&glob(one), &glob(other)),
            expected,
            "`{one}` and `{other}`"
        );
        assert_eq!(
            overlap(&glob(other), &glob(one)).is_overlap(),
            witness.is_some()
        );
    }
}

#[test]
fn a_glob_too_large_to_decide_counts_as_an_overlap() {
    let large = glob(&format!("*a{}", "?".repeat(20)));
    assert_eq!(overlap(&large, &glob("*b*")), Overlap::Unknown);
    assert!(overlap(&large, &glob("*b*")).is_overlap());
    assert!(!large.is_match("abc"));
}

#[test]
fn remembered_answers_are_the_answers() {
    let globs = valid_globs(&mut Seeded(7), 40);
    let mut overlaps = Overlaps::default();
    for _ in 0..2 {
        for one in &globs {
            for other in &globs {
                let expected = overlap(one, other).is_overlap();
                assert_eq!(overlaps.overlap(one, other).is_overlap(), expected);
            }
        }
    }
}

#[test]
#[ignore = "prints timings; run with --release --ignored --nocapture"]
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the real clock"
)]
fn how_long_an_overlap_takes() {
    let texts: Vec<String> = (0..60)
        .flat_map(|n| {
            [
                format!("src/mod{n}/**"),
                format!("src/**/*_{n}.py"),
                format!("**/test_{n}*.{{ts,tsx,js}}"),
                format!("web/[a-m]*/page{n}/?*.md"),
                format!("**/node{n}/**/*.json"),
            ]
        })
        .collect();
    let globs: Vec<Glob> = texts.iter().map(|text| glob(text)).collect();
    let start = std::time::Instant::now();
    for one in &globs {
        assert!(one.automaton().is_some());
    }
    println!(
        "compile: {:?} per glob",
        start.elapsed() / u32::try_from(globs.len()).unwrap()
    );
    let pairs = u32::try_from(globs.len() * globs.len()).unwrap();
    let start = std::time::Instant::now();
    let met = globs
        .iter()
        .map(|a| globs.iter().filter(|b| overlap(a, b).is_overlap()).count());
    let met: usize = met.sum();
    println!(
        "overlap: {:?} per pair, {met} of {pairs} meet",
        start.elapsed() / pairs
    );
    let mut overlaps = Overlaps::default();
    for round in ["first", "cached"] {
        let start = std::time::Instant::now();
        for one in &globs {
            for other in &globs {
                overlaps.overlap(one, other);
            }
        }
        println!("{round}: {:?} per pair", start.elapsed() / pairs);
    }
}
