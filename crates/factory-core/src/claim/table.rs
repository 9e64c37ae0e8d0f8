//! Who holds which claims, and who waits for them.
//!
//! A plain structure without clock or chance: the same calls give the same answers, so that a table is
//! rebuilt after a crash by [`ClaimTable::restore`] and by asking again. Invariant: no two holders have
//! claims of incompatible modes on one path.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{Entry, Index};
use super::overlap::{GlobNumber, Overlap, Overlaps};
use super::rights::{Claim, Mode};

/// How often a waiter is overtaken at most by requests that conflict with it.
pub const OVERTAKES_MAX: u32 = 8;

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// All claims are held now.
    Granted,
    /// None of the claims is held; this is the first thing in the way.
    Busy(Busy),
}

impl Answer {
    /// Whether all claims are held now.
    pub const fn is_granted(&self) -> bool {
        matches!(self, Self::Granted)
    }
}

/// Why a request was not granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// Who is in the way.
    pub by: String,
    /// Whether `by` holds its claim, or waits for it ahead of the request.
    pub held: bool,
    /// The claim that was asked for.
    pub wanted: Claim,
    /// The claim of `by` that it conflicts with.
    pub theirs: Claim,
    /// A path that both match; none when the globs are too large to say.
    pub witness: Option<String>,
}

/// Locks and the line of those who wait. Holders are named by their task's id.
#[derive(Debug, Default)]
pub struct ClaimTable {
    overlaps: Overlaps,
    locks: Ledger,
    waiting: Ledger,
    places: BTreeMap<String, Place>,
    arrivals: u64,
}

/// A waiter's place in the line.
#[derive(Debug, Clone, Copy)]
struct Place {
    age: u64,
    arrival: u64,
    overtaken: u32,
}

impl Place {
    const fn is_saturated(self) -> bool {
        self.overtaken >= OVERTAKES_MAX
    }

    /// Total order of the line: those overtaken too often by arrival, then the others by age.
    fn is_ahead_of(self, other: Self) -> bool {
        match (self.is_saturated(), other.is_saturated()) {
            (true, true) => self.arrival < other.arrival,
            (true, false) => true,
            (false, true) => false,
            (false, false) => (self.age, self.arrival) < (other.age, other.arrival),
        }
    }
}

impl ClaimTable {
    /// A table in which nothing is claimed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for all of `claims` at once; on [`Answer::Busy`] the holder waits, until it is granted
    /// or withdrawn. Asked again, it keeps its place.
    ///
    /// `age` orders the line, the smallest first: the number of the event that made the task ready,
    /// kept over retries and parking, less a bonus for its priority class. A request waits behind
    /// conflicting waiters ahead of it and passes all others. Who arrives later may overtake by being
    /// older, but nobody is overtaken more than [`OVERTAKES_MAX`] times. A holder that already has
    /// locks asks for more as by [`Self::extend`].
    pub fn request(&mut self, holder: &str, claims: &[Claim], age: u64) -> Answer {
        if self.locks.has(holder) {
            return self.extend(holder, claims);
        }
        let place = match self.places.get(holder) {
            Some(place) => Place { age, ..*place },
            None => Place {
                age,
                arrival: self.arrivals,
                overtaken: 0,
            },
        };
        let held = self
            .locks
            .first_conflict(&mut self.overlaps, holder, claims, |_| true);
        let busy = held.or_else(|| {
            let ahead = |other: &str| {
                self.places
                    .get(other)
                    .is_some_and(|other| other.is_ahead_of(place))
            };
            let found = self
                .waiting
                .first_conflict(&mut self.overlaps, holder, claims, ahead);
            found.map(|busy| Busy {
                held: false,
                ..busy
            })
        });
        if let Some(busy) = busy {
            self.wait(holder, claims, place);
            return Answer::Busy(busy);
        }
        self.withdraw(holder);
        self.count_overtakes(holder, claims, place.arrival);
        self.locks.add(&mut self.overlaps, holder, claims);
        Answer::Granted
    }

