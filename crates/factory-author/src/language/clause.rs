//! Shallow reading of a sentence: who does what to what, and with which words around it.

use factory_spec::blueprint::singular;

use super::tag::{Tag, Token, tags, tokens};
use super::verb_forms::Form;
use super::verbs::Act;

/// A noun with what stands before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Noun {
    /// The noun's words, lower case, the last one singular: `loyalty card`.
    pub(crate) words: Vec<String>,
    /// Adjectives and participles before it.
    pub(crate) adjectives: Vec<String>,
    /// Whether it was a plural.
    pub(crate) is_plural: bool,
    /// Whether `each` or `every` stood before it.
    pub(crate) is_each: bool,
    /// To what or whom it belongs: `a job's rate`.
    pub(crate) owner: Option<Box<Self>>,
    /// Whether a determiner or an owner stood before it.
    pub(crate) is_determined: bool,
    /// Whether it is only a word for something named before.
    pub(crate) is_pronoun: bool,
}

impl Noun {
    /// Its last word.
    pub(crate) fn head(&self) -> &str {
        self.words.last().map_or("", String::as_str)
    }

    /// Its words with the adjectives before them.
    pub(crate) fn full_words(&self) -> Vec<String> {
        self.adjectives.iter().chain(&self.words).cloned().collect()
    }
}

/// One verb with its nouns.
#[derive(Debug, Clone)]
pub(crate) struct Clause {
    /// Who does it; empty in a command and unknown in the passive.
    pub(crate) subjects: Vec<Noun>,
    /// Base form of the verb; empty when there is none.
    pub(crate) verb: String,
    /// What the verb asks for.
    pub(crate) act: Act,
    /// What it is done to.
    pub(crate) objects: Vec<Noun>,
    /// Nouns after prepositions.
    pub(crate) around: Vec<(String, Noun)>,
    /// Whether the subjects suffer it: `clients are reminded`.
    pub(crate) is_passive: bool,
    /// Whether it only says when or which: `when an order is shipped`.
    pub(crate) is_condition: bool,
}

impl Clause {
    fn new(is_condition: bool) -> Self {
        Self {
            subjects: Vec::new(),
            verb: String::new(),
            act: Act::Light,
            objects: Vec::new(),
            around: Vec::new(),
            is_passive: false,
            is_condition,
        }
    }

    fn has_verb(&self) -> bool {
        !self.verb.is_empty()
    }

    /// All nouns after one of these prepositions.
    pub(crate) fn after<'a>(&'a self, prepositions: &'a [&str]) -> impl Iterator<Item = &'a Noun> {
        self.around
            .iter()
            .filter(|(preposition, _)| prepositions.contains(&preposition.as_str()))
            .map(|(_, noun)| noun)
    }
}

/// Verbs that mean something else with the word after them.
const PARTICLES: &[(&str, &str, &str, Act)] = &[
    ("sign", "up", "sign up", Act::Event("registration")),
    (
        "sign",
        "off",
        "sign off",
        Act::Transition("approve", "approved", 30),
    ),
    (
        "check",
        "in",
        "check in",
        Act::Transition("check_in", "checked_in", 40),
    ),
    (
        "check",
        "out",
        "check out",
        Act::Transition("check_out", "checked_out", 82),
    ),
    (
        "pick",
        "up",
        "pick up",
        Act::Transition("pick_up", "picked_up", 50),
    ),
    (
        "drop",
        "off",
        "drop off",
        Act::Transition("drop_off", "dropped_off", 75),
    ),
    (
        "hand",
        "in",
        "hand in",
        Act::Transition("submit", "submitted", 10),
    ),
    (
        "hand",
        "over",
        "hand over",
        Act::Transition("hand_over", "handed_over", 75),
    ),
    (
        "call",
        "off",
        "call off",
        Act::Transition("cancel", "cancelled", 92),
    ),
    ("set", "up", "set up", Act::Create),
    ("look", "up", "look up", Act::Read),
    ("fill", "in", "fill in", Act::Update),
    ("fill", "out", "fill out", Act::Update),
    ("write", "down", "write down", Act::Create),
    ("log", "in", "log in", Act::Light),
    ("keep", "track", "track", Act::Manage),
];

