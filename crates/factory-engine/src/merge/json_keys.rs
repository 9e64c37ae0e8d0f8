//! A rung of the ladder for JSON documents: objects merge key by key.
//!
//! Text is moved, never rewritten: a member that one side added, changed or removed is taken from its text as it is, and
//! everything else keeps the bytes of `ours`. What has no plain answer is a conflict: two values for one key, members in
//! two orders, arrays changed by both sides, a layout that is not the same throughout or that one side has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::sides::Sides;

/// Objects within objects that are merged key by key.
const DEPTH_MAX: u32 = 64;

/// The merged document; none if the sides conflict or one of them is not an object in strict JSON.
pub(super) fn merge_json(sides: Sides<'_>) -> Option<String> {
    let [ours, theirs] = [sides.ours, sides.theirs].map(str::trim);
    let merged = merge_objects(sides.base.map(str::trim), ours, theirs, DEPTH_MAX)?;
    let (before, after) = sides.ours.split_once(ours)?;
    if sides.theirs.split_once(theirs)? != (before, after) {
        return None;
    }
    // A layout that was misread must not get out.
    serde_json::from_str::<Members<'_>>(&merged).ok()?;
    Some(format!("{before}{merged}{after}"))
}

/// The members of an object, as they are written.
struct Members<'a>(Vec<(String, &'a str)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    members.push((key, value.get()));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// One member: `head` is its key up to its value.
#[derive(Debug, Clone)]
struct Member<'a> {
    key: String,
    head: &'a str,
    value: &'a str,
}

/// An object cut into its members and what is between them, which is the same everywhere.
#[derive(Debug)]
struct Object<'a> {
    open: &'a str,
    /// None if there is one member at most.
    gap: Option<&'a str>,
    close: &'a str,
    members: Vec<Member<'a>>,
    values: BTreeMap<String, &'a str>,
}

impl<'a> Object<'a> {
    fn cut(text: &'a str) -> Option<Self> {
        let Members(found) = serde_json::from_str(text).ok()?;
        let (mut members, mut values) = (Vec::new(), BTreeMap::new());
        let (mut done, mut open, mut gap) = (0, "", None);
        for (key, value) in found {
            let start = value.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
            let before = text.get(done..start)?;
            let (between, head) = before.split_at(before.find('"')?);
            if values.insert(key.clone(), value).is_some() {
                return None;
            }
            match &gap {
                _ if members.is_empty() => open = between,
                None => gap = Some(between),
                Some(gap) if *gap == between => {}
                Some(_) => return None,
            }
            members.push(Member { key, head, value });
            done = start + value.len();
        }
        let close = text.get(done..)?;
        Some(Self {
            open,
            gap,
            close,
            members,
            values,
        })
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.values.get(key).copied()
    }

    /// Its keys that are in the other object too, in its order.
    fn shared<'b>(&'b self, other: &'b Object<'_>) -> Vec<&'b str> {
        let keys = self.members.iter().map(|member| member.key.as_str());
        keys.filter(|key| other.get(key).is_some()).collect()
    }

    fn is_sorted(&self) -> bool {
        self.members.is_sorted_by(|one, next| one.key < next.key)
    }
}

