//! Merges: by table, against the external git, and landing.

use factory_engine::git::{FileMode, Oid, Published};
use factory_engine::merge::{
    Conflict, ConflictReason, LandSpec, Preparation, Prepared, Rung, Verdict, merge, merge_by_git,
};

use crate::workbench::{Seeded, Workbench};

/// A file's text, one letter a line.
fn lines(letters: &str) -> String {
    letters.chars().flat_map(|letter| [letter, '\n']).collect()
}

/// Names with letters, or names with reasons.
type Found = Result<Vec<(String, String)>, Vec<(String, ConflictReason)>>;

/// Merges two edits of one base; files are given as `name`, letters.
fn merged(base: &[(&str, &str)], ours: &[(&str, &str)], theirs: &[(&str, &str)]) -> Found {
    let bench = Workbench::new();
    let spelled = |files: &[(&str, &str)]| -> Vec<(String, String)> {
        files
            .iter()
            .map(|(path, letters)| ((*path).to_owned(), lines(letters)))
            .collect()
    };
    let edit = |base: Oid, files: &[(&str, &str)]| {
        let files = spelled(files);
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        bench.edited(base, &files)
    };
    let base = edit(bench.tree(&[]), base);
    let (ours, theirs) = (edit(base, ours), edit(base, theirs));
    match merge(&bench.repo, base, ours, theirs).unwrap() {
        Verdict::Merged(merged) => Ok(bench
            .texts(merged.tree)
            .into_iter()
            .map(|(path, text)| (path, text.replace('\n', "")))
            .collect()),
        Verdict::Conflict(Conflict { paths, .. }) => Err(paths
            .into_iter()
            .map(|path| (path.path, path.reason))
            .collect()),
    }
}

fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn changes_that_go_together_are_merged() {
    let base = &[("a", "123456789"), ("b", "abcdefghi"), ("gone", "zyxwvu")];
    for (what, ours, theirs, expected) in [
        (
            "different files",
            &[("a", "1")][..],
            &[("b", "b")][..],
            &[("a", "1"), ("b", "b"), ("gone", "zyxwvu")][..],
        ),
        (
            "different lines",
            &[("a", "0123456789")],
            &[("a", "12345678X")],
            &[("a", "012345678X"), ("b", "abcdefghi"), ("gone", "zyxwvu")],
        ),
        (
            "the same change",
            &[("a", "X23456789")],
            &[("a", "X23456789"), ("b", "b")],
            &[("a", "X23456789"), ("b", "b"), ("gone", "zyxwvu")],
        ),
        (
            "both delete",
            &[("gone", "")],
            &[("gone", ""), ("b", "b")],
            &[("a", "123456789"), ("b", "b")],
        ),
        (
            "a rename and an edit",
            &[("a", ""), ("moved", "123456789")],
            &[("a", "12345678X")],
            &[
                ("b", "abcdefghi"),
                ("gone", "zyxwvu"),
                ("moved", "12345678X"),
            ],
        ),
    ] {
        for (one, other) in [(ours, theirs), (theirs, ours)] {
            assert_eq!(merged(base, one, other), Ok(files(expected)), "{what}");
        }
    }
}

#[test]
fn a_conflict_names_its_path_and_reason() {
    let base = &[("a", "123"), ("b", "abc")];
    for (what, ours, theirs, path, reason) in [
        (
            "the same line",
            &[("a", "1x3")][..],
            &[("a", "1y3")][..],
            "a",
            ConflictReason::Content,
        ),
        (
            "both add",
            &[("n", "x")],
            &[("n", "y")],
            "n",
            ConflictReason::BothAdded,
        ),
        (
            "change and delete",
            &[("a", "")],
            &[("a", "1y3")],
            "a",
            ConflictReason::ChangedAndDeleted,
        ),
        (
            "delete and change",
            &[("a", "1y3")],
            &[("a", "")],
            "a",
            ConflictReason::ChangedAndDeleted,
        ),
        (
            "binary",
            &[("b", "a\0x")],
            &[("b", "a\0y")],
            "b",
            ConflictReason::Binary,
        ),
    ] {
        let found = merged(base, ours, theirs);
        assert_eq!(found, Err(vec![(path.to_owned(), reason)]), "{what}");
    }
}