    /// Asks for more claims while holding some; never waits. Refused when a claim conflicts with a
    /// lock, or with a waiter that was overtaken too often.
    pub fn extend(&mut self, holder: &str, claims: &[Claim]) -> Answer {
        let held = self
            .locks
            .first_conflict(&mut self.overlaps, holder, claims, |_| true);
        let busy = held.or_else(|| {
            let barred = |other: &str| {
                self.places
                    .get(other)
                    .is_some_and(|place| place.is_saturated())
            };
            let found = self
                .waiting
                .first_conflict(&mut self.overlaps, holder, claims, barred);
            found.map(|busy| Busy {
                held: false,
                ..busy
            })
        });
        if let Some(busy) = busy {
            return Answer::Busy(busy);
        }
        self.count_overtakes(holder, claims, self.arrivals);
        self.locks.add(&mut self.overlaps, holder, claims);
        Answer::Granted
    }

    /// Puts back a lock that the event log says was granted; asks nobody.
    pub fn restore(&mut self, holder: &str, claims: &[Claim]) {
        self.withdraw(holder);
        self.locks.add(&mut self.overlaps, holder, claims);
    }

    /// Frees all of a holder's locks: it landed, was abandoned, parked or reached a gate.
    /// Frees its place in the line too.
    pub fn release(&mut self, holder: &str) {
        self.withdraw(holder);
        self.locks.remove(&self.overlaps, holder, |_| true);
    }

    /// Frees a holder's locks of one mode.
    pub fn release_kind(&mut self, holder: &str, mode: Mode) {
        self.locks
            .remove(&self.overlaps, holder, |held| held == mode);
    }

    /// The attempt's change has been collected: `read` is free. `edit` stays until landed, since all
    /// it excludes is a `write`, and `write` stays.
    pub fn collected(&mut self, holder: &str) {
        self.release_kind(holder, Mode::Read);
    }

    /// Leaves the line without having been granted.
    pub fn withdraw(&mut self, holder: &str) {
        if self.places.remove(holder).is_some() {
            self.waiting.remove(&self.overlaps, holder, |_| true);
        }
    }

    /// The claims a holder has.
    pub fn held(&self, holder: &str) -> Vec<Claim> {
        self.locks.claims(&self.overlaps, holder)
    }

    /// All who hold something, by name.
    pub fn holders(&self) -> impl Iterator<Item = &str> {
        self.locks.by_holder.keys().map(String::as_str)
    }

    /// All who wait, in the order of the line.
    pub fn waiters(&self) -> Vec<&str> {
        let mut line: Vec<_> = self.places.iter().collect();
        line.sort_by_key(|(_, place)| {
            let age = if place.is_saturated() { 0 } else { place.age };
            (!place.is_saturated(), age, place.arrival)
        });
        line.into_iter()
            .map(|(holder, _)| holder.as_str())
            .collect()
    }

    /// How often a waiter has been overtaken.
    pub fn overtaken(&self, waiter: &str) -> u32 {
        self.places.get(waiter).map_or(0, |place| place.overtaken)
    }

    /// The table's memory of overlaps, for other questions about the same globs.
    pub const fn overlaps(&mut self) -> &mut Overlaps {
        &mut self.overlaps
    }

    fn wait(&mut self, holder: &str, claims: &[Claim], place: Place) {
        if self.places.insert(holder.to_owned(), place).is_none() {
            self.arrivals += 1;
            self.waiting.add(&mut self.overlaps, holder, claims);
        } else if self.waiting.claims(&self.overlaps, holder) != claims {
            self.waiting.remove(&self.overlaps, holder, |_| true);
            self.waiting.add(&mut self.overlaps, holder, claims);
        }
    }

    /// Everyone who arrived before `arrival` and conflicts with `claims` has been overtaken.
    fn count_overtakes(&mut self, holder: &str, claims: &[Claim], arrival: u64) {
        let earlier = |other: &str| {
            self.places
                .get(other)
                .is_some_and(|place| place.arrival < arrival)
        };
        let overtaken = self
            .waiting
            .rivals(&mut self.overlaps, holder, claims, earlier);
        for waiter in overtaken {
            if let Some(place) = self.places.get_mut(&waiter) {
                place.overtaken += 1;
            }
        }
    }
}

