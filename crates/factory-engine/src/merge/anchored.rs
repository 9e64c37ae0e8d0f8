//! Texts with anchored lists: the lists merge as sets of lines, the rest as text.
//!
//! Every list comes out sorted by bytes, whether or not a merge by lines would have been clean, so that
//! the bytes do not depend on the order in which changes land.

use std::collections::{BTreeMap, BTreeSet};

use factory_core::anchored::regions;
use gix::diff::blob::{Algorithm, InternedInput};
use gix::merge::blob::Resolution;
use gix::merge::blob::builtin_driver::text::{Conflict, Labels, Merge};

/// The three texts of one path; no base when both sides added the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) base: Option<&'a str>,
    pub(super) ours: &'a str,
    pub(super) theirs: &'a str,
}

/// What came of a merge with anchored lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Anchored {
    /// No side has a list, or the markers of one are faulty: merge it like any text.
    Unlisted,
    /// Merged. `by_lists` says that a merge by lines alone would have been a conflict.
    Merged { text: String, by_lists: bool },
    /// The text around the lists conflicts, or a list was removed by one side and changed by the other.
    Conflict,
}

/// Lines of lists by name.
type Lists<'a> = BTreeMap<String, BTreeSet<&'a str>>;

pub(super) fn merge_anchored(sides: Sides<'_>) -> Anchored {
    let split_all = (
        split(sides.base.unwrap_or_default()),
        split(sides.ours),
        split(sides.theirs),
    );
    let (Some(base), Some(ours), Some(theirs)) = split_all else {
        return Anchored::Unlisted;
    };
    if ours.lists.is_empty() && theirs.lists.is_empty() {
        return Anchored::Unlisted;
    }
    let skeletons = [&ours.skeleton, &base.skeleton, &theirs.skeleton];
    let Some(skeleton) = merge_text(skeletons.map(String::as_bytes)) else {
        return Anchored::Conflict;
    };
    let Ok(skeleton) = String::from_utf8(skeleton) else {
        return Anchored::Conflict;
    };
    let Some(lists) = merge_lists(&base.lists, &ours.lists, &theirs.lists) else {
        return Anchored::Conflict;
    };
    let Some(text) = fill(&skeleton, &lists) else {
        return Anchored::Conflict;
    };
    let by_lines = [sides.ours, sides.base.unwrap_or_default(), sides.theirs];
    let by_lists = merge_text(by_lines.map(str::as_bytes)).is_none();
    Anchored::Merged { text, by_lists }
}

/// Merges `[ours, base, theirs]` by lines; none when they conflict.
pub(super) fn merge_text([ours, base, theirs]: [&[u8]; 3]) -> Option<Vec<u8>> {
    let mut input = InternedInput::default();
    let merge = Merge::new(&mut input, ours, base, theirs, Algorithm::Histogram);
    let mut merged = Vec::new();
    let resolution = merge.run(&mut merged, Labels::default(), Conflict::default());
    (resolution == Resolution::Complete).then_some(merged)
}

/// A text whose lists are replaced by placeholder lines.
struct Split<'a> {
    skeleton: String,
    lists: Lists<'a>,
}

fn placeholder(name: &str) -> String {
    // No text file has a NUL, so no line of a file can be taken for this one.
    format!("\0factory:list {name}\0\n")
}

fn split(text: &str) -> Option<Split<'_>> {
    if text.contains('\0') {
        return None;
    }
    let regions = regions(text).ok()?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut skeleton = String::with_capacity(text.len());
    let mut lists = Lists::new();
    let mut done = 0;
    for region in regions {
        let body = region.begin_line + 1;
        skeleton.extend(lines.get(done..body)?.iter().copied());
        skeleton.push_str(&placeholder(&region.name));
        let entries = lines.get(body..region.end_line)?.iter();
        let entries = entries
            .map(|line| line.trim_end_matches(['\r', '\n']))
            .collect();
        lists.insert(region.name, entries);
        done = region.end_line;
    }
    skeleton.extend(lines.get(done..)?.iter().copied());
    Some(Split { skeleton, lists })
}

/// Base and what either side added, without what either side removed; none when one side removed a
/// list that the other changed.
fn merge_lists<'a>(base: &Lists<'a>, ours: &Lists<'a>, theirs: &Lists<'a>) -> Option<Lists<'a>> {
    let names: BTreeSet<&String> = base
        .keys()
        .chain(ours.keys())
        .chain(theirs.keys())
        .collect();
    let none = BTreeSet::new();
    let mut merged = Lists::new();
    for name in names {
        let lists = (base.get(name), ours.get(name), theirs.get(name));
        let list = match lists {
            (Some(_), None, None) => continue,
            (Some(before), None, Some(other)) | (Some(before), Some(other), None) => {
                if before == other {
                    continue;
                }
                return None;
            }
            (before, ours, theirs) => {
                let (ours, theirs) = (ours.unwrap_or(&none), theirs.unwrap_or(&none));
                let before = before.unwrap_or(&none);
                let kept = before
                    .iter()
                    .filter(|line| ours.contains(*line) && theirs.contains(*line));
                let added = ours.union(theirs).filter(|line| !before.contains(*line));
                kept.chain(added).copied().collect()
            }
        };
        merged.insert(name.clone(), list);
    }
    Some(merged)
}