/// A file with a list `routes` of these lines, between two lines of text.
fn routes(head: &str, list: &[&str], tail: &str) -> String {
    let list = list
        .iter()
        .map(|line| format!("    {line}\n"))
        .collect::<Vec<_>>()
        .concat();
    format!("{head}\n\n    # factory:begin routes\n{list}    # factory:end routes\n\n{tail}\n")
}

#[test]
fn slices_that_add_to_one_list_land_in_any_order_with_the_same_bytes() {
    let names = ["client", "invoice", "job", "account"];
    let mut results = Vec::new();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let bench = Workbench::new();
        let base_tree = bench.tree(&[("app.py", &routes("head", &[], "tail"))]);
        let base = bench.commit(base_tree, &[]);
        bench.repo.publish("main", None, base).unwrap();
        for number in order {
            let name = names[number];
            let text = routes("head", &[&format!("{name},")], "tail");
            let own = format!("{name}.py");
            let tree = bench.edited(base_tree, &[("app.py", &text), (&own, name)]);
            let prepared = land(&bench, name, Some(base), tree);
            let behind = prepared.old_head != Some(base);
            assert_eq!(prepared.report.is_merge(), behind);
            let rungs: Vec<_> = prepared
                .resolved
                .iter()
                .map(|resolved| (resolved.path.as_str(), resolved.rung))
                .collect();
            let expected = [("app.py", Rung::AnchoredList)];
            assert_eq!(rungs, if behind { &expected[..] } else { &[] });
        }
        let head = bench.repo.branch_head("main").unwrap().unwrap();
        results.push(bench.texts(head));
    }
    let expected = routes("head", &["account,", "client,", "invoice,", "job,"], "tail");
    assert_eq!(results[0]["app.py"], expected);
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[test]
fn a_clean_merge_changes_no_line_of_a_list() {
    let middleware = [
        "logging()",
        "auth(",
        "    user,",
        ")",
        "limits()",
        "logging()",
        "cache()",
    ];
    let bench = Workbench::new();
    let base = bench.tree(&[("a", &routes("h", &middleware, "t"))]);
    let ours = bench.edited(base, &[("a", &routes("H", &middleware, "t"))]);
    let with_more: Vec<_> = middleware
        .into_iter()
        .chain(["auth(", "    admin,", ")"])
        .collect();
    let theirs = bench.edited(base, &[("a", &routes("h", &with_more, "t"))]);
    let Verdict::Merged(merged) = merge(&bench.repo, base, ours, theirs).unwrap() else {
        panic!("both sides changed other lines")
    };
    assert_eq!(bench.texts(merged.tree)["a"], routes("H", &with_more, "t"));
    assert_eq!(merged.resolved, [], "nothing had to be settled");
}

#[test]
fn a_list_that_is_no_sorted_set_conflicts_as_text_does() {
    let bench = Workbench::new();
    let with = |added: &[&str]| {
        let list: Vec<_> = ["logging()", "auth()"]
            .iter()
            .chain(added)
            .copied()
            .collect();
        routes("h", &list, "t")
    };
    let base = bench.tree(&[("a", &with(&[]))]);
    let ours = bench.edited(base, &[("a", &with(&["limits(", "    10)"]))]);
    let theirs = bench.edited(base, &[("a", &with(&["cache(", "    60)"]))]);
    let found = merge(&bench.repo, base, ours, theirs).unwrap();
    assert!(matches!(found, Verdict::Conflict(_)), "{found:?}");
}

#[test]
fn text_around_a_list_still_conflicts() {
    let bench = Workbench::new();
    let base = bench.tree(&[("a", &routes("h", &[], "t"))]);
    let ours = bench.edited(base, &[("a", &routes("x", &["1"], "t"))]);
    let theirs = bench.edited(base, &[("a", &routes("y", &["2"], "t"))]);
    let Verdict::Conflict(conflict) = merge(&bench.repo, base, ours, theirs).unwrap() else {
        panic!()
    };
    assert_eq!(conflict.paths[0].reason, ConflictReason::Content);
    assert!(conflict.report.is_merge());
}