/// Reads a sentence into its clauses, in order.
pub(crate) fn read(text: &str) -> Vec<Clause> {
    let tokens = tokens(text);
    let tags = tags(&tokens);
    let mut reader = Reader {
        tokens: &tokens,
        tags: &tags,
        position: 0,
        clauses: Vec::new(),
        current: Clause::new(false),
        preposition: None,
        is_passive: false,
        list_preposition: None,
        particle: None,
    };
    reader.run();
    let mut clauses = reader.clauses;
    share_objects(&mut clauses);
    clauses
}

/// `approve or reject an order`: the first verb has the object of the second.
fn share_objects(clauses: &mut [Clause]) {
    for index in (1..clauses.len()).rev() {
        let Some([first, second]) = clauses.get_mut(index - 1..=index) else {
            continue;
        };
        let is_bare = first.objects.is_empty() && first.around.is_empty() && first.has_verb();
        let takes = !matches!(
            first.act,
            Act::Light | Act::Have | Act::Event(_) | Act::Notify
        );
        if is_bare
            && takes
            && !first.is_passive
            && !second.is_condition
            && first.subjects == second.subjects
        {
            first.objects.clone_from(&second.objects);
        }
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    tags: &'a [Tag],
    position: usize,
    clauses: Vec<Clause>,
    current: Clause,
    /// The preposition that the next nouns follow.
    preposition: Option<String>,
    is_passive: bool,
    /// The preposition that a list goes on with after a detour: `with date of issue, price and …`.
    list_preposition: Option<String>,
    /// Where the particle of the verb stands that was read before its object: `check guests in`.
    particle: Option<usize>,
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some(tag) = self.tags.get(self.position).copied() {
            if self.particle == Some(self.position) {
                self.position += 1;
                continue;
            }
            match tag {
                Tag::Verb(verb, form) => self.verb(verb.base, verb.act, form),
                Tag::Be => {
                    if self.current.has_verb() && !self.is_passive {
                        // `… before an invoice is due`: the noun just read begins a sentence of its own.
                        let mut next = Clause::new(true);
                        next.subjects = self.last_noun().into_iter().collect();
                        self.finish(next);
                    }
                    self.is_passive = true;
                    self.preposition = None;
                    self.position += 1;
                }
                Tag::Modal => {
                    self.preposition = None;
                    self.position += 1;
                }
                Tag::Preposition => {
                    let word = self.word();
                    if matches!(word.as_str(), "with" | "including") {
                        self.list_preposition = Some(word.clone());
                    }
                    self.preposition = Some(word);
                    self.position += 1;
                }
                Tag::Subordinator => {
                    let word = self.word();
                    self.subordinate(&word);
                }
                Tag::Conjunction => {
                    self.resume_list();
                    self.position += 1;
                }
                Tag::Adverb => self.position += 1,
                Tag::Determiner | Tag::Adjective | Tag::Noun | Tag::Pronoun => self.noun(),
            }
        }
        self.finish(Clause::new(false));
    }

    fn resume_list(&mut self) {
        if self.preposition.as_deref() == Some("of") && self.list_preposition.is_some() {
            self.preposition.clone_from(&self.list_preposition);
        }
    }

    fn word(&self) -> String {
        self.tokens
            .get(self.position)
            .map_or_else(String::new, |token| token.word.clone())
    }

    fn finish(&mut self, next: Clause) {
        let done = std::mem::replace(&mut self.current, next);
        if done.has_verb() || !done.subjects.is_empty() || !done.around.is_empty() {
            self.clauses.push(done);
        }
        self.preposition = None;
        self.list_preposition = None;
        self.is_passive = false;
    }

    fn subordinate(&mut self, word: &str) {
        let is_figure =
            matches!(word, "how" | "what" | "which" | "whether") && self.current.has_verb();
        if is_figure {
            // `see how many bookings …`: what follows is what is seen.
            self.preposition = None;
        } else {
            let mut next = Clause::new(true);
            if matches!(word, "who" | "which" | "that") {
                next.subjects = self.last_noun().into_iter().collect();
            }
            self.finish(next);
        }
        self.position += 1;
    }

    fn last_noun(&self) -> Option<Noun> {
        let around = self.current.around.last().map(|(_, noun)| noun);
        around
            .or_else(|| self.current.objects.last())
            .or_else(|| self.current.subjects.last())
            .cloned()
    }

    fn verb(&mut self, base: &str, act: Act, form: Form) {
        self.position += 1;
        let (mut base, mut act) = (base.to_owned(), act);
        let next = self
            .tokens
            .get(self.position)
            .map_or("", |token| token.word.as_str());
        if let Some((_, _, phrase, meaning)) = PARTICLES
            .iter()
            .find(|(verb, particle, ..)| *verb == base && *particle == next)
        {
            (base, act) = ((*phrase).to_owned(), *meaning);
            self.position += 1;
        } else if let Some((index, phrase, meaning)) = self.split_particle(&base) {
            (base, act) = (phrase.to_owned(), meaning);
            self.particle = Some(index);
        }
        let is_passive = self.is_passive && form == Form::Participle;
        if self.current.has_verb() {
            let grants = matches!(
                self.current.verb.as_str(),
                "let" | "help" | "allow" | "enable" | "ask"
            ) && !self.current.objects.is_empty();
            let is_empty_light = self.current.act == Act::Light && self.current.objects.is_empty();
            if grants {
                let mut next = Clause::new(false);
                next.subjects.clone_from(&self.current.objects);
                self.finish(next);
            } else if !is_empty_light {
                let mut next = Clause::new(self.current.is_condition);
                next.subjects.clone_from(&self.current.subjects);
                let was_passive = self.current.is_passive;
                // A figure is seen of what follows: `see how many bookings each room had`.
                if self.current.act == Act::Read
                    && !self.current.objects.is_empty()
                    && form != Form::Gerund
                    && !self.joined()
                {
                    self.is_passive = false;
                    return;
                }
                self.finish(next);
                self.is_passive = was_passive && form == Form::Participle;
            }
        }
        self.current.verb = base;
        self.current.act = act;
        self.current.is_passive = is_passive || (self.is_passive && form == Form::Participle);
        self.preposition = None;
    }

    /// Finds the particle of a verb behind its object: `check guests in`, but not `check guests in the lobby`.
    fn split_particle(&self, base: &str) -> Option<(usize, &'static str, Act)> {
        let ends_object = |index: &usize| {
            !matches!(
                self.tags.get(*index),
                Some(Tag::Determiner | Tag::Adjective | Tag::Noun | Tag::Pronoun)
            )
        };
        let pauses = |index: usize| {
            self.tokens
                .get(index)
                .is_none_or(|token| token.is_after_pause)
        };
        let end = (self.position..=self.tags.len()).find(ends_object)?;
        let particle = self.tokens.get(end)?;
        let is_last = pauses(end + 1)
            || !matches!(
                self.tags.get(end + 1),
                Some(Tag::Determiner | Tag::Adjective | Tag::Noun | Tag::Pronoun)
            );
        if end == self.position || !is_last || (self.position..=end).any(pauses) {
            return None;
        }
        // People log in; hours that are logged in are only logged.
        PARTICLES
            .iter()
            .filter(|(verb, ..)| !matches!(*verb, "log" | "keep"))
            .find(|(verb, word, ..)| *verb == base && *word == particle.word)
            .map(|(_, _, phrase, act)| (end, *phrase, *act))
    }

    /// Whether a conjunction or a pause stands before the verb just read, so that it shares the subject.
    fn joined(&self) -> bool {
        let before = (0..self.position.saturating_sub(1))
            .rev()
            .find(|index| !matches!(self.tags.get(*index), Some(Tag::Adverb)));
        let is_joined = before.is_some_and(|index| {
            matches!(self.tags.get(index), Some(Tag::Conjunction))
                || self
                    .tokens
                    .get(index)
                    .is_some_and(|token| token.word == "to")
        });
        is_joined
            || self
                .tokens
                .get(self.position.saturating_sub(1))
                .is_some_and(|token| token.is_after_pause)
    }

    fn noun(&mut self) {
        let start = self.position;
        if self
            .tokens
            .get(start)
            .is_some_and(|token| token.is_after_pause)
        {
            self.resume_list();
        }
        let noun = self.noun_phrase();
        if self.position == start {
            self.position += 1;
        }
        let Some(noun) = noun else { return };
        match (&self.preposition, self.current.has_verb()) {
            (Some(preposition), _) => self.current.around.push((preposition.clone(), noun)),
            (None, false) => self.current.subjects.push(noun),
            (None, true) => self.current.objects.push(noun),
        }
    }

    /// Reads determiners, adjectives and nouns; a possessive noun becomes the owner of what follows it.
    fn noun_phrase(&mut self) -> Option<Noun> {
        let mut noun = Noun::default();
        while let Some(tag) = self.tags.get(self.position).copied() {
            let Some(token) = self.tokens.get(self.position) else {
                break;
            };
            let has_words = !noun.words.is_empty();
            if has_words && token.is_after_pause {
                break;
            }
            match tag {
                Tag::Pronoun if !has_words => {
                    noun.is_pronoun = true;
                    noun.words.push(token.word.clone());
                    self.position += 1;
                    return Some(noun);
                }
                Tag::Determiner if !has_words => {
                    noun.is_determined = true;
                    noun.is_each |= matches!(token.word.as_str(), "each" | "every" | "per");
                    self.position += 1;
                }
                Tag::Adjective if !has_words => {
                    noun.adjectives.push(token.word.clone());
                    self.position += 1;
                }
                Tag::Noun => {
                    let word = token.word.clone();
                    let is_possessive = token.is_possessive;
                    self.position += 1;
                    noun.words.push(word);
                    if is_possessive {
                        let owner = std::mem::take(&mut noun);
                        noun.is_determined = true;
                        noun.owner = Some(Box::new(settled(owner)));
                    }
                }
                _ => break,
            }
        }
        if noun.words.is_empty() {
            // `mark it as delivered`: an adjective alone stands for what it says.
            let is_state = self.preposition.as_deref() == Some("as") && !noun.adjectives.is_empty();
            if is_state {
                noun.words = std::mem::take(&mut noun.adjectives);
                return Some(noun);
            }
            return noun.owner.map(|owner| *owner);
        }
        Some(settled(noun))
    }
}

