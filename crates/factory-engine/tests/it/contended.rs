//! How real agents collide: every scenario of the contended set, merged in both directions and judged.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::{env, fs};

use factory_engine::git::{FileMode, Oid};
use factory_engine::merge::{Verdict, merge};
use gix::diff::blob::{Algorithm, InternedInput};
use gix::merge::blob::builtin_driver::text::{Conflict, Labels, Merge};

use crate::judge::{Files, Right, Scenario, folder, has_python, scenarios};
use crate::workbench::Workbench;

/// Says that [`the_table_is_written`] may write.
const WRITE: &str = "FACTORY_WRITE_FIXTURE";

/// Merges that lose something without a word. This list only shrinks: a scenario that has become right must leave it.
const KNOWN_DROPS: [&str; 2] = [
    // The lines of an entry land below the heading that moved in between.
    "markdown/changelog_release_against_entry",
    // Both sides delete a line here and add it elsewhere, so it is there twice.
    "typescript/one_entry_moved_to_two_places",
];

/// How a merge compares with what was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Merged as wanted, with both changes.
    MergedRight,
    /// Somebody has to decide, as wanted.
    ConflictWanted,
    /// Merged with both changes; the checks find out whether they go together.
    LeftToChecks,
    /// Somebody has to decide what was plain.
    ConflictUnneeded,
    /// Somebody has to decide what the checks would have found.
    ConflictEarly,
    /// Merged with both changes, although somebody should have decided.
    MergedUnasked,
    /// Merged, and a change is lost or broken.
    SilentDrop,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::MergedRight => "merged_right",
            Self::ConflictWanted => "conflict_wanted",
            Self::LeftToChecks => "left_to_checks",
            Self::ConflictUnneeded => "conflict_unneeded",
            Self::ConflictEarly => "conflict_early",
            Self::MergedUnasked => "merged_unasked",
            Self::SilentDrop => "silent_drop",
        }
    }

    const fn is_clean(self) -> bool {
        matches!(
            self,
            Self::MergedRight | Self::LeftToChecks | Self::MergedUnasked | Self::SilentDrop
        )
    }

    /// `merged` is none for a conflict.
    fn of(scenario: &Scenario, merged: Option<&Files>) -> (Self, Vec<String>) {
        let right = scenario.judge.right;
        let Some(merged) = merged else {
            let outcome = match right {
                Right::Merge => Self::ConflictUnneeded,
                Right::Conflict => Self::ConflictWanted,
                Right::Checks => Self::ConflictEarly,
            };
            return (outcome, Vec::new());
        };
        let faults = scenario.judge.faults(merged);
        let outcome = match right {
            _ if !faults.is_empty() => Self::SilentDrop,
            Right::Merge => Self::MergedRight,
            Right::Conflict => Self::MergedUnasked,
            Right::Checks => Self::LeftToChecks,
        };
        (outcome, faults)
    }
}

/// A scenario and how it ended, ours into theirs and theirs into ours.
struct Ended {
    name: String,
    right: Right,
    held_out: bool,
    outcomes: [Outcome; 2],
    faults: Vec<String>,
}

fn tree(bench: &Workbench, files: &Files) -> Oid {
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    bench.tree(&files)
}

fn files(bench: &Workbench, tree: Oid) -> Files {
    let listing = bench.repo.read_tree(tree).unwrap();
    let file = |(path, entry): (String, factory_engine::git::Entry)| {
        let bytes = bench.repo.read_blob(entry.oid).unwrap();
        let mark = match entry.mode {
            FileMode::Executable => "+x",
            _ => "",
        };
        (format!("{path}{mark}"), String::from_utf8(bytes).unwrap())
    };
    listing.into_iter().map(file).collect()
}

fn end(bench: &Workbench, name: String, scenario: &Scenario) -> Ended {
    let base = tree(bench, &scenario.base);
    let (ours, theirs) = (scenario.ours(), scenario.theirs());
    let (ours, theirs) = (tree(bench, &ours), tree(bench, &theirs));
    let mut faults = Vec::new();
    let outcomes = [(ours, theirs), (theirs, ours)].map(|(one, other)| {
        let merged = match merge(&bench.repo, base, one, other).unwrap() {
            Verdict::Merged(merged) => Some(files(bench, merged.tree)),
            Verdict::Conflict(_) => None,
        };
        let (outcome, found) = Outcome::of(scenario, merged.as_ref());
        faults.extend(found);
        outcome
    });
    Ended {
        name,
        right: scenario.judge.right,
        held_out: scenario.held_out,
        outcomes,
        faults,
    }
}

