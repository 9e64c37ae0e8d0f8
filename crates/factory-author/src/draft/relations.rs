//! Attributes that become fields, and words between nouns that become references.

use factory_spec::blueprint::{Field, FieldType};

use super::entities;
use super::types::{CURRENCY, Draft, EntityDraft};
use crate::language::{Act, Clause, Noun, attributes, known, with_article};

/// Prepositions after which the second noun is what the first belongs to or comes from.
const LEADING: &[&str] = &[
    "for",
    "of",
    "with",
    "to",
    "in",
    "at",
    "on",
    "from",
    "against",
    "into",
    "within",
    "under",
    "between",
    "including",
];

/// Heads of things that are parts of another.
const PARTS: &[&str] = &[
    "line",
    "item",
    "position",
    "step",
    "stop",
    "attachment",
    "milestone",
    "ingredient",
    "question",
];

impl Draft {
    /// Adds an attribute to an entity as a field; fields of a fixed entity are only added when they are missing.
    pub(crate) fn attribute(&mut self, entity: &str, noun: &Noun, because: &str) -> Option<String> {
        let (name, field_type) = attributes::find(&noun.full_words())?;
        let draft = self.entity_mut(entity)?;
        let (name, field_type) =
            usual_day(draft, &name).unwrap_or_else(|| (name.replace('-', "_"), field_type));
        if draft.entity.field(&name).is_some() {
            return Some(name);
        }
        let is_fixed = draft.is_fixed;
        let mut field = Field {
            name,
            field_type,
            ..Field::default()
        };
        field.required = !is_fixed && matches!(field.name.as_str(), "name" | "title");
        shape(&mut field);
        let name = draft.add(field)?;
        if is_fixed {
            self.assume(
                format!("{entity} also has the field `{name}`."),
                because.to_owned(),
            );
        }
        Some(name)
    }

    /// Reads what is around the main entity of a clause: attributes become its fields, entities references.
    pub(crate) fn surroundings(
        &mut self,
        main: &str,
        clause: &Clause,
        because: &str,
    ) -> (Vec<String>, Vec<String>) {
        let (mut fields, mut others) = (Vec::new(), Vec::new());
        let makes = matches!(
            clause.act,
            Act::Create
                | Act::Manage
                | Act::Event(_)
                | Act::Transition("publish" | "submit" | "send", ..)
        );
        for (preposition, noun) in &clause.around {
            if let Some(owner) = &noun.owner
                && let Some(owner) = self.entity_for(owner)
            {
                self.attribute(&owner, noun, because);
                if owner != main && LEADING.contains(&preposition.as_str()) {
                    self.refer(main, &owner, makes, false);
                    others.push(owner);
                }
                continue;
            }
            if entities::is_attribute(noun, false) && self.find(noun).is_none() {
                let is_time =
                    attributes::find(&noun.full_words()).is_some_and(|(_, field_type)| {
                        matches!(field_type, FieldType::Date | FieldType::Datetime)
                    });
                let spans = is_time
                    && noun.full_words().len() > 1
                    && matches!(preposition.as_str(), "from" | "to" | "until" | "for" | "on");
                if makes && (spans || matches!(preposition.as_str(), "with" | "including")) {
                    fields.extend(self.attribute(main, noun, because));
                }
                continue;
            }
            if let Some(usual) = self.usual_field(main, preposition, noun) {
                fields.push(usual);
                continue;
            }
            if !self.names_record(preposition, noun, makes || clause.act == Act::Assign) {
                continue;
            }
            let Some(other) = self.entity_for(noun) else {
                continue;
            };
            self.connect(main, &other, noun, preposition, makes);
            others.push(other);
        }
        (fields, others)
    }

    /// `a prescription with medication`: a field that such a record usually has.
    fn usual_field(&self, main: &str, preposition: &str, noun: &Noun) -> Option<String> {
        if preposition != "with" || self.find(noun).is_some() {
            return None;
        }
        let name = noun.words.join("_");
        let draft = self.entity(main)?;
        let head = draft.words.last().map_or("", String::as_str);
        let usual = known::fields_of(head, draft.is_person)
            .iter()
            .find(|(known, _)| *known == name);
        usual.map(|(name, _)| (*name).to_owned())
    }

    /// Whether a noun after a preposition names a record that the main one leads to.
    fn names_record(&self, preposition: &str, noun: &Noun, makes: bool) -> bool {
        if noun.is_pronoun {
            return false;
        }
        if self.find(noun).is_some() {
            return LEADING.contains(&preposition) || preposition == "per";
        }
        // `for delivery`, `by post`: a bare singular says how, it names no record.
        let is_bare =
            !noun.is_determined && !noun.is_plural && !matches!(preposition, "of" | "with" | "per");
        let is_place = matches!(preposition, "in" | "at" | "on" | "from" | "under");
        // Who only comes along in the sentence (`for the accountant`) is not kept.
        let comes_along = entities::is_person(noun) && !makes;
        let belongs = LEADING.contains(&preposition) || (preposition == "per" && makes);
        belongs && !is_bare && !is_place && !comes_along
    }

