//! From the clauses of the features to the draft: who does what to which record.

use factory_core::blueprint::Measure;
use factory_core::brief::Brief;

use super::{Deed, Draft, Kind, Move, entities, roles};
use crate::language::words::{FIGURES, OCCASIONS, TELLING};
use crate::language::{Act, Clause, Noun, attributes, read};
use crate::reading;

/// Reads a whole brief.
pub(crate) fn extract(brief: &Brief) -> Draft {
    let mut draft = Draft::default();
    for entity in &brief.entities {
        draft.fix(entity);
    }
    let clauses: Vec<Vec<Clause>> = brief.features.iter().map(|feature| read(feature)).collect();
    draft.collect_roles(brief, &clauses);
    let made: Vec<String> = clauses
        .iter()
        .flatten()
        .filter(|clause| matches!(clause.act, Act::Create | Act::Manage))
        .flat_map(|clause| clause.objects.iter().map(|noun| noun.head().to_owned()))
        .collect();
    for (feature, clauses) in brief.features.iter().zip(&clauses) {
        let mut reader = FeatureReader::new(&mut draft, feature, &made);
        for clause in clauses {
            reader.clause(clause);
        }
        let deed = reader.finish();
        draft.deeds.push(deed);
    }
    for (entity, step) in std::mem::take(&mut draft.awaited) {
        if let Some(entity) = draft.entity_mut(&entity)
            && entity.moves.iter().all(|known| known.name != step.name)
        {
            entity.moves.push(step);
        }
    }
    for (entity, later, earlier) in std::mem::take(&mut draft.orders) {
        let Some(entity) = draft.entity_mut(&entity) else {
            continue;
        };
        let rank = entity
            .moves
            .iter()
            .find(|step| step.name == earlier)
            .map(|step| step.rank);
        for step in entity.moves.iter_mut().filter(|step| step.name == later) {
            step.rank = rank.map_or(step.rank, |rank| {
                step.rank.max(rank.saturating_add(1).min(89))
            });
        }
    }
    draft.fall_back(brief);
    draft
}

struct FeatureReader<'a> {
    draft: &'a mut Draft,
    text: &'a str,
    /// Heads of nouns that somebody makes on purpose anywhere in the brief.
    made: &'a [String],
    role: Option<String>,
    kind: Option<Kind>,
    entities: Vec<String>,
    acts: Vec<(String, Act, String)>,
    fields: Vec<String>,
    state: Option<String>,
}

impl<'a> FeatureReader<'a> {
    fn new(draft: &'a mut Draft, text: &'a str, made: &'a [String]) -> Self {
        Self {
            draft,
            text,
            made,
            role: None,
            kind: None,
            entities: Vec::new(),
            acts: Vec::new(),
            fields: Vec::new(),
            state: None,
        }
    }

    fn finish(self) -> Deed {
        let role = self.role.unwrap_or_else(|| self.draft.default_role());
        let mut kind = self.kind.unwrap_or(Kind::Records);
        if let Kind::Telling { state, .. } = &mut kind {
            *state = self.state;
        }
        Deed {
            text: self.text.to_owned(),
            role,
            kind,
            entities: self.entities,
            acts: self.acts,
            fields: self.fields,
        }
    }

    fn mention(&mut self, entity: &str) {
        if !self.entities.iter().any(|known| known == entity) {
            self.entities.push(entity.to_owned());
        }
    }

    fn is(&mut self, kind: Kind) {
        self.kind.get_or_insert(kind);
    }

    fn clause(&mut self, clause: &Clause) {
        if clause.is_condition {
            self.condition(clause);
            return;
        }
        let actors: Vec<String> = roles::acting(clause)
            .into_iter()
            .filter_map(|noun| self.draft.find_role(noun))
            .collect();
        let role = actors
            .first()
            .cloned()
            .or_else(|| self.role.clone())
            .unwrap_or_else(|| self.draft.default_role());
        if self.role.is_none() && !clause.verb.is_empty() {
            self.role = Some(role.clone());
        }
        let act = self.effective(clause, &role);
        let main = match act {
            Act::Notify => self.telling(clause, &role),
            Act::Event(record) => self.event(clause, record),
            Act::Have => self.has(clause),
            Act::Assign => self.assignment(clause),
            Act::Light if clause.verb.is_empty() => self.things(clause, act),
            _ => self.things(clause, act),
        };
        let Some(main) = main else {
            self.note_kind(clause, act, None, &role);
            return;
        };
        let (fields, others) = if act == Act::Assign {
            (Vec::new(), Vec::new())
        } else {
            self.draft.surroundings(&main, clause, self.text)
        };
        self.fields.extend(fields);
        self.mention(&main);
        others.iter().for_each(|other| self.mention(other));
        if matches!(act, Act::Create)
            && let Some(total) = self.draft.computed_total(&main, clause)
        {
            self.fields.push(total);
        }
        if clause.verb == "request"
            && let Some(entity) = self.draft.entity_mut(&main)
        {
            entity.is_requested = true;
        }
        let main = self.record_behind(&main, act, &role);
        self.note_kind(clause, act, Some(&main), &role);
        for actor in if actors.is_empty() {
            vec![role]
        } else {
            actors
        } {
            self.done_by(&actor, act, &main);
        }
    }