/// Whether all objects that have members are laid out alike; else somebody has changed the layout, which moving members
/// would lose or mix.
fn is_even(sides: [&Object<'_>; 3]) -> bool {
    let filled = || sides.iter().filter(|side| !side.members.is_empty());
    let frames: BTreeSet<_> = filled().map(|side| (side.open, side.close)).collect();
    let gaps: BTreeSet<_> = filled().filter_map(|side| side.gap).collect();
    frames.len() <= 1 && gaps.len() <= 1
}

fn merge_objects(base: Option<&str>, ours: &str, theirs: &str, depth_max: u32) -> Option<String> {
    let depth_max = depth_max.checked_sub(1)?;
    let (ours, theirs) = (Object::cut(ours)?, Object::cut(theirs)?);
    let base = match base {
        Some(base) => Object::cut(base)?,
        None => Object::cut("{}")?,
    };
    if !is_even([&base, &ours, &theirs]) {
        return None;
    }
    let theirs_moved = base.shared(&theirs) != theirs.shared(&base);
    if theirs_moved && ours.shared(&theirs) != theirs.shared(&ours) {
        return None;
    }
    let is_kept = |key: &str| base.get(key).is_none() || ours.get(key).is_some();
    for member in &theirs.members {
        // Removed by ours: a conflict if theirs has changed it.
        if !is_kept(&member.key) && base.get(&member.key) != Some(member.value) {
            return None;
        }
    }
    let mut merged: Vec<(Member<'_>, String)> = Vec::new();
    for member in &ours.members {
        match merge_member(&base, member, theirs.get(&member.key), depth_max)? {
            Kept::Value(value) => merged.push((member.clone(), value)),
            Kept::Removed => {}
        }
    }
    let all_sorted = [&base, &ours, &theirs].iter().all(|side| side.is_sorted());
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for member in &theirs.members {
        let is_new = base.get(&member.key).is_none() && ours.get(&member.key).is_none();
        if is_new {
            if ours.members.is_empty() {
                return None;
            }
            let at = if all_sorted {
                merged.partition_point(|(there, _)| there.key < member.key)
            } else {
                behind(&merged, &before, &base)
            };
            merged.insert(at, (member.clone(), member.value.to_owned()));
        }
        before.insert(&member.key);
    }
    let texts: Vec<String> = merged
        .iter()
        .map(|(member, value)| format!("{}{value}", member.head))
        .collect();
    if texts.is_empty() {
        return Some("{}".to_owned());
    }
    // Two that are alone in their objects: what is before the first is between them, too.
    let gap = ours
        .gap
        .or(theirs.gap)
        .map_or_else(|| ours.open.replacen('{', ",", 1), str::to_owned);
    Some([ours.open, &texts.join(&gap), ours.close].concat())
}

/// What a merge makes of a member that ours has.
enum Kept {
    /// It has this value.
    Value(String),
    /// Theirs removed it.
    Removed,
}

fn merge_member(
    base: &Object<'_>,
    ours: &Member<'_>,
    theirs: Option<&str>,
    depth_max: u32,
) -> Option<Kept> {
    let base = base.get(&ours.key);
    let value = |value: &str| Some(Kept::Value(value.to_owned()));
    match (base, theirs) {
        (None, None) => value(ours.value),
        (Some(base), None) => (base == ours.value).then_some(Kept::Removed),
        (_, Some(theirs)) if ours.value == theirs => value(ours.value),
        (Some(base), Some(theirs)) if base == theirs => value(ours.value),
        (Some(base), Some(theirs)) if base == ours.value => value(theirs),
        (base, Some(theirs)) => merge_objects(base, ours.value, theirs, depth_max).map(Kept::Value),
    }
}

/// Behind the last member that comes before it in theirs, and behind what ours has added there.
fn behind(merged: &[(Member<'_>, String)], before: &BTreeSet<&str>, base: &Object<'_>) -> usize {
    let known = |(member, _): &(Member<'_>, String)| before.contains(member.key.as_str());
    let at = merged.iter().rposition(known).map_or(0, |last| last + 1);
    let added = |(member, _): &&(Member<'_>, String)| {
        base.get(&member.key).is_none() && !before.contains(member.key.as_str())
    };
    at + merged.iter().skip(at).take_while(added).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
        let base = (base != "-").then_some(base);
        merge_json(Sides { base, ours, theirs })
    }

    #[test]
    fn members_merge_key_by_key_and_what_nobody_touched_keeps_its_bytes() {
        for (what, base, ours, theirs, expected) in [
            (
                "both add behind the last",
                "{\n  \"z\": 1\n}\n",
                "{\n  \"z\": 1,\n  \"b\": [1,2]\n}\n",
                "{\n  \"z\": 1,\n  \"a\": {\n    \"x\": 0\n  }\n}\n",
                "{\n  \"z\": 1,\n  \"b\": [1,2],\n  \"a\": {\n    \"x\": 0\n  }\n}\n",
            ),
            (
                "both add to a sorted object",
                r#"{"a": 1, "m": 2}"#,
                r#"{"a": 1, "c": 3, "m": 2}"#,
                r#"{"a": 1, "b": 4, "m": 2}"#,
                r#"{"a": 1, "b": 4, "c": 3, "m": 2}"#,
            ),
            (
                "one adds in front",
                r#"{"z": 1, "m": 2}"#,
                r#"{"z": 0, "m": 2}"#,
                r#"{"new": 4, "z": 1, "m": 2}"#,
                r#"{"new": 4, "z": 0, "m": 2}"#,
            ),
            (
                "one removes, one changes its neighbour",
                r#"{"a": 1, "b": 2, "c": 3}"#,
                r#"{"a": 1, "c": 3}"#,
                r#"{"a": 1, "b": 2, "c": 4}"#,
                r#"{"a": 1, "c": 4}"#,
            ),
            (
                "all are removed",
                r#"{"a": 1, "b": 2}"#,
                r#"{"a": 1}"#,
                r#"{"b": 2}"#,
                "{}",
            ),
            (
                "deep inside",
                r#"{"x": {"y": {"a": 1}}}"#,
                r#"{"x": {"y": {"a": 1, "b": "{\" ,"}}}"#,
                r#"{"x": {"y": {"a": 2}}}"#,
                r#"{"x": {"y": {"a": 2, "b": "{\" ,"}}}"#,
            ),
            (
                "ours has another order",
                r#"{"b": 1, "a": 2}"#,
                r#"{"a": 2, "b": 1}"#,
                r#"{"b": 3, "a": 2}"#,
                r#"{"a": 2, "b": 3}"#,
            ),
            (
                "no base",
                "-",
                r#"{"a": 1, "s": {"x": 1}}"#,
                r#"{"a": 1, "s": {"x": 1, "y": 2}, "t": 3}"#,
                r#"{"a": 1, "s": {"x": 1, "y": 2}, "t": 3}"#,
            ),
        ] {
            assert_eq!(
                merged(base, ours, theirs).as_deref(),
                Some(expected),
                "{what}"
            );
        }
    }

    #[test]
    fn numbers_that_only_their_text_tells_apart_are_told_apart() {
        let with = |end, b| format!(r#"{{"a": 1000000000000000000000{end}, "b": {b}}}"#);
        let found = merged(&with(1, 1), &with(2, 1), &with(1, 2));
        assert_eq!(found, Some(with(2, 2)));
    }

    #[test]
    fn what_has_no_plain_answer_is_a_conflict() {
        for (what, base, ours, theirs) in [
            ("two values", r#"{"a": 1}"#, r#"{"a": 2}"#, r#"{"a": 3}"#),
            (
                "two new values",
                r#"{"x": 0}"#,
                r#"{"x": 0, "a": 2}"#,
                r#"{"x": 0, "a": 3}"#,
            ),
            (
                "arrays",
                r#"{"a": [1]}"#,
                r#"{"a": [1, 2]}"#,
                r#"{"a": [1, 3]}"#,
            ),
            (
                "ours removed what theirs changed",
                r#"{"a": 1, "b": 1}"#,
                r#"{"b": 1}"#,
                r#"{"a": 2, "b": 1}"#,
            ),
            (
                "theirs removed what ours changed",
                r#"{"a": 1, "b": 1}"#,
                r#"{"a": 2, "b": 1}"#,
                r#"{"b": 1}"#,
            ),
            (
                "theirs has another order",
                r#"{"b": 1, "a": 2}"#,
                r#"{"b": 3, "a": 2}"#,
                r#"{"a": 2, "b": 1}"#,
            ),
            (
                "a key twice",
                r#"{"a": 1}"#,
                r#"{"a": 1, "a": 2}"#,
                r#"{"a": 1, "b": 2}"#,
            ),
            (
                "an uneven layout",
                r#"{"a": 1}"#,
                "{\"a\": 1, \"b\": 2,\n \"c\": 3}",
                r#"{"a": 1, "d": 4}"#,
            ),
            (
                "another layout",
                r#"{"a": 1, "b": 1}"#,
                r#"{"a": 2, "b": 1}"#,
                "{\n  \"a\": 1,\n  \"b\": 1,\n  \"c\": 2\n}",
            ),
            ("nothing to go by", "{}", "{}", r#"{"a": 1}"#),
            (
                "comments",
                r#"{"a": 1}"#,
                "{\"a\": 1 /* one */}",
                r#"{"a": 1, "b": 2}"#,
            ),
            ("no object", "[]", "[1]", "[2]"),
            (
                "an object became another thing",
                r#"{"a": {}}"#,
                r#"{"a": {"x": 1}}"#,
                r#"{"a": []}"#,
            ),
        ] {
            assert_eq!(merged(base, ours, theirs), None, "{what}");
        }
    }

    #[test]
    fn a_layout_that_one_side_changed_is_not_lost() {
        for (what, base, ours, theirs) in [
            (
                "theirs was indented anew",
                "{\n  \"a\": 1,\n  \"b\": 1\n}",
                "{\n  \"a\": 2,\n  \"b\": 1\n}",
                "{\n    \"a\": 1,\n    \"b\": 1\n}",
            ),
            (
                "theirs ends in a newline",
                r#"{"a": 1}"#,
                r#"{"a": 2}"#,
                "{\"a\": 1}\n",
            ),
        ] {
            assert_eq!(merged(base, ours, theirs), None, "{what}");
        }
    }

    #[test]
    fn a_document_that_is_nested_without_end_is_refused_and_not_followed() {
        let deep = |end: &str| format!("{}{end}{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
        assert_eq!(merged(&deep("1"), &deep("2"), &deep("3")), None);
    }
}
