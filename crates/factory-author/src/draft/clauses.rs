//! Clauses whose verb says more than making or changing: bookings and orders, having, giving, notification.

use super::entities;
use super::extract::FeatureReader;
use super::types::{Draft, Kind};
use crate::language::words::OCCASIONS;
use crate::language::{Act, Clause, Noun, attributes};
use crate::reading;

impl FeatureReader<'_> {
    /// `Members book a class`: a booking of a class; `patients book an appointment`: the appointment itself.
    pub(super) fn event(&mut self, clause: &Clause, record: &str) -> Option<String> {
        let objects: Vec<Noun> = clause
            .objects
            .iter()
            .filter(|noun| !noun.is_pronoun)
            .cloned()
            .collect();
        let targets: Vec<Noun> = clause
            .after(&["for", "to", "in", "at", "on", "from", "with"])
            .cloned()
            .collect();
        if let Some(noun) = objects.first() {
            let is_itself = if record == "review" {
                matches!(noun.head(), "review" | "rating" | "feedback")
            } else {
                OCCASIONS.contains(noun.head()) || noun.head() == record
            };
            let is_made_elsewhere = self.made.iter().any(|made| made == noun.head());
            if is_itself && (noun.head() == record || record == "review" || !is_made_elsewhere) {
                let name = if record == "review" {
                    vec!["review".to_owned()]
                } else {
                    noun.words.clone()
                };
                let main = self
                    .draft
                    .find(noun)
                    .or_else(|| self.draft.make(&name, false, true))?;
                for noun in objects
                    .iter()
                    .skip(1)
                    .filter(|noun| entities::is_attribute(noun, false))
                {
                    self.fields
                        .extend(self.draft.attribute(&main, noun, self.text));
                }
                return Some(main);
            }
        }
        let is_attribute = |noun: &&Noun| attributes::find(&noun.full_words()).is_some();
        let target = objects
            .iter()
            .find(|noun| !is_attribute(noun))
            .or_else(|| targets.iter().find(|noun| !is_attribute(noun)));
        let target = target.cloned();
        let other = target.as_ref().and_then(|noun| self.draft.entity_for(noun));
        let main = self.draft.make(&[record.to_owned()], false, true)?;
        if let (Some(other), Some(noun)) = (other, target) {
            let many = noun.is_plural && record == "order";
            self.draft.refer(&main, &other, !many, many);
            self.mention(&main);
            self.mention(&other);
        }
        Some(main)
    }

    /// `Each property has an address and several rooms`.
    pub(super) fn has(&mut self, clause: &Clause) -> Option<String> {
        let subject = clause
            .subjects
            .iter()
            .find(|noun| !entities::is_person(noun) || self.draft.find(noun).is_some())?;
        let main = self.draft.entity_for(subject)?;
        for noun in &clause.objects {
            if entities::is_attribute(noun, false) {
                self.fields
                    .extend(self.draft.attribute(&main, noun, self.text));
            } else if let Some(part) = self.draft.entity_for(noun) {
                if noun.is_plural {
                    self.draft.refer(&part, &main, true, false);
                } else {
                    self.draft.refer(&main, &part, false, false);
                }
                self.mention(&part);
            }
        }
        Some(main)
    }

    /// `assign a driver and a vehicle to each delivery`: the delivery refers to both.
    pub(super) fn assignment(&mut self, clause: &Clause) -> Option<String> {
        let objects = if clause.is_passive {
            &clause.subjects
        } else {
            &clause.objects
        };
        let target = clause
            .after(&["to"])
            .next()
            .and_then(|noun| self.draft.entity_for(noun));
        let given: Vec<String> = objects
            .iter()
            .filter_map(|noun| self.draft.entity_for(noun))
            .collect();
        let (main, given) = match target {
            Some(target) => (target, given),
            None => (
                given.first()?.clone(),
                given.get(1..).unwrap_or_default().to_vec(),
            ),
        };
        self.mention(&main);
        for other in given {
            if let Some(field) = self.draft.refer(&main, &other, false, false) {
                self.is(Kind::Assignment(field, other.clone()));
            }
            self.mention(&other);
        }
        Some(main)
    }

    /// Who is notified about which record.
    pub(super) fn notification(&mut self, clause: &Clause, role: &str) -> Option<String> {
        let addressed: Vec<&Noun> = if clause.is_passive {
            clause.subjects.iter().collect()
        } else {
            clause.objects.iter().collect()
        };
        let gets = matches!(clause.verb.as_str(), "get" | "receive")
            || (clause.is_passive && clause.act == Act::Notify);
        let receiver = if gets {
            Some(role.to_owned())
        } else {
            addressed.iter().find_map(|noun| self.draft.find_role(noun))
        };
        let receiver = receiver.or_else(|| {
            clause
                .after(&["to"])
                .find_map(|noun| self.draft.find_role(noun))
        });
        let lower = self.text.to_lowercase();
        self.is(Kind::Notification {
            to: receiver,
            days_before: reading::days_before(&lower),
            state: None,
            in_app: lower.contains("push")
                || lower.contains("in the app")
                || lower.contains("in-app"),
        });
        let candidates = clause.around.iter().map(|(_, noun)| noun).chain(addressed);
        let people =
            |draft: &Draft, name: &str| draft.entity(name).is_some_and(|found| found.is_person);
        let nouns: Vec<Noun> = candidates.cloned().collect();
        let found: Vec<String> = nouns
            .iter()
            .filter_map(|noun| self.draft.find(noun))
            .collect();
        found.into_iter().find(|name| !people(self.draft, name))
    }
}
