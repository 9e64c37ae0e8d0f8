//! The slices of a manifest: each by itself, then among each other.

use std::collections::BTreeSet;

use factory_spec::blueprint::StoryKind;
use factory_spec::suggest::did_you_mean_or_list;

use super::table::{Faults, Keys};
use super::types::{EditRule, ForEach, Slice};

pub(super) fn slices(keys: &mut Keys<'_>) -> Vec<Slice> {
    let words =
        [ForEach::Entity, ForEach::Story, ForEach::Product].map(|word| (word.as_str(), word));
    let tables = keys.tables("slices");
    tables
        .into_iter()
        .enumerate()
        .map(|(at, table)| {
            let mut keys = Keys::new(table, format!("slices[{at}]"), keys.faults());
            let name = keys.required_text("name");
            if name.contains(|char: char| !char.is_ascii_alphanumeric() && !"_-".contains(char)) {
                let problem = format!("`{name}` is not a valid name");
                keys.fault("name", problem, "use letters, digits, `_` and `-`");
            }
            if !keys.has("for_each") {
                keys.fault(
                    "for_each",
                    "the key is missing",
                    "write entity, story or product",
                );
            }
            let for_each = keys.word("for_each", &words).unwrap_or(ForEach::Product);
            let source = keys
                .text("source")
                .map(|source| source.trim_end_matches('/').to_owned());
            let kinds = keys.texts("kinds").unwrap_or_default();
            let after = keys.texts("after").unwrap_or_default();
            let edits = edits(&mut keys, at);
            if source.is_none() && edits.is_empty() {
                keys.fault(
                    "source",
                    "the slice neither renders nor edits anything",
                    "name its folder",
                );
            }
            keys.finish();
            Slice {
                name,
                for_each,
                source,
                kinds,
                after,
                edits,
            }
        })
        .collect()
}

fn edits(keys: &mut Keys<'_>, slice: usize) -> Vec<EditRule> {
    let tables = keys.tables("edits");
    tables
        .into_iter()
        .enumerate()
        .map(|(at, table)| {
            let mut keys = Keys::new(table, format!("slices[{slice}].edits[{at}]"), keys.faults());
            let edit = EditRule {
                file: keys.required_text("file"),
                anchor: keys.required_text("anchor"),
                line: keys.required_text("line"),
            };
            keys.finish();
            edit
        })
        .collect()
}

/// What can only be said of all slices together.
pub(super) fn check_slices(slices: &[Slice], faults: &mut Faults) {
    let names: Vec<&str> = slices.iter().map(|slice| slice.name.as_str()).collect();
    for (at, slice) in slices.iter().enumerate() {
        let key = |key: &str| format!("slices[{at}].{key}");
        if names.iter().take(at).any(|name| *name == slice.name) {
            faults.add(
                key("name"),
                format!("another slice is named `{}`", slice.name),
                "rename one",
            );
        }
        if !slice.kinds.is_empty() && slice.for_each != ForEach::Story {
            faults.add(
                key("kinds"),
                "only slices of stories have kinds",
                "remove it",
            );
        }
        for kind in slice
            .kinds
            .iter()
            .filter(|kind| kind.parse::<StoryKind>().is_err())
        {
            let remedy = did_you_mean_or_list(kind, StoryKind::WORDS);
            faults.add(
                key("kinds"),
                format!("`{kind}` is not a kind of story"),
                remedy,
            );
        }
        for name in &slice.after {
            match slices.iter().find(|other| other.name == *name) {
                None => {
                    let remedy = did_you_mean_or_list(name, &names);
                    faults.add(key("after"), format!("there is no slice `{name}`"), remedy);
                }
                Some(other)
                    if other.for_each == ForEach::Product && slice.for_each != ForEach::Product =>
                {
                    let problem = format!("`{name}` is rendered after all others");
                    faults.add(key("after"), problem, "remove it");
                }
                Some(_) => {}
            }
        }
        if let Some(cycle) = cycle_from(slice, slices) {
            faults.add(
                key("after"),
                format!("the slices wait for each other: {cycle}"),
                "remove one `after`",
            );
        }
    }
}

/// The names on a way from a slice back to itself.
fn cycle_from(slice: &Slice, slices: &[Slice]) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![(slice, slice.name.clone())];
    while let Some((at, way)) = ways.pop() {
        for name in &at.after {
            let way = format!("{way} → {name}");
            if *name == slice.name {
                return Some(way);
            }
            if let Some(next) = slices.iter().find(|other| other.name == *name)
                && seen.insert(name.as_str())
            {
                ways.push((next, way));
            }
        }
    }
    None
}