    fn connect(&mut self, main: &str, other: &str, noun: &Noun, preposition: &str, makes: bool) {
        if main == other {
            return;
        }
        let is_part = PARTS.contains(&noun.head()) && matches!(preposition, "with" | "including");
        if is_part {
            self.refer(other, main, true, false);
        } else if noun.is_plural && matches!(preposition, "with" | "including") {
            self.refer(main, other, false, true);
        } else if self.leads(other, main) {
            // The other way round is known already: one arrow is enough.
        } else {
            let strong = matches!(preposition, "for" | "of" | "with" | "to" | "from" | "in");
            self.refer(main, other, makes && strong, false);
        }
    }

    fn leads(&self, from: &str, to: &str) -> bool {
        let fields = self
            .entity(from)
            .map(|draft| draft.entity.fields.as_slice())
            .unwrap_or_default();
        fields.iter().any(|field| {
            field
                .references
                .as_ref()
                .is_some_and(|target| target.entity == to)
        })
    }

    /// `create an invoice from a job's word count and rate`: quantity times price gives a total.
    pub(crate) fn computed_total(&mut self, main: &str, clause: &Clause) -> Option<String> {
        let mut owner: Option<String> = None;
        let (mut quantity, mut price): (Option<String>, Option<String>) = (None, None);
        for (preposition, noun) in &clause.around {
            if preposition != "from" && preposition != "on" && preposition != "by" {
                continue;
            }
            if let Some(named) = &noun.owner {
                owner = self.find(named);
            }
            let Some(home) = owner.clone() else { continue };
            let (name, field_type) = attributes::find(&noun.full_words())?;
            self.attribute(&home, noun, "the features calculate with it");
            match field_type {
                FieldType::Integer | FieldType::Decimal => quantity = Some(name),
                FieldType::Money => price = Some(name),
                _ => {}
            }
        }
        let (home, quantity, price) = (owner?, quantity?, price?);
        if self.entity(main)?.is_fixed || home == main {
            return None;
        }
        let numeric = |name: &str| {
            self.entity(&home)
                .and_then(|draft| draft.entity.field(name))
                .is_some_and(|field| field.field_type.is_numeric() && field.computed.is_none())
        };
        if !numeric(&quantity) || !numeric(&price) {
            return None;
        }
        let reference = self.refer(main, &home, true, false)?;
        if let Some(draft) = self.entity_mut(&home).filter(|draft| !draft.is_fixed) {
            // Without both there is no total.
            let needed = |field: &&mut Field| field.name == quantity || field.name == price;
            draft
                .entity
                .fields
                .iter_mut()
                .filter(needed)
                .for_each(|field| field.required = true);
        }
        let is_one = self.entity(main)?.entity.field(&reference)?.field_type == FieldType::Ref;
        let computed = format!("{reference}.{quantity} * {reference}.{price}");
        let field = Field {
            name: "total".to_owned(),
            field_type: FieldType::Money,
            currency: Some(CURRENCY.to_owned()),
            computed: Some(computed.clone()),
            ..Field::default()
        };
        let added = if is_one {
            self.entity_mut(main)?.add(field)
        } else {
            None
        };
        if added.is_some() {
            let words = factory_spec::name::words(main).join(" ");
            let text = format!("The total of {} is {computed}.", with_article(&words));
            self.assume(text, "a quantity and a price are named together");
        }
        added
    }
}

/// A plain `date` is the day that such a record usually has: a harvest's is `harvested_on`.
fn usual_day(draft: &EntityDraft, name: &str) -> Option<(String, FieldType)> {
    if name != "scheduled_on" {
        return None;
    }
    let head = draft.words.last()?;
    known::fields_of(head, draft.is_person)
        .iter()
        .find_map(|(usual, short)| {
            let field_type = short
                .trim_end_matches(['!', '^'])
                .parse::<FieldType>()
                .ok()?;
            matches!(field_type, FieldType::Date | FieldType::Datetime)
                .then(|| ((*usual).to_owned(), field_type))
        })
}

/// Gives a field the keys that its type and name ask for.
pub(crate) fn shape(field: &mut Field) {
    match field.field_type {
        FieldType::Money => {
            field.currency = Some(CURRENCY.to_owned());
            field.min = Some(0.into());
        }
        FieldType::Integer if field.name == "rating" || field.name == "stars" => {
            field.min = Some(1.into());
            field.max = Some(5.into());
        }
        FieldType::Integer => field.min = Some(0.into()),
        FieldType::Decimal if !field.name.contains("temperature") => field.min = Some(0.into()),
        _ => {}
    }
}
