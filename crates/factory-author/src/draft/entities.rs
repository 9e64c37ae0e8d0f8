//! From a noun to an entity of the draft: an existing one under any of its names, or a new one.

use factory_spec::blueprint::{Entity, is_entity_name, plural};
use factory_spec::name;

use super::types::{DERIVED_MAX, Draft, EntityDraft};
use crate::language::words::{INDEPENDENT, PLACES, SERVED, STAFF, STOP};
use crate::language::{Noun, attributes, known};

/// Most words of an entity's name.
const WORDS_MAX: usize = 3;

impl Draft {
    /// Finds the entity that a noun means: by its words, or by its last word where only one entity ends so.
    pub(crate) fn find(&self, noun: &Noun) -> Option<String> {
        let key = key_of(&noun.words);
        let full = key_of(&noun.full_words());
        let same = self.entities.iter().find(|draft| {
            let own = draft.entity.name.to_lowercase();
            own == key || own == full
        });
        if let Some(draft) = same {
            return Some(draft.entity.name.clone());
        }
        let head = noun.head();
        let ends_so = |draft: &&EntityDraft| draft.words.last().is_some_and(|last| last == head);
        let mut alike = self.entities.iter().filter(ends_so);
        match (alike.next(), alike.next()) {
            // `request` after `maintenance request`, and `maintenance request` after `request`.
            (Some(draft), None)
                if noun.words.len() == 1 || (draft.words.len() == 1 && !is_broad(head)) =>
            {
                Some(draft.entity.name.clone())
            }
            _ => None,
        }
    }

    /// Finds or makes the entity that a noun means; `None` for words that name nothing to keep.
    pub(crate) fn entity_for(&mut self, noun: &Noun) -> Option<String> {
        if noun.is_pronoun {
            return None;
        }
        if let Some(found) = self.find(noun) {
            return Some(found);
        }
        if is_stop(noun) {
            return None;
        }
        let is_person = is_person(noun);
        // `a dog walker` is the walker who acts elsewhere.
        let role = self.find_role(noun).filter(|_| is_person);
        let words = role.and_then(|name| self.role(&name).map(|role| role.words.clone()));
        self.make(
            &words.unwrap_or_else(|| noun.words.clone()),
            is_person,
            false,
        )
    }

    /// Makes an entity of words, unless it cannot be named or there are too many.
    pub(crate) fn make(
        &mut self,
        words: &[String],
        is_person: bool,
        is_event: bool,
    ) -> Option<String> {
        let skipped = words.len().saturating_sub(WORDS_MAX);
        let words: Vec<String> = words.iter().skip(skipped).cloned().collect();
        let name = entity_name(&words)?;
        let plural = plural(&name);
        let key = name.to_lowercase();
        let clash = self.entities.iter().find(|draft| {
            let (other, others) = (
                draft.entity.name.to_lowercase(),
                draft.entity.plural.to_lowercase(),
            );
            other == key
                || others == key
                || other == plural.to_lowercase()
                || others == plural.to_lowercase()
        });
        if let Some(draft) = clash {
            return Some(draft.entity.name.clone());
        }
        if self.entities.iter().filter(|draft| !draft.is_fixed).count() >= DERIVED_MAX
            || self.entities.len() >= factory_spec::blueprint::ENTITIES_MAX
        {
            return None;
        }
        self.entities.push(EntityDraft {
            entity: Entity {
                name: name.clone(),
                plural,
                ..Entity::default()
            },
            is_fixed: false,
            words,
            is_person,
            is_event,
            is_requested: false,
            creators: Vec::new(),
            moves: Vec::new(),
        });
        Some(name)
    }

    /// Takes over an entity that the founder fixed.
    pub(crate) fn fix(&mut self, entity: &Entity) {
        let words = name::words(&entity.name);
        let mut entity = entity.clone();
        if entity.plural.is_empty() {
            entity.plural = plural(&entity.name);
        }
        let noun = Noun {
            words: words.clone(),
            ..Noun::default()
        };
        self.entities.push(EntityDraft {
            is_person: is_person(&noun),
            entity,
            is_fixed: true,
            words,
            is_event: false,
            is_requested: false,
            creators: Vec::new(),
            moves: Vec::new(),
        });
    }
}

/// Words for people that say too little by themselves: a pet owner is not a property owner.
fn is_broad(head: &str) -> bool {
    matches!(
        head,
        "owner" | "manager" | "worker" | "agent" | "officer" | "assistant" | "operator" | "member"
    )
}

fn key_of(words: &[String]) -> String {
    words.concat().replace('-', "").to_lowercase()
}

/// The `PascalCase` name of words, if they can be a name.
fn entity_name(words: &[String]) -> Option<String> {
    let parts: Vec<String> = words
        .iter()
        .map(|word| {
            word.chars()
                .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
                .collect::<String>()
        })
        .collect();
    let is_clean = parts
        .iter()
        .zip(words)
        .all(|(part, word)| !part.is_empty() && part.len() == word.len());
    let pascal = name::pascal_case(&parts.join(" "));
    let candidates = [pascal.clone(), format!("{pascal}Entry")];
    candidates
        .into_iter()
        .find(|candidate| is_clean && pascal.len() > 1 && is_entity_name(candidate))
}

/// Whether a noun stands for people or for an organisation that acts like one.
pub(crate) fn is_person(noun: &Noun) -> bool {
    let head = noun.head();
    is_person_word(head)
}

/// Whether a word stands for people.
pub(crate) fn is_person_word(head: &str) -> bool {
    (STAFF.contains(head) && !matches!(head, "head" | "host"))
        || SERVED.contains(head)
        || (INDEPENDENT.contains(head) && !PLACES.contains(head))
}

/// Whether a noun names nothing that is kept.
pub(crate) fn is_stop(noun: &Noun) -> bool {
    let head = noun.head();
    if head.chars().count() < 3
        || !head
            .chars()
            .all(|letter| letter.is_ascii_alphabetic() || letter == '-')
    {
        return true;
    }
    if known::is_known(head) && (noun.words.len() > 1 || !STOP.contains(head)) {
        return false;
    }
    STOP.contains(head) || STOP.contains(noun.words.join(" ").as_str())
}

/// Whether a noun is an attribute here: always, or unless it is the thing that somebody makes.
pub(crate) fn is_attribute(noun: &Noun, is_made: bool) -> bool {
    let either = attributes::EITHER.contains(noun.head());
    attributes::find(&noun.full_words()).is_some() && !(either && is_made)
}
