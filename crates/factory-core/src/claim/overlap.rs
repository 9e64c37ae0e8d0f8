//! Whether two globs have a path in common, exactly, and a memory of the answers.

use std::collections::HashMap;

use super::Glob;
use super::automaton::Meeting;

/// The answer for two globs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlap {
    /// No path matches both.
    Disjoint,
    /// This path matches both; a shortest one.
    Witness(String),
    /// The globs are too large to decide. Counts as an overlap: that side is safe.
    Unknown,
}

impl Overlap {
    /// Whether both globs may match one path.
    pub const fn is_overlap(&self) -> bool {
        !matches!(self, Self::Disjoint)
    }
}

/// Decides whether two globs have a path in common, by walking the product of their automata.
pub fn overlap(one: &Glob, other: &Glob) -> Overlap {
    if !prefixes_meet(one.literal_prefix(), other.literal_prefix()) {
        return Overlap::Disjoint;
    }
    let (Some(ours), Some(theirs)) = (one.automaton(), other.automaton()) else {
        return Overlap::Unknown;
    };
    match ours.meet(theirs) {
        Meeting::Never => Overlap::Disjoint,
        Meeting::At(word) => Overlap::Witness(String::from_utf8_lossy(&word).into_owned()),
        Meeting::TooLarge => Overlap::Unknown,
    }
}

/// Whether one text begins with the other.
fn prefixes_meet(one: &str, other: &str) -> bool {
    one.bytes()
        .zip(other.bytes())
        .all(|(one, other)| one == other)
}

/// Answers already given, by the numbers under which the globs are known here.
#[derive(Debug, Default)]
pub struct Overlaps {
    numbers: HashMap<Glob, GlobNumber>,
    globs: Vec<Glob>,
    verdicts: HashMap<(GlobNumber, GlobNumber), Overlap>,
}

/// The number of a glob in one [`Overlaps`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GlobNumber(usize);

/// Verdicts kept at most; then the memory starts afresh.
const VERDICTS_MAX: usize = 1 << 20;

impl Overlaps {
    /// [`overlap()`], remembered.
    pub fn overlap(&mut self, one: &Glob, other: &Glob) -> &Overlap {
        let (one, other) = (self.number(one), self.number(other));
        self.overlap_of(one, other)
    }

    pub(super) fn number(&mut self, glob: &Glob) -> GlobNumber {
        if let Some(number) = self.numbers.get(glob) {
            return *number;
        }
        let number = GlobNumber(self.globs.len());
        self.globs.push(glob.clone());
        self.numbers.insert(glob.clone(), number);
        number
    }

    pub(super) fn glob(&self, number: GlobNumber) -> &Glob {
        &self.globs[number.0]
    }

    pub(super) fn overlap_of(&mut self, one: GlobNumber, other: GlobNumber) -> &Overlap {
        let key = (one.min(other), one.max(other));
        if self.verdicts.len() >= VERDICTS_MAX {
            self.verdicts.clear();
        }
        let globs = &self.globs;
        self.verdicts
            .entry(key)
            .or_insert_with(|| overlap(&globs[key.0.0], &globs[key.1.0]))
    }
}
