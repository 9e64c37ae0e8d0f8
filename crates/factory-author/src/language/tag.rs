//! Words of a sentence with their part of speech, decided by word lists and by the neighbours.

use factory_spec::blueprint::singular;

use super::verb_forms::Form;
use super::verbs::{self, Act, Verb};
use super::words::{
    ADJECTIVES, ADVERBS, BE, DETERMINERS, MODALS, PREPOSITIONS, PRONOUNS, SUBORDINATORS,
};

/// One word as it was typed, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// The word without a possessive ending.
    pub(super) word: String,
    /// Whether it ended in `'s` or `s'`.
    pub(super) is_possessive: bool,
    /// Whether a comma, a full stop or a parenthesis stands before it.
    pub(super) is_after_pause: bool,
}

/// What a word does in its sentence.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tag {
    Determiner,
    Adjective,
    Adverb,
    Preposition,
    Conjunction,
    Subordinator,
    Pronoun,
    Be,
    Modal,
    Verb(Verb, Form),
    Noun,
}

/// Splits a sentence into words.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut word = String::new();
    let mut is_after_pause = false;
    let text = text.replace('’', "'");
    for letter in text.chars().chain([' ']) {
        if letter.is_alphanumeric() || (matches!(letter, '\'' | '-' | '.') && !word.is_empty()) {
            word.extend(letter.to_lowercase());
            continue;
        }
        if letter == '&' {
            word.push_str("and");
        }
        let ends_sentence = word.ends_with('.');
        let bare = word.trim_end_matches(['-', '.', '\'']);
        if !bare.is_empty() {
            let owned = bare.strip_suffix("'s");
            let is_possessive = owned.is_some() || (word.ends_with("s'"));
            let bare = plain(owned.unwrap_or(bare));
            tokens.push(Token {
                word: bare,
                is_possessive,
                is_after_pause,
            });
            is_after_pause = false;
        }
        word.clear();
        is_after_pause |= ends_sentence
            || matches!(
                letter,
                ',' | ';' | ':' | '(' | ')' | '.' | '!' | '?' | '–' | '—'
            );
    }
    merged(tokens)
}

/// The word in ASCII letters where that is possible: `café` → `cafe`.
fn plain(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    factory_spec::brief::slug(word).map_or_else(|_| word.to_owned(), String::from)
}

/// `date of birth` and `number of guests` are one noun each.
fn merged(tokens: Vec<Token>) -> Vec<Token> {
    let mut result: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter().peekable();
    while let Some(mut token) = rest.next() {
        if matches!(token.word.as_str(), "date" | "number")
            && rest.peek().is_some_and(|next| next.word == "of")
        {
            let of = rest.next();
            match rest.next() {
                Some(last) if token.word == "date" && last.word == "birth" => {
                    "birthday".clone_into(&mut token.word);
                    result.push(token);
                }
                Some(last)
                    if token.word == "number" && !DETERMINERS.contains(last.word.as_str()) =>
                {
                    let counted = Token {
                        word: singular(&last.word),
                        ..last
                    };
                    let is_after_pause = token.is_after_pause;
                    result.push(Token {
                        is_after_pause,
                        ..counted
                    });
                    result.push(Token {
                        word: "count".to_owned(),
                        is_possessive: false,
                        is_after_pause: false,
                    });
                }
                last => {
                    result.push(token);
                    result.extend(of);
                    result.extend(last);
                }
            }
            continue;
        }
        result.push(token);
    }
    result
}

/// Decides what each word does.
pub(super) fn tags(tokens: &[Token]) -> Vec<Tag> {
    let mut tagger = Tagger {
        tokens,
        tags: Vec::with_capacity(tokens.len()),
        has_verb: false,
    };
    for index in 0..tokens.len() {
        let tag = tagger.tag(index);
        match tag {
            Tag::Verb(..) => tagger.has_verb = true,
            Tag::Subordinator => tagger.has_verb = false,
            _ => {}
        }
        tagger.tags.push(tag);
    }
    tagger.tags
}

struct Tagger<'a> {
    tokens: &'a [Token],
    tags: Vec<Tag>,
    has_verb: bool,
}

