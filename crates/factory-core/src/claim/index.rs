//! Claims by the literal prefix of their glob, so that a new one is compared only with those it can meet.
//!
//! The sorted map serves as the trie: what is on the way to a prefix is looked up piece by piece, and
//! what is below it is a range.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::overlap::GlobNumber;
use super::rights::Mode;

/// One claim of one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) holder: String,
    pub(super) mode: Mode,
    pub(super) glob: GlobNumber,
}

/// Apart by what can exclude what: `read` and `edit` meet only `write`, and most claims are not that.
#[derive(Debug, Default)]
pub(super) struct Index {
    writes: ByPrefix,
    others: ByPrefix,
}

type ByPrefix = BTreeMap<String, Vec<Entry>>;

impl Index {
    pub(super) fn insert(&mut self, prefix: &str, entry: Entry) {
        let entries = self.part(entry.mode);
        if let Some(entries) = entries.get_mut(prefix) {
            entries.push(entry);
        } else {
            entries.insert(prefix.to_owned(), vec![entry]);
        }
    }

    pub(super) fn remove(&mut self, prefix: &str, entry: &Entry) {
        let part = self.part(entry.mode);
        let Some(entries) = part.get_mut(prefix) else {
            return;
        };
        if let Some(at) = entries.iter().position(|other| other == entry) {
            entries.remove(at);
        }
        if entries.is_empty() {
            part.remove(prefix);
        }
    }

    /// All claims that a claim of `mode` excludes where the globs overlap, and whose prefix begins with
    /// `prefix` or is begun by it.
    pub(super) fn rivals<'a>(
        &'a self,
        mode: Mode,
        prefix: &'a str,
    ) -> impl Iterator<Item = &'a Entry> {
        let others = (mode == Mode::Write).then(|| near(&self.others, prefix));
        near(&self.writes, prefix).chain(others.into_iter().flatten())
    }

    const fn part(&mut self, mode: Mode) -> &mut ByPrefix {
        match mode {
            Mode::Write => &mut self.writes,
            Mode::Read | Mode::Edit => &mut self.others,
        }
    }
}

fn near<'a>(part: &'a ByPrefix, prefix: &'a str) -> impl Iterator<Item = &'a Entry> {
    let above = prefix.char_indices().map(|(end, _)| &prefix[..end]);
    let above = above.filter_map(|shorter| part.get(shorter));
    let below = part.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
    let below = below.take_while(move |(other, _)| other.starts_with(prefix));
    above.chain(below.map(|(_, entries)| entries)).flatten()
}
