//! Claims by the literal prefix of their glob, so that a new one is compared only with those it can meet.
//!
//! The sorted map serves as the trie: what lies on the way to a prefix is looked up piece by piece, and
//! what lies below it is a range.

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

#[derive(Debug, Default)]
pub(super) struct Index {
    by_prefix: BTreeMap<String, Vec<Entry>>,
}

impl Index {
    pub(super) fn insert(&mut self, prefix: &str, entry: Entry) {
        if let Some(entries) = self.by_prefix.get_mut(prefix) {
            entries.push(entry);
        } else {
            self.by_prefix.insert(prefix.to_owned(), vec![entry]);
        }
    }

    pub(super) fn remove(&mut self, prefix: &str, entry: &Entry) {
        let Some(entries) = self.by_prefix.get_mut(prefix) else { return };
        if let Some(at) = entries.iter().position(|other| other == entry) {
            entries.remove(at);
        }
        if entries.is_empty() {
            self.by_prefix.remove(prefix);
        }
    }

    /// All claims whose prefix begins with `prefix` or is begun by it.
    pub(super) fn near<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Entry> {
        let above = prefix.char_indices().map(|(end, _)| &prefix[..end]);
        let above = above.filter_map(|shorter| self.by_prefix.get(shorter));
        let below = self.by_prefix.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        let below = below.take_while(move |(other, _)| other.starts_with(prefix));
        above.chain(below.map(|(_, entries)| entries)).flatten()
    }
}