/// Prepares a change for `main`.
fn prepare(bench: &Workbench, spec: &LandSpec) -> Preparation {
    let head = bench.repo.branch_head("main").unwrap();
    factory_engine::merge::prepare(&bench.repo, head, spec).unwrap()
}

fn publish(bench: &Workbench, prepared: &Prepared) -> Published {
    let (old, new) = (prepared.old_head, prepared.new_commit);
    bench.repo.publish("main", old, new).unwrap()
}

/// Prepares and publishes; the change must land.
fn land(bench: &Workbench, task: &str, base: Option<Oid>, tree: Oid) -> Prepared {
    match prepare(bench, &spec(task, base, tree)) {
        Preparation::Ready(prepared) => {
            assert_eq!(publish(bench, &prepared), Published::Done);
            prepared
        }
        other => panic!("{other:?}"),
    }
}

fn spec(task: &str, base: Option<Oid>, tree: Oid) -> LandSpec {
    let task = task.to_owned();
    let message = format!("Land {task}");
    LandSpec {
        task,
        epoch: 4,
        base,
        tree,
        message,
        time_epoch_s: 100,
    }
}

#[test]
fn a_change_lands_as_one_commit_with_trailers() {
    let bench = Workbench::new();
    let first = land(&bench, "scaffold", None, bench.tree(&[("a", "1")]));
    assert_eq!(first.old_head, None);
    let base = Some(first.new_commit);
    let change = bench.edited(first.tree, &[("a", "2")]);
    let second = land(&bench, "story:1", base, change);
    assert_eq!((second.tree, second.report.is_merge()), (change, false));
    let found = bench
        .repo
        .find_landed(second.new_commit, "story:1", base)
        .unwrap()
        .unwrap();
    assert_eq!((found.commit, found.epoch), (second.new_commit, 4));
    let shown = bench.git(&["log", "-1", "--format=%B|%P|%ct"]);
    let expected = format!(
        "Land story:1\n\nFactory-Task: story:1\nFactory-Epoch: 4\n|{}|100\n",
        first.new_commit
    );
    assert_eq!(shown, expected);
    bench.git(&["fsck", "--strict"]);
}

#[test]
fn preparing_again_gives_the_same_commit() {
    let bench = Workbench::new();
    let first = land(&bench, "scaffold", None, bench.tree(&[("a", "1")]));
    let spec = spec(
        "x",
        Some(first.new_commit),
        bench.edited(first.tree, &[("b", "2")]),
    );
    assert_eq!(prepare(&bench, &spec), prepare(&bench, &spec));
}

#[test]
fn an_empty_change_and_one_that_is_there_already_land_without_a_commit() {
    let bench = Workbench::new();
    let first = land(&bench, "scaffold", None, bench.tree(&[("a", "1")]));
    let base = Some(first.new_commit);
    let change = bench.edited(first.tree, &[("b", "2")]);
    land(&bench, "x", base, change);
    for (tree, base) in [(first.tree, base), (change, base)] {
        let preparation = prepare(&bench, &spec("y", base, tree));
        assert_eq!(preparation, Preparation::NothingToLand);
    }
}

#[test]
fn a_prepared_change_is_refused_when_the_branch_has_moved() {
    let bench = Workbench::new();
    let first = land(&bench, "scaffold", None, bench.tree(&[("a", "1")]));
    let base = Some(first.new_commit);
    let slow = spec("slow", base, bench.edited(first.tree, &[("slow", "x")]));
    let Preparation::Ready(prepared) = prepare(&bench, &slow) else {
        panic!()
    };
    let fast = land(
        &bench,
        "fast",
        base,
        bench.edited(first.tree, &[("fast", "x")]),
    );
    let moved = publish(&bench, &prepared);
    assert_eq!(
        moved,
        Published::Moved {
            now: Some(fast.new_commit)
        }
    );
    let Preparation::Ready(again) = prepare(&bench, &slow) else {
        panic!()
    };
    assert_eq!(publish(&bench, &again), Published::Done);
    assert!(again.report.base_was_behind && !again.report.common_paths_changed);
    assert_eq!(bench.texts(again.tree).len(), 3);
}

