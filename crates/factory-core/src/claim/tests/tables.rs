//! The claim table: by table, and its invariants over random schedules.

use std::collections::BTreeMap;

use super::Seeded;
use crate::claim::{Answer, Claim, ClaimTable, Glob, Mode, OVERTAKES_MAX, overlap};

/// `w src/**, r db` → claims.
fn claims(text: &str) -> Vec<Claim> {
    let claim = |part: &str| {
        let (mode, glob) = part.trim().split_once(' ').unwrap();
        let mode = match mode {
            "r" => Mode::Read,
            "e" => Mode::Edit,
            _ => Mode::Write,
        };
        Claim::new(mode, Glob::parse(glob).unwrap())
    };
    text.split(';')
        .filter(|part| !part.trim().is_empty())
        .map(claim)
        .collect()
}

#[test]
fn modes_meet_as_the_matrix_says() {
    for (one, other, compatible) in [
        ("r", "r", true),
        ("r", "e", true),
        ("r", "w", false),
        ("e", "e", true),
        ("e", "w", false),
        ("w", "w", false),
    ] {
        for (first, second) in [(one, other), (other, one)] {
            let mut table = ClaimTable::new();
            table.request("a", &claims(&format!("{first} src/**")), 0);
            let answer = table.request("b", &claims(&format!("{second} src/x")), 0);
            assert_eq!(answer.is_granted(), compatible, "{first} then {second}");
        }
    }
}

#[test]
fn a_busy_answer_names_the_holder_and_a_path() {
    let mut table = ClaimTable::new();
    assert!(table.request("a", &claims("w src/**"), 0).is_granted());
    let Answer::Busy(busy) = table.request("b", &claims("e docs/**; e src/*.py"), 1) else {
        panic!("granted");
    };
    assert_eq!((busy.by.as_str(), busy.held), ("a", true));
    assert_eq!(busy.witness.as_deref(), Some("src/.py"));
    assert_eq!(
        (busy.wanted.to_string(), busy.theirs.to_string()),
        ("edit `src/*.py`".to_owned(), "write `src/**`".to_owned())
    );
    assert!(table.held("b").is_empty(), "all or nothing");
}

#[test]
fn a_request_waits_behind_an_earlier_waiter_it_conflicts_with_and_passes_others() {
    let mut table = ClaimTable::new();
    assert!(table.request("reader", &claims("r src/**"), 0).is_granted());
    assert!(!table.request("writer", &claims("w src/**"), 1).is_granted());
    let Answer::Busy(busy) = table.request("late", &claims("r src/a"), 2) else {
        panic!("the writer would starve");
    };
    assert_eq!((busy.by.as_str(), busy.held), ("writer", false));
    assert!(
        table
            .request("elsewhere", &claims("w docs"), 3)
            .is_granted()
    );
    assert_eq!(table.waiters(), ["writer", "late"]);
    table.release("reader");
    assert!(table.request("writer", &claims("w src/**"), 1).is_granted());
    table.release("writer");
    assert!(table.request("late", &claims("r src/a"), 2).is_granted());
}

#[test]
fn reads_are_free_when_collected_and_edits_and_writes_when_landed() {
    let mut table = ClaimTable::new();
    assert!(
        table
            .request("a", &claims("r docs; e src; w db"), 0)
            .is_granted()
    );
    table.collected("a");
    for (text, granted) in [
        ("w docs", true),
        ("w src", false),
        ("e src", true),
        ("r db", false),
    ] {
        let answer = table.request("b", &claims(text), 1);
        assert_eq!(answer.is_granted(), granted, "{text}");
        table.release("b");
    }
    table.release("a");
    assert!(table.request("b", &claims("w src; w db"), 1).is_granted());
}

#[test]
fn more_is_granted_when_free_and_never_waited_for() {
    let mut table = ClaimTable::new();
    table.request("a", &claims("e src"), 0);
    table.request("b", &claims("w docs"), 0);
    assert!(!table.extend("a", &claims("e docs/x")).is_granted());
    assert!(table.waiters().is_empty());
    assert!(
        table
            .extend("a", &claims("w src/x; e README.md"))
            .is_granted()
    );
    assert_eq!(table.held("a"), claims("e src; w src/x; e README.md"));
    assert!(!table.request("c", &claims("r src/x"), 0).is_granted());
}

