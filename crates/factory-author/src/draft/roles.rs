//! From the subjects of features, and from the audience, to roles.

use factory_spec::blueprint::is_role_name;
use factory_spec::brief::Brief;
use factory_spec::name;

use super::entities;
use super::types::{Draft, RoleDraft};
use crate::language::words::{INDEPENDENT, PLACES, SERVED, STAFF, STOP};
use crate::language::{Act, Clause, Noun, attributes, known, read};

impl Draft {
    /// Collects the roles of all clauses; audience and default come in where the features name nobody.
    pub(crate) fn collect_roles(&mut self, brief: &Brief, clauses: &[Vec<Clause>]) {
        for clause in clauses.iter().flatten() {
            for noun in acting(clause) {
                self.role_for(noun);
            }
        }
        let notifications = clauses
            .iter()
            .flatten()
            .filter(|clause| clause.act == Act::Notify);
        for noun in notifications.flat_map(|clause| &clause.objects) {
            if entities::is_person(noun) {
                self.role_for(noun);
            }
        }
        if self.roles.is_empty() {
            let audience: Vec<Clause> = brief.audience.iter().flat_map(|text| read(text)).collect();
            let nouns = audience.iter().flat_map(|clause| &clause.subjects);
            let first = nouns
                .into_iter()
                .find(|noun| noun.is_plural || entities::is_person(noun))
                .cloned();
            let named = first.and_then(|noun| self.role_for(&noun));
            if let Some(role) = named {
                self.assume(
                    format!("{role} is the role in features that do not say who acts."),
                    "audience",
                );
            } else {
                self.push_role("Member", vec!["member".to_owned()]);
                // Everybody is a member here, not somebody of whom records are kept.
                self.roles
                    .iter_mut()
                    .for_each(|role| role.is_served = false);
                self.assume(
                    "Everybody who uses the product is a Member.",
                    "the features do not say who acts",
                );
            }
        }
    }

    /// The role of a noun, made if it is new.
    pub(crate) fn role_for(&mut self, noun: &Noun) -> Option<String> {
        if let Some(found) = self.find_role(noun) {
            return Some(found);
        }
        let skipped = noun.words.len().saturating_sub(2);
        let words: Vec<String> = noun.words.iter().skip(skipped).cloned().collect();
        let name = name::pascal_case(&words.join(" "));
        let key = name.to_lowercase();
        if let Some(role) = self
            .roles
            .iter()
            .find(|role| role.name.to_lowercase() == key)
        {
            return Some(role.name.clone());
        }
        if !is_role_name(&name) || name.len() < 3 || self.roles.len() >= 12 {
            return None;
        }
        self.push_role(&name, words);
        Some(name)
    }

    /// Finds the role that a noun means: by its words, or by its last word where only one role ends so.
    pub(crate) fn find_role(&self, noun: &Noun) -> Option<String> {
        let key = noun.words.concat().replace('-', "");
        if let Some(role) = self
            .roles
            .iter()
            .find(|role| role.name.to_lowercase() == key)
        {
            return Some(role.name.clone());
        }
        let ends_so = |role: &&RoleDraft| role.words.last().is_some_and(|last| last == noun.head());
        let mut alike = self.roles.iter().filter(ends_so);
        match (alike.next(), alike.next()) {
            (Some(role), None) if noun.words.len() == 1 || role.words.len() == 1 => {
                Some(role.name.clone())
            }
            _ => None,
        }
    }

    pub(crate) fn push_role(&mut self, name: &str, words: Vec<String>) {
        let head = words.last().map_or("", String::as_str);
        self.roles.push(RoleDraft {
            name: name.to_owned(),
            is_staff: STAFF.contains(head),
            is_served: SERVED.contains(head),
            words,
        });
    }

    /// The role that acts where a feature does not say who: staff if there is any, else the first.
    pub(crate) fn default_role(&self) -> String {
        let staff = self.roles.iter().find(|role| role.is_staff);
        staff
            .or_else(|| self.roles.first())
            .map_or_else(|| "Member".to_owned(), |role| role.name.clone())
    }
}

/// The nouns of a clause that do it.
pub(crate) fn acting(clause: &Clause) -> Vec<&Noun> {
    if clause.is_passive {
        let is_notified = clause.act == Act::Notify;
        let by = clause
            .after(&["by"])
            .filter(|noun| entities::is_person(noun));
        return by
            .chain(
                clause
                    .subjects
                    .iter()
                    .filter(|noun| is_notified && entities::is_person(noun)),
            )
            .collect();
    }
    clause
        .subjects
        .iter()
        .filter(|noun| acts(noun, clause))
        .collect()
}

/// Whether a subject is somebody who uses the product.
fn acts(noun: &Noun, clause: &Clause) -> bool {
    let head = noun.head();
    if noun.is_pronoun || clause.verb.is_empty() {
        return false;
    }
    if entities::is_person(noun) {
        return true;
    }
    let says_nothing = matches!(clause.act, Act::Have) || clause.is_condition;
    let is_thing =
        STOP.contains(head) || known::is_known(head) || attributes::find(&noun.words).is_some();
    let is_place = PLACES.contains(head) || INDEPENDENT.contains(head);
    let sounds_like_person = ["er", "or", "ist", "ian", "ee"]
        .iter()
        .any(|ending| head.ends_with(ending));
    !says_nothing && !is_thing && (is_place || sounds_like_person) && head.len() > 3
}