/// Claims by holder and by prefix.
#[derive(Debug, Default)]
struct Ledger {
    by_holder: BTreeMap<String, Vec<(Mode, GlobNumber)>>,
    index: Index,
}

impl Ledger {
    fn has(&self, holder: &str) -> bool {
        self.by_holder.contains_key(holder)
    }

    fn claims(&self, overlaps: &Overlaps, holder: &str) -> Vec<Claim> {
        let claims = self
            .by_holder
            .get(holder)
            .map(Vec::as_slice)
            .unwrap_or_default();
        claims
            .iter()
            .map(|&(mode, glob)| Claim::new(mode, overlaps.glob(glob).clone()))
            .collect()
    }

    fn add(&mut self, overlaps: &mut Overlaps, holder: &str, claims: &[Claim]) {
        let held = self.by_holder.entry(holder.to_owned()).or_default();
        for claim in claims {
            let glob = overlaps.number(&claim.glob);
            if held.contains(&(claim.mode, glob)) {
                continue;
            }
            held.push((claim.mode, glob));
            let entry = Entry {
                holder: holder.to_owned(),
                mode: claim.mode,
                glob,
            };
            self.index.insert(claim.glob.literal_prefix(), entry);
        }
    }

    fn remove(&mut self, overlaps: &Overlaps, holder: &str, wanted: impl Fn(Mode) -> bool) {
        let Some(held) = self.by_holder.remove(holder) else {
            return;
        };
        let mut kept = Vec::new();
        for (mode, glob) in held {
            if wanted(mode) {
                let entry = Entry {
                    holder: holder.to_owned(),
                    mode,
                    glob,
                };
                self.index
                    .remove(overlaps.glob(glob).literal_prefix(), &entry);
            } else {
                kept.push((mode, glob));
            }
        }
        if !kept.is_empty() {
            self.by_holder.insert(holder.to_owned(), kept);
        }
    }

    /// The first claim of another holder, among those `relevant`, that excludes one of `claims`.
    fn first_conflict(
        &self,
        overlaps: &mut Overlaps,
        holder: &str,
        claims: &[Claim],
        relevant: impl Fn(&str) -> bool,
    ) -> Option<Busy> {
        for claim in claims {
            let ours = overlaps.number(&claim.glob);
            for entry in self
                .rival_entries(holder, claim)
                .filter(|entry| relevant(&entry.holder))
            {
                let witness = match overlaps.overlap_of(ours, entry.glob) {
                    Overlap::Disjoint => continue,
                    Overlap::Witness(path) => Some(path.clone()),
                    Overlap::Unknown => None,
                };
                let theirs = Claim::new(entry.mode, overlaps.glob(entry.glob).clone());
                let by = entry.holder.clone();
                return Some(Busy {
                    by,
                    held: true,
                    wanted: claim.clone(),
                    theirs,
                    witness,
                });
            }
        }
        None
    }

    /// All other holders, among those `relevant`, with a claim that excludes one of `claims`.
    fn rivals(
        &self,
        overlaps: &mut Overlaps,
        holder: &str,
        claims: &[Claim],
        relevant: impl Fn(&str) -> bool,
    ) -> BTreeSet<String> {
        let mut rivals = BTreeSet::new();
        for claim in claims {
            let ours = overlaps.number(&claim.glob);
            for entry in self.rival_entries(holder, claim) {
                if !rivals.contains(&entry.holder)
                    && relevant(&entry.holder)
                    && overlaps.overlap_of(ours, entry.glob).is_overlap()
                {
                    rivals.insert(entry.holder.clone());
                }
            }
        }
        rivals
    }

    /// Claims of others that may exclude `claim`, judged by mode and prefix alone.
    fn rival_entries<'a>(
        &'a self,
        holder: &'a str,
        claim: &'a Claim,
    ) -> impl Iterator<Item = &'a Entry> {
        let rivals = self.index.rivals(claim.mode, claim.glob.literal_prefix());
        rivals.filter(move |entry| entry.holder != holder && !claim.mode.is_compatible(entry.mode))
    }
}