#[test]
fn an_older_request_overtakes_at_most_eight_times() {
    let mut table = ClaimTable::new();
    assert!(table.request("holder", &claims("r x"), 0).is_granted());
    assert!(!table.request("writer", &claims("w x"), 100).is_granted());
    let mut passed = 0;
    for index in 0..20 {
        let name = format!("reader{index}");
        passed += u32::from(table.request(&name, &claims("r x"), 1).is_granted());
    }
    assert_eq!(
        (passed, table.overtaken("writer")),
        (OVERTAKES_MAX, OVERTAKES_MAX)
    );
    assert!(!table.extend("holder", &claims("r x/y")).is_granted());
}

#[test]
fn a_table_is_rebuilt_from_what_was_granted() {
    let mut table = ClaimTable::new();
    table.restore("a", &claims("w src"));
    assert!(!table.request("b", &claims("e src/x"), 0).is_granted());
    table.release("a");
    assert!(table.request("b", &claims("e src/x"), 0).is_granted());
}

/// One random schedule; checks the invariants after each step.
fn simulate(seed: u64) {
    let globs = [
        "a", "a/*", "a/**/x", "b", "**/x", "b/[cd]*", "{a,b}/c", "c/d", "**",
    ];
    let mut seeded = Seeded(seed);
    let mut table = ClaimTable::new();
    let mut wishes: BTreeMap<String, (Vec<Claim>, u64)> = BTreeMap::new();
    let mut held: BTreeMap<String, Vec<Claim>> = BTreeMap::new();
    for step in 0..120_u64 {
        let name = format!("t{}", seeded.below(12));
        if held.contains_key(&name) {
            held.remove(&name);
            table.release(&name);
            continue;
        }
        let (wish, age) = wishes.entry(name.clone()).or_insert_with(|| {
            let count = 1 + seeded.below(3);
            let mut claim = || {
                let mode = *seeded.pick(&[Mode::Read, Mode::Edit, Mode::Write]);
                Claim::new(mode, Glob::parse(seeded.pick::<&str>(&globs)).unwrap())
            };
            let wish = (0..count).map(|_| claim()).collect();
            (wish, step.saturating_sub(seeded.next() % 20))
        });
        if table.request(&name, wish, *age).is_granted() {
            held.insert(name.clone(), wish.clone());
            wishes.remove(&name);
        }
        assert_no_conflict(&held, seed);
        for waiter in table.waiters() {
            assert!(
                table.overtaken(waiter) <= OVERTAKES_MAX,
                "seed {seed}: {waiter}"
            );
        }
    }
    assert_all_are_served(&mut table, wishes, held.into_keys().collect(), seed);
}

fn assert_no_conflict(held: &BTreeMap<String, Vec<Claim>>, seed: u64) {
    for (one, ours) in held {
        for (other, theirs) in held.range(one.clone()..).skip(1) {
            let pairs = ours.iter().flat_map(|a| theirs.iter().map(move |b| (a, b)));
            for (a, b) in pairs {
                let fine = a.mode.is_compatible(b.mode) || !overlap(&a.glob, &b.glob).is_overlap();
                assert!(fine, "seed {seed}: {one} has {a} and {other} has {b}");
            }
        }
    }
}

/// When holders end one by one, every waiter gets its turn.
fn assert_all_are_served(
    table: &mut ClaimTable,
    mut wishes: BTreeMap<String, (Vec<Claim>, u64)>,
    mut holders: Vec<String>,
    seed: u64,
) {
    while !wishes.is_empty() {
        for holder in holders.drain(..) {
            table.release(&holder);
        }
        wishes.retain(|name, (wish, age)| {
            let granted = table.request(name, wish, *age).is_granted();
            if granted {
                holders.push(name.clone());
            }
            !granted
        });
        assert!(!holders.is_empty(), "seed {seed}: all wait for each other");
    }
}

#[test]
fn no_two_conflicting_holders_and_nobody_starves_in_any_schedule() {
    for seed in 0..400 {
        simulate(seed);
    }
}

#[test]
#[ignore = "prints timings; run with --release --ignored --nocapture"]
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the real clock"
)]
fn how_long_a_request_takes_against_ten_thousand_locks() {
    let mut table = ClaimTable::new();
    for index in 0..10_000 {
        let folder = format!("src/part{}/module{}", index % 100, index / 100);
        let wish = claims(&format!("e {folder}/**; r {folder}.lock"));
        assert!(
            table
                .request(&format!("t{index}"), &wish, index)
                .is_granted()
        );
    }
    for text in [
        "w src/part7/other/**",
        "w src/part7/module3/x.py",
        "e **",
        "w docs/**/*.md",
    ] {
        let wish = claims(text);
        for round in ["first", "again"] {
            let start = std::time::Instant::now();
            let granted = table.request("probe", &wish, 1).is_granted();
            println!("{text}: {round} {:?}, granted {granted}", start.elapsed());
            table.release("probe");
        }
    }
}