    /// What the verb asks for here, where its object or its subject changes that.
    fn effective(&self, clause: &Clause, role: &str) -> Act {
        let is_staff = self.draft.role(role).is_some_and(|role| role.is_staff);
        let head = clause.objects.first().map_or("", Noun::head);
        let tells = TELLING.contains(&head) && !self.made.iter().any(|made| made == head);
        match clause.act {
            Act::Light | Act::Transition("send", ..) | Act::Create if tells && head != "email" => {
                Act::Notify
            }
            Act::Light if tells => Act::Notify,
            Act::Notify
                if clause.verb == "email"
                    && clause.objects.iter().any(|noun| !entities::is_person(noun))
                    && !clause.objects.is_empty() =>
            {
                Act::Transition("send", "sent", 20)
            }
            Act::Transition("send", ..) if head == "message" => Act::Create,
            Act::Event("review") if is_staff && clause.verb == "review" => {
                Act::Transition("review", "reviewed", 28)
            }
            Act::Event("visit") if is_staff => Act::Create,
            Act::Event(_)
                if clause.verb == "hire" && clause.objects.iter().any(entities::is_person) =>
            {
                Act::Transition("hire", "hired", 85)
            }
            Act::Create if matches!(head, "review" | "rating" | "feedback") => Act::Event("review"),
            Act::Update if clause.verb == "mark" => {
                let state = clause.after(&["as"]).next().map_or("", Noun::head);
                reading::transition_to(state).unwrap_or(Act::Update)
            }
            Act::Read | Act::Report if reading::is_figure(self.text) => Act::Report,
            Act::Read if names_figure(clause) => Act::Report,
            Act::Light | Act::Create
                if FIGURES.contains(&head)
                    && matches!(
                        clause.verb.as_str(),
                        "get" | "receive" | "generate" | "need" | "have"
                    ) =>
            {
                Act::Report
            }
            act => act,
        }
    }

    /// `when an order is shipped`: the state that is waited for, and the record.
    fn condition(&mut self, clause: &Clause) {
        let nouns: Vec<&Noun> = clause.subjects.iter().chain(&clause.objects).collect();
        let named = nouns.iter().find_map(|noun| self.draft.find(noun));
        let is_meant = nouns.iter().any(|noun| noun.is_pronoun);
        let meant = self.entities.first().filter(|_| is_meant).cloned();
        let Some(entity) = named.or(meant) else {
            return;
        };
        self.mention(&entity);
        let is_person = self
            .draft
            .entity(&entity)
            .is_some_and(|draft| draft.is_person);
        let Act::Transition(name, state, rank) = clause.act else {
            return;
        };
        if is_person {
            return;
        }
        match roles::acting(clause)
            .first()
            .and_then(|noun| self.draft.find_role(noun))
        {
            Some(role) => self.moved(&entity, name, state, rank, &role),
            None => {
                let role = self.draft.default_role();
                let step = Move {
                    name: name.to_owned(),
                    state: state.to_owned(),
                    rank,
                    role,
                };
                self.draft.awaited.push((entity.clone(), step));
            }
        }
        self.state = Some(name.to_owned());
        let lower = self.text.to_lowercase();
        let comes_later = lower.contains(" after ") || lower.contains(" once ");
        if let Some(Kind::Move(later, _)) = &self.kind
            && comes_later
        {
            self.draft
                .orders
                .push((entity, later.clone(), name.to_owned()));
        }
    }