/// One random edit of a tree, as agents make them.
fn random_edit(bench: &Workbench, seeded: &mut Seeded, base: Oid) -> Oid {
    let mut tree = base;
    for _ in 0..=seeded.below(3) {
        let listing = bench.repo.read_tree(tree).unwrap();
        let at = seeded.below(listing.len().max(1));
        let Some((path, entry)) = listing.iter().nth(at) else {
            return tree;
        };
        let text = String::from_utf8(bench.repo.read_blob(entry.oid).unwrap()).unwrap();
        let change = match seeded.below(12) {
            0 => vec![(path.clone(), None)],
            1 => {
                let mode = if entry.mode == FileMode::File {
                    FileMode::Executable
                } else {
                    FileMode::File
                };
                vec![(
                    path.clone(),
                    Some(factory_engine::git::Entry { mode, ..*entry }),
                )]
            }
            2 => {
                let text = format!("new {}\n", seeded.below(3)).repeat(3);
                vec![(format!("new{}", seeded.below(3)), Some(file(bench, &text)))]
            }
            3 => vec![
                (path.clone(), None),
                (format!("moved{}/{path}", seeded.below(2)), Some(*entry)),
            ],
            _ => vec![(path.clone(), Some(file(bench, &edited_text(seeded, &text))))],
        };
        tree = bench.repo.write_tree(tree, change).unwrap();
    }
    tree
}

fn file(bench: &Workbench, text: &str) -> factory_engine::git::Entry {
    let oid = bench.repo.write_blob(text.as_bytes()).unwrap();
    factory_engine::git::Entry {
        mode: FileMode::File,
        oid,
    }
}

fn edited_text(seeded: &mut Seeded, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=seeded.below(2) {
        let at = seeded.below(lines.len() + 1);
        let fresh = format!("line {}", seeded.below(6));
        match seeded.below(3) {
            0 => lines.insert(at, fresh),
            1 if at < lines.len() => {
                lines.remove(at);
            }
            _ if at < lines.len() => lines[at] = fresh,
            _ => lines.push(fresh),
        }
    }
    lines
        .iter()
        .map(|line| format!("{line}\n"))
        .collect::<Vec<_>>()
        .concat()
}

fn random_base(bench: &Workbench, seeded: &mut Seeded) -> Oid {
    let mut tree = bench.tree(&[]);
    for number in 0..2 + seeded.below(4) {
        let length = 4 + seeded.below(20);
        let line = |line| format!("{number} {line} {}\n", seeded.below(9));
        let text = (0..length).map(line).collect::<Vec<_>>().concat();
        let folder = ["", "src/", "docs/deep/"][seeded.below(3)];
        tree = bench
            .repo
            .write_tree(
                tree,
                [(format!("{folder}f{number}"), Some(file(bench, &text)))],
            )
            .unwrap();
    }
    tree
}

#[test]
fn verdict_and_tree_are_those_of_the_external_git() {
    compare_with_git(0..250);
}

#[test]
#[ignore = "takes a minute"]
fn verdict_and_tree_are_those_of_the_external_git_on_many_cases() {
    compare_with_git(1_000..6_000);
}

fn compare_with_git(seeds: std::ops::Range<u64>) {
    let bench = Workbench::new();
    let (mut clean, mut conflicts, mut differing) = (0, 0, Vec::new());
    for seed in seeds {
        let mut seeded = Seeded(seed);
        let base = random_base(&bench, &mut seeded);
        let ours = random_edit(&bench, &mut seeded, base);
        let theirs = random_edit(&bench, &mut seeded, base);
        let found = merge(&bench.repo, base, ours, theirs).unwrap();
        let git = merge_by_git(&bench.repo, [base, ours, theirs]).unwrap();
        match (found, git) {
            (Verdict::Merged(merged), Ok(tree)) if merged.tree == tree => clean += 1,
            (Verdict::Conflict(_), Err(_)) => conflicts += 1,
            (found, git) => differing.push((seed, found, git)),
        }
    }
    assert!(
        differing.is_empty(),
        "{clean} clean, {conflicts} conflicts, {differing:#?}"
    );
    assert!(
        clean > 50 && conflicts > 20,
        "{clean} clean, {conflicts} conflicts"
    );
}