/// Puts each list at its placeholder; none unless every list has exactly one and all markers fit.
fn fill(skeleton: &str, lists: &Lists<'_>) -> Option<String> {
    let mut text = skeleton.to_owned();
    for (name, entries) in lists {
        let placeholder = placeholder(name);
        if text.matches(&placeholder).count() != 1 {
            return None;
        }
        let (before, after) = text.split_once(&placeholder)?;
        let newline = if before.ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let body: String = entries.iter().flat_map(|entry| [*entry, newline]).collect();
        text = format!("{before}{body}{after}");
    }
    let fits = !text.contains('\0') && regions(&text).is_ok_and(|found| found.len() == lists.len());
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` stands for a newline, `B:`/`E:` for the markers of the list `x`.
    fn text(short: &str) -> String {
        short
            .replace('|', "\n")
            .replace("B:", "# factory:begin x")
            .replace("E:", "# factory:end x")
    }

    fn merged(base: &str, ours: &str, theirs: &str) -> Option<(String, bool)> {
        let (base, ours, theirs) = (text(base), text(ours), text(theirs));
        let sides = Sides {
            base: Some(&base),
            ours: &ours,
            theirs: &theirs,
        };
        match merge_anchored(sides) {
            Anchored::Merged { text, by_lists } => {
                let short = text
                    .replace("# factory:begin x", "B:")
                    .replace("# factory:end x", "E:");
                Some((short.replace('\n', "|"), by_lists))
            }
            Anchored::Conflict | Anchored::Unlisted => None,
        }
    }

    #[test]
    fn lists_merge_as_sets_and_come_out_sorted() {
        for (what, sides, expected, by_lists) in [
            ("both add", "B:|E:| B:|b|E:| B:|a|E:|", "B:|a|b|E:|", true),
            ("same line", "B:|E:| B:|a|E:| B:|a|E:|", "B:|a|E:|", false),
            (
                "one removes",
                "B:|a|b|E:| B:|b|E:| B:|a|b|c|E:|",
                "B:|b|c|E:|",
                false,
            ),
            (
                "both remove",
                "B:|a|b|E:| B:|b|E:| B:|b|E:|",
                "B:|b|E:|",
                false,
            ),
            (
                "unsorted",
                "B:|z|E:| B:|z|c|E:| B:|b|z|E:|",
                "B:|b|c|z|E:|",
                false,
            ),
            (
                "outside too",
                "h|B:|E:|t| H|B:|b|E:|t| h|B:|a|E:|T|",
                "H|B:|a|b|E:|T|",
                true,
            ),
            (
                "a new list",
                "h|t| h|B:|b|E:|t| h|t|T|",
                "h|B:|b|E:|t|T|",
                false,
            ),
            (
                "a removed list",
                "h|B:|a|E:|m|n| h|m|n| h|B:|a|E:|m|N|",
                "h|m|N|",
                false,
            ),
        ] {
            let mut sides = sides.split(' ');
            let [base, ours, theirs] = std::array::from_fn(|_| sides.next().unwrap());
            for (one, other) in [(ours, theirs), (theirs, ours)] {
                let found = merged(base, one, other);
                assert_eq!(found, Some((expected.to_owned(), by_lists)), "{what}");
            }
        }
    }

    #[test]
    fn what_the_lists_cannot_settle_is_a_conflict() {
        for (what, base, ours, theirs) in [
            (
                "text around the list",
                "h|B:|E:|",
                "1|B:|a|E:|",
                "2|B:|b|E:|",
            ),
            (
                "a list removed and changed",
                "h|B:|a|E:|t|",
                "h|t|",
                "h|B:|a|b|E:|t|",
            ),
        ] {
            assert_eq!(merged(base, ours, theirs), None, "{what}");
        }
    }

    #[test]
    fn a_text_with_faulty_markers_is_merged_as_any_text() {
        let (base, ours) = (text("B:|E:|"), text("B:|a|"));
        let sides = Sides {
            base: Some(&base),
            ours: &ours,
            theirs: &base,
        };
        assert_eq!(merge_anchored(sides), Anchored::Unlisted);
    }

    #[test]
    fn the_newlines_of_the_file_are_kept() {
        let base = "# factory:begin x\r\n# factory:end x\r\n";
        let with = |line: &str| base.replace("# factory:end", &format!("{line}\r\n# factory:end"));
        let (ours, theirs) = (with("b"), with("a"));
        let sides = Sides {
            base: Some(base),
            ours: &ours,
            theirs: &theirs,
        };
        let text = "# factory:begin x\r\na\r\nb\r\n# factory:end x\r\n".to_owned();
        assert_eq!(
            merge_anchored(sides),
            Anchored::Merged {
                text,
                by_lists: true
            }
        );
    }
}