fn merge_all() -> Vec<Ended> {
    let bench = Workbench::new();
    let all = scenarios(&folder()).into_iter();
    all.map(|(name, scenario)| end(&bench, name, &scenario))
        .collect()
}

/// The table as it is committed.
fn table(all: &[Ended]) -> String {
    let mut text = String::from(
        "# Every scenario is merged in both directions; two words where the directions differ.\n\
         # An asterisk: held out. Written by the test `the_table_is_written`.\n\n",
    );
    for ended in all {
        let [one, other] = ended.outcomes.map(Outcome::as_str);
        let outcome = if one == other {
            one.to_owned()
        } else {
            format!("{one} / {other}")
        };
        let mark = if ended.held_out { "*" } else { "" };
        let name = format!("{}{mark}", ended.name);
        let right = ended.right.as_str();
        writeln!(text, "{name:<56}{right:<10}{outcome}").unwrap();
    }
    text.push('\n');
    let shares = |keep: fn(&Ended) -> bool| shares(all, keep);
    let columns = [
        shares(|_| true),
        shares(|ended| !ended.held_out),
        shares(|ended| ended.held_out),
    ];
    let heads = ["all", "not held out", "held out"];
    writeln!(
        text,
        "{:<34}{:>16}{:>16}{:>16}",
        "merges", heads[0], heads[1], heads[2]
    )
    .unwrap();
    for row in 0..columns[0].len() {
        let [all, known, held_out] = columns.each_ref().map(|column| &column[row].1);
        let what = columns[0][row].0;
        writeln!(text, "{what:<34}{all:>16}{known:>16}{held_out:>16}").unwrap();
    }
    text
}

/// Counts of merges, two for each scenario.
fn shares(all: &[Ended], keep: fn(&Ended) -> bool) -> Vec<(&'static str, String)> {
    let outcomes: Vec<Outcome> = all
        .iter()
        .filter(|ended| keep(ended))
        .flat_map(|ended| ended.outcomes)
        .collect();
    let count = |of: fn(Outcome) -> bool| outcomes.iter().filter(|one| of(**one)).count();
    let share = |part: usize, whole: usize| format!("{part} ({}%)", part * 100 / whole.max(1));
    let total = outcomes.len();
    let clean = count(Outcome::is_clean);
    let right = count(|one| matches!(one, Outcome::MergedRight | Outcome::LeftToChecks));
    vec![
        ("total", total.to_string()),
        ("clean", share(clean, total)),
        ("right of the clean", share(right, clean)),
        (
            "wanted conflicts",
            share(count(|one| one == Outcome::ConflictWanted), total),
        ),
        (
            "unneeded conflicts",
            share(count(|one| one == Outcome::ConflictUnneeded), total),
        ),
        (
            "conflicts that checks would find",
            share(count(|one| one == Outcome::ConflictEarly), total),
        ),
        (
            "merged without being asked to",
            share(count(|one| one == Outcome::MergedUnasked), total),
        ),
        (
            "silent drops",
            share(count(|one| one == Outcome::SilentDrop), total),
        ),
    ]
}

#[test]
fn every_scenario_ends_as_the_table_says_and_none_loses_a_change_in_silence() {
    if !has_python() {
        println!("SKIPPED: python3 does not run, so merged Python files are not parsed");
    }
    let all = merge_all();
    let dropped = all
        .iter()
        .filter(|ended| ended.outcomes.contains(&Outcome::SilentDrop));
    let (names, said): (Vec<&str>, Vec<String>) = dropped
        .map(|ended| {
            let said = format!("{}: {}", ended.name, ended.faults.join("; "));
            (ended.name.as_str(), said)
        })
        .unzip();
    assert_eq!(names, KNOWN_DROPS, "\n  {}", said.join("\n  "));
    let committed = fs::read_to_string(folder().join("RESULTS.txt")).unwrap();
    let found = table(&all);
    let changed: Vec<&str> = found
        .lines()
        .filter(|line| !committed.lines().any(|known| known == *line))
        .collect();
    assert!(
        found == committed,
        "the table is another one:\n{}",
        changed.join("\n")
    );
}

#[test]
#[ignore = "writes the table"]
fn the_table_is_written() {
    match env::var_os(WRITE).as_deref().and_then(OsStr::to_str) {
        Some("contended") => {
            fs::write(folder().join("RESULTS.txt"), table(&merge_all())).unwrap();
        }
        _ => println!("SKIPPED: {WRITE} does not say `contended`"),
    }
}

