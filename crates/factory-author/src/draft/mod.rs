//! What has been understood of a brief so far: roles, entities, and what each feature does to them.
//!
//! `extract` fills it from clauses, the later rooms add what follows (workflows, access). All names that enter
//! are valid in a blueprint; what cannot be named is left out.

mod clauses;
mod entities;
pub(crate) mod extract;
mod relations;
mod rest;
pub(crate) use relations::shape;
mod roles;

use factory_spec::blueprint::{
    Assumption, Entity, FIELDS_MAX, Field, FieldType, OnDelete, Reference, is_field_name,
};

use crate::language::Act;

/// Most entities that rules derive; a brief that names more things is summarised by its first ones.
const DERIVED_MAX: usize = 24;

/// Who uses the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleDraft {
    pub(crate) name: String,
    /// Singular words as they stand in the brief.
    pub(crate) words: Vec<String>,
    /// Works for the one who runs the product, so that records are shared among colleagues.
    pub(crate) is_staff: bool,
    /// Is served, so that the product keeps records of them.
    pub(crate) is_served: bool,
}

/// A transition that somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) rank: u8,
    pub(crate) role: String,
}

/// What the product keeps.
#[derive(Debug, Clone)]
pub(crate) struct EntityDraft {
    pub(crate) entity: Entity,
    /// Given by the founder: its fields stay as they are.
    pub(crate) is_fixed: bool,
    /// Singular words as they stand in the brief.
    pub(crate) words: Vec<String>,
    pub(crate) is_person: bool,
    /// Comes from a verb (`book` → a booking).
    pub(crate) is_event: bool,
    /// Is asked for, so that somebody has to answer.
    pub(crate) is_requested: bool,
    /// Roles that make such records, in order.
    pub(crate) creators: Vec<String>,
    pub(crate) moves: Vec<Move>,
}

/// What one feature does.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    /// The feature's text.
    pub(crate) text: String,
    pub(crate) role: String,
    pub(crate) kind: Kind,
    /// Main entity and others, by name.
    pub(crate) entities: Vec<String>,
    /// All that is done: role, act, entity.
    pub(crate) acts: Vec<(String, Act, String)>,
    /// Fields of the main entity that the feature names.
    pub(crate) fields: Vec<String>,
}

/// What kind of story a feature becomes, with what was read of its detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Records,
    /// A record is given another: field, entity.
    Assignment(String, String),
    /// Transition and state.
    Move(String, String),
    /// A yes-or-no field is set.
    Flag(String),
    /// A figure: whether it is a sum or mean of money, and by what it is split.
    Figure {
        measure: factory_spec::blueprint::Measure,
        by: Option<String>,
    },
    Telling {
        to: Option<String>,
        days_before: Option<u32>,
        state: Option<String>,
        in_app: bool,
    },
    Exchange {
        import: bool,
        format: factory_spec::blueprint::Format,
    },
    Prediction,
    Own,
}

/// What has been understood so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) roles: Vec<RoleDraft>,
    pub(crate) entities: Vec<EntityDraft>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) assumptions: Vec<Assumption>,
    /// Moves that a feature waits for without saying who makes them: entity and move.
    pub(crate) awaited: Vec<(String, Move)>,
    /// Moves that come after another, whatever is usual: entity, the later one, the earlier one.
    pub(crate) orders: Vec<(String, String, String)>,
    /// What only a person can answer.
    pub(crate) questions: Vec<String>,
}

impl Draft {
    pub(crate) fn entity(&self, name: &str) -> Option<&EntityDraft> {
        self.entities.iter().find(|draft| draft.entity.name == name)
    }

    pub(crate) fn entity_mut(&mut self, name: &str) -> Option<&mut EntityDraft> {
        self.entities
            .iter_mut()
            .find(|draft| draft.entity.name == name)
    }

    pub(crate) fn role(&self, name: &str) -> Option<&RoleDraft> {
        self.roles.iter().find(|role| role.name == name)
    }