/// Makes the last word singular and remembers whether it was a plural.
fn settled(mut noun: Noun) -> Noun {
    if let Some(last) = noun.words.last_mut() {
        let one = singular(last);
        noun.is_plural = one != *last;
        *last = one;
    }
    noun
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let name = |noun: &Noun| match &noun.owner {
            Some(owner) => format!("{}'s {}", owner.words.join(" "), noun.words.join(" ")),
            None => noun.words.join(" "),
        };
        let all = |nouns: &[Noun]| nouns.iter().map(name).collect::<Vec<_>>().join(", ");
        read(text)
            .iter()
            .map(|clause| {
                let around: Vec<String> = clause
                    .around
                    .iter()
                    .map(|(preposition, noun)| format!(" {preposition} {}", name(noun)))
                    .collect();
                format!(
                    "{}{}: {} [{}]{}",
                    all(&clause.subjects),
                    if clause.is_passive { " <-" } else { "" },
                    clause.verb,
                    all(&clause.objects),
                    around.concat()
                )
            })
            .collect()
    }

    #[test]
    fn a_sentence_says_who_does_what_to_what() {
        for (text, expected) in [
            (
                "Translators create an invoice from a job's word count and rate",
                &["translator: create [invoice] from job's word count from rate"][..],
            ),
            (
                "Clients pay an invoice online and get a receipt",
                &["client: pay [invoice]", "client: get [receipt]"],
            ),
            (
                "Managers approve or reject leave requests",
                &[
                    "manager: approve [leave request]",
                    "manager: reject [leave request]",
                ],
            ),
            (
                "Clients are reminded by email three days before an invoice is due",
                &["client <-: remind [] by email by day before invoice"],
            ),
            (
                "Dispatchers assign a driver and a vehicle to each delivery",
                &["dispatcher: assign [driver, vehicle] to delivery"],
            ),
            (
                "Import patients from a CSV file",
                &[": import [patient] from csv file"],
            ),
            (
                "Drivers mark a delivery as delivered",
                &["driver: mark [delivery] as delivered"],
            ),
            (
                "Receptionists check the guests in on arrival",
                &["receptionist: check in [guest] on arrival"],
            ),
            (
                "Parents drop their children off and pick them up at the door",
                &["parent: drop off [child]", "parent: pick up [them] at door"],
            ),
            (
                "Managers check stock in the warehouse",
                &["manager: check [stock] in warehouse"],
            ),
            (
                "Volunteers sign up for shifts",
                &["volunteer: sign up [] for shift"],
            ),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