    /// Entities and attributes among the objects; the first entity is what the clause is about.
    fn things(&mut self, clause: &Clause, act: Act) -> Option<String> {
        let objects = if clause.is_passive {
            &clause.subjects
        } else {
            &clause.objects
        };
        let is_made = matches!(
            act,
            Act::Create | Act::Manage | Act::Import | Act::Delete | Act::Transition(..)
        );
        // `give customers a card`: the first of two objects receives the second.
        let (receiver, objects) = match objects.split_first() {
            Some((first, rest))
                if clause.verb == "give" && !rest.is_empty() && entities::is_person(first) =>
            {
                (Some(first), rest)
            }
            _ => (None, objects.as_slice()),
        };
        let mut main: Option<String> = None;
        for noun in objects {
            if noun.is_pronoun {
                main = main.or_else(|| self.entities.first().cloned());
                continue;
            }
            let is_attribute =
                entities::is_attribute(noun, is_made) && self.draft.find(noun).is_none();
            let owner = noun
                .owner
                .as_ref()
                .and_then(|owner| self.draft.entity_for(owner));
            if is_attribute {
                let home = owner
                    .or_else(|| self.home_of_attribute(clause))
                    .or_else(|| main.clone());
                if let Some(home) = home {
                    self.fields
                        .extend(self.draft.attribute(&home, noun, self.text));
                    main.get_or_insert(home);
                } else if matches!(act, Act::Transition("pay" | "settle" | "refund", ..)) {
                    main = self.draft.make(&["payment".to_owned()], false, true);
                } else if matches!(act, Act::Create | Act::Manage) && noun.head() == "hour" {
                    // Hours that somebody logs are entries of their own.
                    main = self
                        .draft
                        .make(&["time".to_owned(), "entry".to_owned()], false, true);
                    if let Some(entry) = &main {
                        self.fields
                            .extend(self.draft.attribute(entry, noun, self.text));
                    }
                }
                continue;
            }
            if !self.is_kept(noun, act) {
                continue;
            }
            let Some(entity) = self.draft.entity_for(noun) else {
                continue;
            };
            if let Some(owner) = owner
                && owner != entity
            {
                self.draft.refer(&entity, &owner, is_made, false);
                self.mention(&owner);
            }
            self.mention(&entity);
            main.get_or_insert(entity);
        }
        if let (Some(main), Some(receiver)) = (&main, receiver)
            && let Some(receiver) = self.draft.entity_for(receiver)
        {
            self.draft.refer(main, &receiver, true, false);
            self.mention(&receiver);
        }
        main.or_else(|| self.main_around(clause, act))
    }

    /// Whether a noun is a thing to keep: what is only looked at must be several or well known.
    fn is_kept(&self, noun: &Noun, act: Act) -> bool {
        let is_role = self.draft.find_role(noun).is_some() || entities::is_person(noun);
        if self.draft.find(noun).is_some() {
            return true;
        }
        match act {
            Act::Light | Act::Have => false,
            Act::Read | Act::Report | Act::Custom | Act::Predict | Act::Export => {
                !is_role && (noun.is_plural || crate::language::known::is_known(noun.head()))
            }
            Act::Notify => false,
            _ => true,
        }
    }

    /// `the status of a delivery`, `a price for each room`: where an attribute belongs.
    fn home_of_attribute(&mut self, clause: &Clause) -> Option<String> {
        let nouns: Vec<Noun> = clause
            .after(&["of", "for", "to", "on", "in"])
            .cloned()
            .collect();
        for noun in nouns {
            if attributes::find(&noun.full_words()).is_none()
                && let Some(entity) = self.draft.entity_for(&noun)
            {
                return Some(entity);
            }
        }
        None
    }

    /// A clause without an entity as object may have it after a preposition: `pay for a booking`.
    fn main_around(&mut self, clause: &Clause, act: Act) -> Option<String> {
        if matches!(act, Act::Light | Act::Have) {
            return None;
        }
        let nouns: Vec<Noun> = clause
            .after(&["for", "of", "on", "about", "from", "through"])
            .cloned()
            .collect();
        nouns.iter().find_map(|noun| {
            if self.is_kept(noun, act) {
                self.draft.entity_for(noun)
            } else {
                self.draft.find(noun)
            }
        })
    }

