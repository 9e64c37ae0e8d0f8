//! A small deterministic automaton over bytes, and the walk over two at once.
//!
//! It is built by `regex-automata` and copied into a dense table of 16-bit states from which all
//! states that cannot lead to a match are gone, so that the walk over a pair touches little memory.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::alphabet::Unit;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::Hir;

const NFA_BYTES_MAX: usize = 4 << 20;
const DFA_BYTES_MAX: usize = 2 << 20;
const STATES_MAX: usize = 4_000;
const PAIRS_MAX: usize = 1 << 20;

/// No way on from here.
const DEAD: u16 = u16::MAX;

/// What the walk over two automata found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meeting {
    Never,
    /// A shortest word that both accept.
    At(Vec<u8>),
    /// More pairs of states than we are willing to look at.
    TooLarge,
}

pub(super) struct Automaton {
    /// Class of each byte; bytes of one class are never told apart.
    class_of: [u8; 256],
    class_count: usize,
    /// `next[state * class_count + class]`; state 0 is the start.
    next: Vec<u16>,
    accepting: Vec<bool>,
}

impl Automaton {
    /// Builds the automaton of the whole words of `hir`; none when a size limit is passed.
    pub(super) fn build(hir: &Hir) -> Option<Self> {
        let nfa_config = thompson::Config::new()
            .utf8(false)
            .nfa_size_limit(Some(NFA_BYTES_MAX))
            .which_captures(WhichCaptures::None);
        let nfa = thompson::Compiler::new()
            .configure(nfa_config)
            .build_from_hir(hir)
            .ok()?;
        let dfa_config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .accelerate(false)
            .dfa_size_limit(Some(DFA_BYTES_MAX))
            .determinize_size_limit(Some(DFA_BYTES_MAX));
        let dfa = dense::Builder::new()
            .configure(dfa_config)
            .build_from_nfa(&nfa)
            .ok()?;
        Self::copy(&dfa)
    }

    fn copy(dfa: &dense::DFA<Vec<u32>>) -> Option<Self> {
        let start = dfa
            .start_state(&start::Config::new().anchored(Anchored::Yes))
            .ok()?;
        let classes = dfa.byte_classes();
        let mut class_of = [0; 256];
        for byte in 0..=u8::MAX {
            class_of[usize::from(byte)] = classes.get(byte);
        }
        let representatives: Vec<u8> = classes
            .representatives(..)
            .filter_map(Unit::as_u8)
            .collect();
        let class_count = representatives.len();
        let mut numbers: HashMap<StateID, u16> = HashMap::from([(start, 0)]);
        let mut states = vec![start];
        let mut next = Vec::new();
        let mut done = 0;
        while let Some(&state) = states.get(done) {
            done += 1;
            for &byte in &representatives {
                let target = dfa.next_state(state, byte);
                if dfa.is_dead_state(target) || dfa.is_quit_state(target) {
                    next.push(DEAD);
                    continue;
                }
                let fresh = u16::try_from(states.len()).ok()?;
                let number = *numbers.entry(target).or_insert(fresh);
                if number == fresh {
                    states.push(target);
                }
                next.push(number);
            }
            if states.len() > STATES_MAX {
                return None;
            }
        }
        let accepts = |&state: &StateID| dfa.is_match_state(dfa.next_eoi_state(state));
        let accepting = states.iter().map(accepts).collect();
        let mut automaton = Self {
            class_of,
            class_count,
            next,
            accepting,
        };
        automaton.cut_dead_ends();
        Some(automaton)
    }

    /// Turns every step into a state from which nothing is accepted into [`DEAD`].
    fn cut_dead_ends(&mut self) {
        let mut useful = self.accepting.clone();
        let mut changed = true;
        while changed {
            changed = false;
            for (state, row) in self.next.chunks(self.class_count).enumerate().rev() {
                let leads = |&target: &u16| useful.get(usize::from(target)) == Some(&true);
                if !useful[state] && row.iter().any(leads) {
                    useful[state] = true;
                    changed = true;
                }
            }
        }
        for target in &mut self.next {
            if useful.get(usize::from(*target)) != Some(&true) {
                *target = DEAD;
            }
        }
    }

    fn step(&self, state: u16, byte: u8) -> u16 {
        let class = usize::from(self.class_of[usize::from(byte)]);
        self.next[usize::from(state) * self.class_count + class]
    }

    /// Whether the whole `word` is accepted.
    pub(super) fn accepts(&self, word: &[u8]) -> bool {
        let mut state = 0;
        for &byte in word {
            state = self.step(state, byte);
            if state == DEAD {
                return false;
            }
        }
        self.accepting[usize::from(state)]
    }

    /// Looks for a word that both accept, breadth first, so that the answer is a shortest one.
    pub(super) fn meet(&self, other: &Self) -> Meeting {
        let steps = self.joint_classes(other);
        let width = other.accepting.len();
        let mut seen = vec![0_u64; (self.accepting.len() * width).div_ceil(64)];
        let mut line = vec![Visit {
            ours: 0,
            theirs: 0,
            byte: 0,
            parent: 0,
        }];
        let mut done = 0;
        if let Some(first) = seen.first_mut() {
            *first = 1;
        }
        while let Some(&visit) = line.get(done) {
            let (ours, theirs) = (usize::from(visit.ours), usize::from(visit.theirs));
            if self.accepting[ours] && other.accepting[theirs] {
                return Meeting::At(trace(&line, done));
            }
            if line.len() > PAIRS_MAX {
                return Meeting::TooLarge;
            }
            for step in &steps {
                let ours = self.next[ours * self.class_count + step.ours];
                let theirs = other.next[theirs * other.class_count + step.theirs];
                if ours == DEAD || theirs == DEAD {
                    continue;
                }
                let pair = usize::from(ours) * width + usize::from(theirs);
                let (word, bit) = (pair / 64, 1_u64 << (pair % 64));
                if seen[word] & bit == 0 {
                    seen[word] |= bit;
                    line.push(Visit {
                        ours,
                        theirs,
                        byte: step.byte,
                        parent: done,
                    });
                }
            }
            done += 1;
        }
        Meeting::Never
    }

    /// One byte, the most readable one, for each pair of classes.
    fn joint_classes(&self, other: &Self) -> Vec<Step> {
        let mut known = vec![false; self.class_count * other.class_count];
        let mut steps = Vec::with_capacity(16);
        let readable = (b'a'..=b'z')
            .chain(b'0'..=b'9')
            .chain(b'A'..=b'Z')
            .chain(b'!'..=b'~');
        for byte in readable.chain(0..=u8::MAX) {
            let ours = usize::from(self.class_of[usize::from(byte)]);
            let theirs = usize::from(other.class_of[usize::from(byte)]);
            let joint = ours * other.class_count + theirs;
            if !known[joint] {
                known[joint] = true;
                steps.push(Step { byte, ours, theirs });
            }
        }
        steps
    }
}

struct Step {
    byte: u8,
    ours: usize,
    theirs: usize,
}

#[derive(Clone, Copy)]
struct Visit {
    ours: u16,
    theirs: u16,
    byte: u8,
    parent: usize,
}

/// The bytes that led to the visit at `end`.
fn trace(line: &[Visit], mut end: usize) -> Vec<u8> {
    let mut word = Vec::new();
    while end > 0 {
        word.push(line[end].byte);
        end = line[end].parent;
    }
    word.reverse();
    word
}