    pub(crate) fn assume(&mut self, text: impl Into<String>, because: impl Into<String>) {
        let text = text.into();
        if self.assumptions.iter().all(|known| known.text != text) {
            self.assumptions.push(Assumption {
                text,
                because: Some(because.into()),
                confirm_with: Some("founder".to_owned()),
            });
        }
    }

    pub(crate) fn ask(&mut self, question: impl Into<String>) {
        let question = question.into();
        if !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    /// Adds a reference, required where that closes no circle, and returns the field that leads there.
    pub(crate) fn refer(
        &mut self,
        from: &str,
        to: &str,
        required: bool,
        many: bool,
    ) -> Option<String> {
        if from == to || self.entity(to).is_none() {
            return None;
        }
        let leads = |field: &&Field| {
            field
                .references
                .as_ref()
                .is_some_and(|target| target.entity == to)
        };
        if let Some(field) = self.entity(from)?.entity.fields.iter().find(leads) {
            return Some(field.name.clone());
        }
        let target = self.entity(to)?;
        let words = if target.words.is_empty() {
            factory_spec::name::words(to)
        } else {
            target.words.clone()
        };
        let one = words.join("_").replace('-', "_");
        let name = if many {
            factory_spec::name::snake_case(&target.entity.plural)
        } else {
            one
        };
        let is_fixed = self.entity(from).is_some_and(|draft| draft.is_fixed);
        let required = required && !many && !is_fixed && !self.requires(to, from);
        let field = Field {
            name,
            field_type: if many {
                FieldType::Refs
            } else {
                FieldType::Ref
            },
            required,
            references: Some(Reference {
                entity: to.to_owned(),
                on_delete: OnDelete::Restrict,
            }),
            ..Field::default()
        };
        if is_fixed {
            self.assume(
                format!("{from} refers to {to}."),
                "the features connect the two",
            );
        }
        self.entity_mut(from)?.add(field)
    }

    /// Whether a record of `from` needs one of `to`, directly or through others.
    fn requires(&self, from: &str, to: &str) -> bool {
        let mut open = vec![from];
        let mut seen: Vec<&str> = Vec::new();
        while let Some(name) = open.pop() {
            if name == to {
                return true;
            }
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let fields = self
                .entity(name)
                .map(|draft| draft.entity.fields.as_slice())
                .unwrap_or_default();
            let targets = fields
                .iter()
                .filter(|field| field.required)
                .filter_map(|field| field.references.as_ref());
            open.extend(targets.map(|reference| reference.entity.as_str()));
        }
        false
    }
}

impl EntityDraft {
    /// Adds a field under its name, or under `<entity>_<name>` where the name is taken, if there is room.
    pub(crate) fn add(&mut self, mut field: Field) -> Option<String> {
        if self.entity.fields.len() >= FIELDS_MAX {
            return None;
        }
        let with_entity = format!(
            "{}_{}",
            factory_spec::name::snake_case(&self.entity.name),
            field.name
        );
        let with_link = format!("linked_{}", field.name);
        let name = [field.name.clone(), with_entity, with_link]
            .into_iter()
            .find(|name| self.is_free(name))?;
        field.name.clone_from(&name);
        self.entity.fields.push(field);
        Some(name)
    }

    /// Whether a name is valid and clashes neither with a field nor with the column of a reference.
    fn is_free(&self, name: &str) -> bool {
        let key = |name: &str| name.replace('_', "").to_lowercase();
        let wanted = key(name);
        is_field_name(name)
            && self.entity.fields.iter().all(|field| {
                let taken = key(&field.name);
                taken != wanted && format!("{taken}id") != wanted && format!("{wanted}id") != taken
            })
    }

    pub(crate) fn created_by(&mut self, role: &str) {
        if !self.creators.iter().any(|known| known == role) {
            self.creators.push(role.to_owned());
        }
    }
}