    /// `Members book a class`: a booking of a class; `patients book an appointment`: the appointment itself.
    fn event(&mut self, clause: &Clause, record: &str) -> Option<String> {
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
    fn has(&mut self, clause: &Clause) -> Option<String> {
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
    fn assignment(&mut self, clause: &Clause) -> Option<String> {
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

    /// Who is told about which record.
    fn telling(&mut self, clause: &Clause, role: &str) -> Option<String> {
        let told: Vec<&Noun> = if clause.is_passive {
            clause.subjects.iter().collect()
        } else {
            clause.objects.iter().collect()
        };
        let gets = matches!(clause.verb.as_str(), "get" | "receive")
            || (clause.is_passive && clause.act == Act::Notify);
        let receiver = if gets {
            Some(role.to_owned())
        } else {
            told.iter().find_map(|noun| self.draft.find_role(noun))
        };
        let receiver = receiver.or_else(|| {
            clause
                .after(&["to"])
                .find_map(|noun| self.draft.find_role(noun))
        });
        let lower = self.text.to_lowercase();
        self.is(Kind::Telling {
            to: receiver,
            days_before: reading::days_before(&lower),
            state: None,
            in_app: lower.contains("push")
                || lower.contains("in the app")
                || lower.contains("in-app"),
        });
        let candidates = clause.around.iter().map(|(_, noun)| noun).chain(told);
        let people =
            |draft: &Draft, name: &str| draft.entity(name).is_some_and(|found| found.is_person);
        let nouns: Vec<Noun> = candidates.cloned().collect();
        let found: Vec<String> = nouns
            .iter()
            .filter_map(|noun| self.draft.find(noun))
            .collect();
        found.into_iter().find(|name| !people(self.draft, name))
    }

    /// A move of something that was booked is a move of the booking.
    fn record_behind(&mut self, main: &str, act: Act, role: &str) -> String {
        let Act::Transition(name, ..) = act else {
            return main.to_owned();
        };
        let is_served = self.draft.role(role).is_some_and(|role| role.is_served);
        let is_person = self.draft.entity(main).is_some_and(|draft| draft.is_person);
        let gives_back = matches!(name, "bring_back" | "renew");
        if !(is_person || is_served || gives_back) {
            return main.to_owned();
        }
        let leads = |draft: &&super::EntityDraft| {
            draft.is_event
                && draft.entity.fields.iter().any(|field| {
                    field
                        .references
                        .as_ref()
                        .is_some_and(|to| to.entity == main)
                })
        };
        let behind = self
            .draft
            .entities
            .iter()
            .find(leads)
            .map(|draft| draft.entity.name.clone());
        match behind {
            Some(behind) => {
                self.entities.retain(|name| *name != behind);
                self.entities.insert(0, behind.clone());
                behind
            }
            None => main.to_owned(),
        }
    }

    fn note_kind(&mut self, clause: &Clause, act: Act, main: Option<&str>, role: &str) {
        let lower = self.text.to_lowercase();
        match (act, main) {
            (Act::Transition(name, state, rank), Some(main)) => {
                let is_person = self.draft.entity(main).is_some_and(|draft| draft.is_person);
                let is_new_event = main == "Payment";
                if is_new_event || is_person {
                    self.is(Kind::Records);
                } else {
                    self.moved(main, name, state, rank, role);
                    self.is(Kind::Move(name.to_owned(), state.to_owned()));
                }
            }
            (Act::Report, _) => {
                let around = clause.around.iter().map(|(_, noun)| noun);
                let each = clause.objects.iter().chain(around).find(|noun| noun.is_each);
                let by = each.or_else(|| clause.after(&["per", "by"]).next());
                let by = by.and_then(|noun| self.draft.find(noun));
                self.is(Kind::Figure {
                    measure: reading::measure(&lower),
                    by,
                });
            }
            (Act::Export, _) => self.is(Kind::Exchange {
                import: false,
                format: reading::format(&lower),
            }),
            (Act::Import, _) => self.is(Kind::Exchange {
                import: true,
                format: reading::format(&lower),
            }),
            (Act::Predict, _) => self.is(Kind::Prediction),
            (Act::Custom, _) => self.is(Kind::Own),
            (
                Act::Create | Act::Manage | Act::Read | Act::Update | Act::Delete | Act::Event(_),
                Some(_),
            ) => self.is(Kind::Records),
            _ => {}
        }
    }

    fn moved(&mut self, entity: &str, name: &str, state: &str, rank: u8, role: &str) {
        let step = Move {
            name: name.to_owned(),
            state: state.to_owned(),
            rank,
            role: role.to_owned(),
        };
        if let Some(draft) = self.draft.entity_mut(entity)
            && !draft.moves.contains(&step)
        {
            draft.moves.push(step);
        }
    }

    /// Remembers who did it; people who are served become records that others can refer to.
    fn done_by(&mut self, role: &str, act: Act, main: &str) {
        self.acts.push((role.to_owned(), act, main.to_owned()));
        let makes = matches!(act, Act::Create | Act::Manage | Act::Event(_) | Act::Import)
            || (main == "Payment" && matches!(act, Act::Transition(..)));
        if makes && let Some(draft) = self.draft.entity_mut(main) {
            draft.created_by(role);
        }
        let served = self
            .draft
            .role(role)
            .filter(|role| role.is_served)
            .map(|role| role.words.clone());
        let is_deed = makes || matches!(act, Act::Transition(..));
        let main_is_person = self.draft.entity(main).is_some_and(|draft| draft.is_person);
        if let Some(words) = served
            && is_deed
            && !main_is_person
            && let Some(person) = self.draft.make(&words, true, false)
        {
            self.draft.refer(main, &person, true, false);
            self.mention(&person);
        }
    }
}

impl Draft {
    /// Something is always kept: where the features name nothing, the one-liner or a plain entry does.
    fn fall_back(&mut self, brief: &Brief) {
        if self.entities.is_empty() {
            let clauses: Vec<Clause> = read(&brief.one_liner);
            let nouns: Vec<Noun> = clauses
                .iter()
                .flat_map(|clause| clause.objects.iter().chain(&clause.subjects).cloned())
                .filter(|noun| {
                    !entities::is_person(noun)
                        && noun.is_plural
                        && !entities::is_attribute(noun, false)
                })
                .collect();
            let named = nouns.iter().find_map(|noun| self.entity_for(noun));
            let name = named.or_else(|| self.make(&["item".to_owned()], false, false));
            if let Some(name) = name {
                self.assume(
                    format!("The product keeps one kind of record, called {name}."),
                    "no feature names a thing to keep",
                );
                self.ask("Which things must the product keep a record of?");
            }
        }
        let first = self
            .entities
            .iter()
            .find(|draft| !draft.is_person)
            .or(self.entities.first());
        let first = first.map(|draft| draft.entity.name.clone());
        let mut earlier = first;
        self.settle_figures();
        for index in 0..self.deeds.len() {
            let Some(deed) = self.deeds.get_mut(index) else {
                continue;
            };
            if deed.entities.is_empty() {
                let Some(name) = &earlier else { continue };
                deed.entities.push(name.clone());
                let (text, name) = (deed.text.clone(), name.clone());
                self.assume(
                    format!("“{text}” is about {name}."),
                    format!("S{}", index + 1),
                );
            } else {
                earlier = deed.entities.first().cloned();
            }
        }
    }

    /// A figure per property is about what refers to properties.
    fn settle_figures(&mut self) {
        for index in 0..self.deeds.len() {
            let Some(Deed {
                kind:
                    Kind::Figure {
                        by: Some(by),
                        measure,
                    },
                entities,
                ..
            }) = self.deeds.get(index)
            else {
                continue;
            };
            let (by, measure) = (by.clone(), *measure);
            let main = entities.iter().find(|name| **name != by).cloned();
            let main = main.or_else(|| {
                let leads = |name: &str| {
                    self.entity(name).is_some_and(|draft| {
                        draft.entity.fields.iter().any(|field| {
                            field.references.as_ref().is_some_and(|to| to.entity == by)
                        })
                    })
                };
                self.entities
                    .iter()
                    .map(|draft| draft.entity.name.clone())
                    .find(|name| leads(name))
            });
            let main = main.unwrap_or_else(|| by.clone());
            self.refer(&main, &by, false, false);
            if let Some(deed) = self.deeds.get_mut(index) {
                deed.entities.retain(|name| *name != main);
                deed.entities.insert(0, main);
                deed.kind = Kind::Figure {
                    measure,
                    by: Some(by),
                };
            }
        }
    }
}

/// Whether a figure is among the nouns of a clause: `revenue per month`.
fn names_figure(clause: &Clause) -> bool {
    let around = clause.around.iter().map(|(_, noun)| noun);
    clause
        .objects
        .iter()
        .chain(around)
        .any(|noun| FIGURES.contains(noun.head()))
}

/// Whether a measure needs a number.
pub(crate) fn needs_number(measure: Measure) -> bool {
    matches!(measure, Measure::Sum | Measure::Mean)
}