impl Tagger<'_> {
    fn word(&self, index: usize) -> &str {
        self.tokens
            .get(index)
            .map_or("", |token| token.word.as_str())
    }

    fn tag(&self, index: usize) -> Tag {
        let word = self.word(index);
        let is_possessive = self
            .tokens
            .get(index)
            .is_some_and(|token| token.is_possessive);
        if is_possessive {
            return Tag::Noun;
        }
        match word {
            "and" | "or" | "but" | "then" | "plus" => return Tag::Conjunction,
            "as" => return Tag::Preposition,
            "that" if self.begins_clause(index) => return Tag::Subordinator,
            "which" => return Tag::Subordinator,
            _ => {}
        }
        if self.is_used_as_noun_after_determiner(index, word) {
            return Tag::Noun;
        }
        let listed = [
            (MODALS, Tag::Modal),
            (BE, Tag::Be),
            (SUBORDINATORS, Tag::Subordinator),
            (PRONOUNS, Tag::Pronoun),
            (DETERMINERS, Tag::Determiner),
            (PREPOSITIONS, Tag::Preposition),
        ];
        if let Some((_, tag)) = listed.into_iter().find(|(words, _)| words.contains(word)) {
            return tag;
        }
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            return Tag::Determiner;
        }
        let follows_be = matches!(self.before_adverbs(), Some(Tag::Be));
        if let Some((verb, form)) = verbs::find(word) {
            return self.verb_or_not(index, verb, form);
        }
        if ADJECTIVES.contains(word) || looks_like_adjective(word) {
            return Tag::Adjective;
        }
        if ADVERBS.contains(word) || (word.ends_with("ly") && !NOUNS_IN_LY.contains(&word)) {
            return Tag::Adverb;
        }
        // `which crop is sown`: an unknown word after `is` says how something is.
        if follows_be && singular(word) == word {
            return Tag::Adjective;
        }
        Tag::Noun
    }

    /// `that` begins a clause after a noun and before a verb or a pronoun.
    fn begins_clause(&self, index: usize) -> bool {
        let next = self.word(index + 1);
        matches!(self.tags.last(), Some(Tag::Noun))
            && (verbs::find(next).is_some()
                || BE.contains(next)
                || MODALS.contains(next)
                || PRONOUNS.contains(next))
    }

    /// `a show`, `the hire`: no verb stands right after an article.
    fn is_used_as_noun_after_determiner(&self, index: usize, word: &str) -> bool {
        let before = index.checked_sub(1).map(|before| self.word(before));
        matches!(before, Some("a" | "an" | "the"))
            && verbs::find(word).is_some_and(|(verb, form)| {
                verb.is_noun_too && matches!(form, Form::Base | Form::Third | Form::Gerund)
            })
    }

    fn verb_or_not(&self, index: usize, verb: Verb, form: Form) -> Tag {
        let as_verb = Tag::Verb(verb, form);
        let as_noun = Tag::Noun;
        let is_pause = self
            .tokens
            .get(index)
            .is_some_and(|token| token.is_after_pause);
        let Some(before) = self.tags.last().copied().filter(|_| index > 0) else {
            return self.at_start(index, verb, form);
        };
        match (before, form) {
            (Tag::Modal, _) => as_verb,
            (Tag::Be, Form::Participle | Form::Gerund) => as_verb,
            (Tag::Be, _) => as_noun,
            (Tag::Determiner | Tag::Adjective, Form::Participle) => Tag::Adjective,
            (Tag::Determiner | Tag::Adjective, _) => as_noun,
            (Tag::Preposition, _) => self.after_preposition(index, verb, form),
            (Tag::Conjunction, _) => self.after_conjunction(index, verb, form),
            (Tag::Adverb, Form::Participle) if matches!(self.before_adverbs(), Some(Tag::Be)) => {
                as_verb
            }
            (Tag::Verb(light, _), Form::Base | Form::Third) if verb.is_noun_too => {
                // `take note`, `see reports`, but `let pay`.
                if matches!(light.act, Act::Light) && form == Form::Base {
                    as_verb
                } else {
                    as_noun
                }
            }
            (Tag::Verb(..), Form::Participle) => Tag::Adjective,
            (Tag::Verb(..), _) => as_verb,
            (_, Form::Participle) => {
                if is_pause && !self.has_verb {
                    as_verb
                } else {
                    Tag::Adjective
                }
            }
            (_, Form::Gerund) => {
                if verb.is_noun_too {
                    as_noun
                } else {
                    self.gerund(index, as_verb)
                }
            }
            _ if is_pause => self.after_conjunction(index, verb, form),
            (Tag::Subordinator, _) if form == Form::Base && !verb.is_noun_too => as_verb,
            (Tag::Pronoun, _) => as_verb,
            _ if !verb.is_noun_too => as_verb,
            _ if self.has_verb && !self.is_in_granting_clause() => as_noun,
            _ => self.predicate_of(index, as_verb, form),
        }
    }

    /// The tag before any adverbs: `are automatically sent`.
    fn before_adverbs(&self) -> Option<Tag> {
        self.tags
            .iter()
            .rev()
            .find(|tag| !matches!(tag, Tag::Adverb))
            .copied()
    }

    fn at_start(&self, index: usize, verb: Verb, form: Form) -> Tag {
        let as_verb = Tag::Verb(verb, form);
        match form {
            Form::Participle => Tag::Adjective,
            Form::Base if !verb.is_noun_too => as_verb,
            Form::Base if self.is_followed_by_object(index) => as_verb,
            Form::Gerund if DETERMINERS.contains(self.word(index + 1)) => as_verb,
            Form::Third if !verb.is_noun_too => as_verb,
            _ => Tag::Noun,
        }
    }

    /// Whether a determiner, an adjective, a pronoun or a plural follows: an object rather than a second noun.
    fn is_followed_by_object(&self, index: usize) -> bool {
        let next = self.word(index + 1);
        let is_plural =
            singular(next) != next && !PREPOSITIONS.contains(next) && !BE.contains(next);
        DETERMINERS.contains(next)
            || ADJECTIVES.contains(next)
            || matches!(next, "them" | "it" | "him" | "her" | "me" | "us")
            || next.starts_with(|first: char| first.is_ascii_digit())
            || self
                .tokens
                .get(index + 1)
                .is_some_and(|token| token.is_possessive)
            || (is_plural && verbs::find(next).is_none_or(|(verb, _)| verb.is_noun_too))
    }

    fn after_preposition(&self, index: usize, verb: Verb, form: Form) -> Tag {
        let preposition = index.checked_sub(1).map_or("", |before| self.word(before));
        match form {
            Form::Base
                if preposition == "to"
                    && (!verb.is_noun_too || self.is_followed_by_object(index)) =>
            {
                Tag::Verb(verb, form)
            }
            Form::Base if preposition == "to" && !self.has_open_target() => Tag::Verb(verb, form),
            Form::Participle => Tag::Adjective,
            Form::Gerund if !verb.is_noun_too || self.is_followed_by_object(index) => {
                Tag::Verb(verb, form)
            }
            _ => Tag::Noun,
        }
    }

    /// Whether the verb before waits for a target after `to`: `assign … to`, `add … to`.
    fn has_open_target(&self) -> bool {
        let verb = self.tags.iter().rev().find_map(|tag| match tag {
            Tag::Verb(verb, _) => Some(verb.base),
            _ => None,
        });
        matches!(
            verb,
            Some(
                "assign"
                    | "add"
                    | "attach"
                    | "allocate"
                    | "give"
                    | "send"
                    | "move"
                    | "transfer"
                    | "post"
            )
        )
    }

    fn after_conjunction(&self, index: usize, verb: Verb, form: Form) -> Tag {
        let as_verb = Tag::Verb(verb, form);
        let before = self
            .tags
            .iter()
            .rev()
            .skip(1)
            .find(|tag| !matches!(tag, Tag::Conjunction | Tag::Adverb));
        let after_verb = matches!(before, Some(Tag::Verb(..)));
        let is_passive = self.tags.iter().any(|tag| matches!(tag, Tag::Be));
        match form {
            Form::Participle if is_passive && self.has_verb => as_verb,
            Form::Participle => Tag::Adjective,
            Form::Gerund => Tag::Noun,
            _ if !verb.is_noun_too => as_verb,
            _ if after_verb => as_verb,
            _ if self.has_verb && self.is_followed_by_object(index) && form == Form::Base => {
                as_verb
            }
            _ => Tag::Noun,
        }
    }

    fn gerund(&self, index: usize, as_verb: Tag) -> Tag {
        if self.has_verb || !self.is_followed_by_object(index) {
            Tag::Noun
        } else {
            as_verb
        }
    }

    /// `let clients pay`: the verb before makes its object act.
    fn is_in_granting_clause(&self) -> bool {
        let verb = self.tags.iter().rev().find_map(|tag| match tag {
            Tag::Verb(verb, _) => Some(verb.base),
            _ => None,
        });
        matches!(verb, Some("let" | "help"))
    }

    /// Whether a word that may be a noun is the verb of the noun before it: number must agree.
    fn predicate_of(&self, index: usize, as_verb: Tag, form: Form) -> Tag {
        let subject = index.checked_sub(1).map_or("", |before| self.word(before));
        let is_plural = singular(subject) != subject;
        let is_after_adverb = matches!(self.tags.last(), Some(Tag::Adverb));
        let has_determiner = self.tags.iter().any(|tag| matches!(tag, Tag::Determiner));
        let is_joined = self.tags.iter().any(|tag| matches!(tag, Tag::Conjunction));
        let invariable = matches!(subject, "staff" | "people" | "team" | "crew");
        match form {
            Form::Base if is_plural || is_after_adverb || is_joined || invariable => as_verb,
            Form::Third if !is_plural && has_determiner => as_verb,
            _ => Tag::Noun,
        }
    }
}

