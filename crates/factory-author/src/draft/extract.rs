//! From the clauses of the features to the draft: who does what to which record.

use factory_spec::blueprint::Measure;
use factory_spec::brief::Brief;

use super::types::{Draft, FeatureDraft, Kind, Move};
use super::{entities, roles};
use crate::language::words::{FIGURES, TELLING};
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
        let feature = reader.finish();
        draft.features.push(feature);
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

pub(super) struct FeatureReader<'a> {
    pub(super) draft: &'a mut Draft,
    pub(super) text: &'a str,
    /// Heads of nouns that somebody makes on purpose anywhere in the brief.
    pub(super) made: &'a [String],
    role: Option<String>,
    kind: Option<Kind>,
    pub(super) entities: Vec<String>,
    acts: Vec<(String, Act, String)>,
    pub(super) fields: Vec<String>,
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

    fn finish(self) -> FeatureDraft {
        let role = self.role.unwrap_or_else(|| self.draft.default_role());
        let mut kind = self.kind.unwrap_or(Kind::Records);
        if let Kind::Notification { state, .. } = &mut kind {
            *state = self.state;
        }
        FeatureDraft {
            text: self.text.to_owned(),
            role,
            kind,
            entities: self.entities,
            acts: self.acts,
            fields: self.fields,
        }
    }

    pub(super) fn mention(&mut self, entity: &str) {
        if !self.entities.iter().any(|known| known == entity) {
            self.entities.push(entity.to_owned());
        }
    }

    pub(super) fn is(&mut self, kind: Kind) {
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
            Act::Notify => self.notification(clause, &role),
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
        for other in &others {
            self.mention(other);
        }
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
        let tells = TELLING.contains(head) && !self.made.iter().any(|made| made == head);
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
                if FIGURES.contains(head)
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
        if let Some(role) = roles::acting(clause)
            .first()
            .and_then(|noun| self.draft.find_role(noun))
        {
            self.moved(&entity, name, state, rank, &role);
        } else {
            let role = self.draft.default_role();
            let step = Move {
                name: name.to_owned(),
                state: state.to_owned(),
                rank,
                role,
            };
            self.draft.awaited.push((entity.clone(), step));
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
                } else {
                    main = self.record_of_attribute(noun, act).or(main);
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

    /// `pay rent` is a payment, `log hours` an entry: the attribute makes a record of its own.
    fn record_of_attribute(&mut self, noun: &Noun, act: Act) -> Option<String> {
        let words: &[&str] = match act {
            Act::Transition("pay" | "settle" | "refund", ..) => &["payment"],
            Act::Create | Act::Manage if noun.head() == "hour" => &["time", "entry"],
            _ => return None,
        };
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let record = self.draft.make(&words, false, true)?;
        if noun.head() == "hour" {
            let field = self.draft.attribute(&record, noun, self.text);
            self.fields.extend(field);
        }
        Some(record)
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
                let each = clause
                    .objects
                    .iter()
                    .chain(around)
                    .find(|noun| noun.is_each);
                let by = each.or_else(|| clause.after(&["per", "by"]).next());
                let by = by.and_then(|noun| self.draft.find(noun));
                self.is(Kind::Report {
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
            (Act::Custom, _) => self.is(Kind::Custom),
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