#[test]
fn the_set_is_what_it_says() {
    let all = scenarios(&folder());
    assert!(all.len() >= 64, "{} scenarios", all.len());
    let held_out = all.iter().filter(|(_, scenario)| scenario.held_out).count();
    assert!(held_out * 2 >= all.len(), "{held_out} held out");
    for (name, scenario) in &all {
        assert!(scenario.about.ends_with('.'), "{name}");
        let lines: usize = scenario
            .base
            .values()
            .map(|text| text.lines().count())
            .sum();
        assert!((20..=120).contains(&lines), "{name}: {lines} lines");
        let sides = [scenario.ours(), scenario.theirs()];
        assert!(!sides.contains(&scenario.base), "{name}: an empty change");
    }
}

/// A merge by lines that settles every conflict by one rule; what one side deleted and the other changed stays.
fn merge_by_rule(scenario: &Scenario, rule: Conflict) -> Files {
    let (ours, mut theirs) = (scenario.ours(), scenario.theirs());
    let mut merged = Files::new();
    for (path, our) in ours {
        let their = theirs.remove(&path).unwrap_or_else(|| our.clone());
        let base = scenario.base.get(&path).map_or("", String::as_str);
        let text = settle_by_rule([&our, base, &their], rule);
        merged.insert(path, text);
    }
    merged.extend(theirs);
    merged
}

fn settle_by_rule([ours, base, theirs]: [&str; 3], rule: Conflict) -> String {
    let mut input = InternedInput::default();
    let [ours, base, theirs] = [ours, base, theirs].map(str::as_bytes);
    let merge = Merge::new(&mut input, ours, base, theirs, Algorithm::Histogram);
    let mut merged = Vec::new();
    merge.run(&mut merged, Labels::default(), rule);
    String::from_utf8(merged).unwrap()
}

/// Brings merges that are wrong on purpose before the judge: at least nine of ten must be found out.
fn found_out<'a>(merges: impl Iterator<Item = (&'a str, &'a Scenario, Files)>, what: &str) {
    let (mut count, mut passed) = (0, Vec::new());
    for (name, scenario, merged) in merges {
        count += 1;
        if scenario.judge.faults(&merged).is_empty() {
            passed.push(name);
        }
    }
    let wrong = count - passed.len();
    assert!(count > 0, "{what}: nothing to judge");
    assert!(
        wrong * 10 >= count * 9,
        "{what}: {passed:?} of {count} pass"
    );
}

const RIGHTS: [Right; 3] = [Right::Merge, Right::Conflict, Right::Checks];

#[test]
fn a_merge_that_takes_one_side_is_judged_wrong() {
    let all = scenarios(&folder());
    let sides: [fn(&Scenario) -> Files; 3] = [Scenario::ours, Scenario::theirs, |scenario| {
        scenario.base.clone()
    }];
    for right in RIGHTS {
        for side in sides {
            let of_right = all.iter().filter(|(_, s)| s.judge.right == right);
            let merges = of_right.map(|(name, s)| (name.as_str(), s, side(s)));
            found_out(merges, right.as_str());
        }
    }
}

/// The merge by this rule if any line conflicts; without a conflict, no rule does anything wrong.
fn where_lines_conflict(scenario: &Scenario, rule: Conflict) -> Option<Files> {
    let sides = [Conflict::ResolveWithOurs, Conflict::ResolveWithTheirs];
    let [ours, theirs] = sides.map(|rule| merge_by_rule(scenario, rule));
    (ours != theirs).then(|| merge_by_rule(scenario, rule))
}

#[test]
fn a_merge_that_drops_one_sides_lines_of_a_conflict_is_judged_wrong() {
    let all = scenarios(&folder());
    for rule in [Conflict::ResolveWithOurs, Conflict::ResolveWithTheirs] {
        let merges = all.iter().filter_map(|(name, scenario)| {
            let merged = where_lines_conflict(scenario, rule)?;
            Some((name.as_str(), scenario, merged))
        });
        found_out(merges, "one side's lines");
    }
}

#[test]
fn a_merge_that_keeps_all_lines_is_judged_wrong_where_somebody_has_to_decide() {
    let all = scenarios(&folder());
    let undecided = all
        .iter()
        .filter(|(_, scenario)| scenario.judge.right == Right::Conflict);
    let merges = undecided.filter_map(|(name, scenario)| {
        let merged = where_lines_conflict(scenario, Conflict::ResolveWithUnion)?;
        Some((name.as_str(), scenario, merged))
    });
    found_out(merges, "all lines");
}