fn looks_like_adjective(word: &str) -> bool {
    ["ful", "less", "ous", "able", "ible", "ical"]
        .iter()
        .any(|ending| word.ends_with(ending))
        && !matches!(
            word,
            "table"
                | "timetable"
                | "vegetable"
                | "variable"
                | "cable"
                | "stable"
                | "wireless"
                | "chemical"
        )
}

const NOUNS_IN_LY: &[&str] = &[
    "family",
    "supply",
    "assembly",
    "reply",
    "july",
    "fly",
    "butterfly",
    "anomaly",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(text: &str) -> String {
        let tokens = tokens(text);
        let tags = tags(&tokens);
        let letter = |tag: &Tag| match tag {
            Tag::Determiner => 'd',
            Tag::Adjective => 'a',
            Tag::Adverb => 'r',
            Tag::Preposition => 'p',
            Tag::Conjunction => 'c',
            Tag::Subordinator => 's',
            Tag::Pronoun => 'o',
            Tag::Be => 'b',
            Tag::Modal => 'm',
            Tag::Verb(..) => 'V',
            Tag::Noun => 'N',
        };
        tags.iter().map(letter).collect()
    }

    #[test]
    fn verbs_and_nouns_are_distinguished() {
        for (text, expected) in [
            (
                "Translators create an invoice from a job's word count and rate",
                "NVdNpdNNNcN",
            ),
            (
                "Clients pay an invoice online and get a receipt",
                "NVdNrcVdN",
            ),
            ("Customers order meals and rate the cook", "NVNcVdN"),
            ("Patients book an appointment with a doctor", "NVdNpdN"),
            ("Managers approve or reject an order", "NVcVdN"),
            ("Invoices are automatically sent to clients", "NbrVpN"),
            ("Book a table for two", "VdNpd"),
            ("Order history for customers", "NNpN"),
            ("Tenants can report issues with a photo", "NmVNpdN"),
            ("The manager reviews the requests", "dNVdN"),
            ("Import patients from a CSV file", "VNpdNN"),
            ("See how many bookings each room had", "VsaNdNa"),
        ] {
            assert_eq!(tagged(text), expected, "{text}");
        }
    }
}
