//! A rung of the ladder for texts whose merge by lines is a conflict: anchored lists merge as sets, the rest as text.
//!
//! Only a list that base, ours and theirs all keep as a sorted set of one-line entries counts as one; of such a list a
//! merge as a set changes no line that did not conflict. Every other list is text.

use std::collections::{BTreeMap, BTreeSet};

use factory_core::anchored::{Region, is_set, regions, without_newline};
use gix::diff::blob::{Algorithm, InternedInput};
use gix::merge::blob::Resolution;
use gix::merge::blob::builtin_driver::text::{Conflict, Labels, Merge};

use super::sides::Sides;

/// Lines of lists by name.
type Lists<'a> = BTreeMap<String, BTreeSet<&'a str>>;

/// The merged text; none if there is a conflict that no list settles: in the text around the lists, in a list that is
/// not a set, or about a list that one side removed and the other changed.
pub(super) fn merge_anchored(sides: Sides<'_>) -> Option<String> {
    let texts = [sides.ours, sides.base.unwrap_or_default(), sides.theirs];
    if texts.iter().any(|text| text.contains('\0')) {
        return None;
    }
    let [ours, base, theirs] = texts.map(|text| regions(text).map(|found| (text, found)));
    let all = [ours.ok()?, base.ok()?, theirs.ok()?];
    let mut others = BTreeSet::new();
    for (text, found) in &all {
        others.extend(
            found
                .iter()
                .filter(|region| !is_set(&entries(text, region), &region.indent))
                .map(|region| region.name.clone()),
        );
    }
    let [ours, base, theirs] = all.map(|(text, found)| split(text, found, &others));
    let (ours, base, theirs) = (ours?, base?, theirs?);
    if ours.lists.is_empty() && theirs.lists.is_empty() {
        return None;
    }
    let skeletons = [&ours.skeleton, &base.skeleton, &theirs.skeleton];
    let skeleton = merge_text(skeletons.map(String::as_bytes))?;
    let lists = merge_lists(&base.lists, &ours.lists, &theirs.lists)?;
    fill(&String::from_utf8(skeleton).ok()?, &lists, others.len())
}

fn entries<'a>(text: &'a str, region: &Region) -> Vec<&'a str> {
    let lines = text.split_inclusive('\n').map(without_newline);
    let count = region.end_line - region.begin_line - 1;
    lines.skip(region.begin_line + 1).take(count).collect()
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

/// Replaces the entries of every list but the `others`.
fn split<'a>(text: &'a str, found: Vec<Region>, others: &BTreeSet<String>) -> Option<Split<'a>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut skeleton = String::with_capacity(text.len());
    let mut lists = Lists::new();
    let mut done = 0;
    for region in found {
        if others.contains(&region.name) {
            continue;
        }
        skeleton.extend(lines.get(done..=region.begin_line)?.iter().copied());
        skeleton.push_str(&placeholder(&region.name));
        done = region.end_line;
        let entries = entries(text, &region).into_iter().collect();
        lists.insert(region.name, entries);
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

/// Puts each list at its placeholder; none unless every list has exactly one and the markers are still in order.
fn fill(skeleton: &str, lists: &Lists<'_>, others_max: usize) -> Option<String> {
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
    let in_order = regions(&text).is_ok_and(|found| found.len() <= lists.len() + others_max);
    (in_order && !text.contains('\0')).then_some(text)
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

    fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
        let (base, ours, theirs) = (text(base), text(ours), text(theirs));
        let merged = merge_anchored(Sides {
            base: Some(&base),
            ours: &ours,
            theirs: &theirs,
        })?;
        let short = merged
            .replace("# factory:begin x", "B:")
            .replace("# factory:end x", "E:");
        Some(short.replace('\n', "|"))
    }

    #[test]
    fn sorted_lists_merge_as_sets() {
        for (what, sides, expected) in [
            ("both add", "B:|E:| B:|b|E:| B:|a|E:|", "B:|a|b|E:|"),
            ("same line", "B:|E:| B:|a|E:| B:|a|E:|", "B:|a|E:|"),
            (
                "one removes",
                "B:|a|b|E:| B:|b|E:| B:|a|b|c|E:|",
                "B:|b|c|E:|",
            ),
            ("both remove", "B:|a|b|E:| B:|b|E:| B:|b|E:|", "B:|b|E:|"),
            (
                "outside too",
                "h|B:|E:|t| H|B:|b|E:|t| h|B:|a|E:|T|",
                "H|B:|a|b|E:|T|",
            ),
            ("a new list", "h|t| h|B:|b|E:|t| h|t|T|", "h|B:|b|E:|t|T|"),
            (
                "a removed list",
                "h|B:|a|E:|m|n| h|m|n| h|B:|a|E:|m|N|",
                "h|m|N|",
            ),
        ] {
            let mut sides = sides.split(' ');
            let [base, ours, theirs] = std::array::from_fn(|_| sides.next().unwrap());
            for (one, other) in [(ours, theirs), (theirs, ours)] {
                let found = merged(base, one, other);
                assert_eq!(found.as_deref(), Some(expected), "{what}");
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
            (
                "an order of somebody's own",
                "B:|z|a|E:|",
                "B:|z|a|b|E:|",
                "B:|z|a|c|E:|",
            ),
            ("unsorted on one side", "B:|E:|", "B:|z|c|E:|", "B:|b|E:|"),
            ("twice on one side", "B:|E:|", "B:|a|a|E:|", "B:|b|E:|"),
            (
                "calls over two lines",
                "B:|E:|",
                "B:|add(|x)|E:|",
                "B:|add(|y)|E:|",
            ),
            ("faulty markers", "B:|E:|", "B:|a|", "B:|b|E:|"),
            ("no list", "h|", "1|", "2|"),
        ] {
            assert_eq!(merged(base, ours, theirs), None, "{what}");
        }
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
        assert_eq!(merge_anchored(sides), Some(text));
    }
}
