//! How a draft grows: fields and references with valid names, assumptions, questions.

use factory_spec::blueprint::{
    Assumption, FIELDS_MAX, Field, FieldType, OnDelete, Reference, is_field_name,
};
use factory_spec::name::{snake_case, words};

use super::types::{Draft, EntityDraft, RoleDraft};

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

    /// Adds a reference, required where that closes no cycle, and returns the field that leads there.
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
        let spoken = if target.words.is_empty() {
            words(to)
        } else {
            target.words.clone()
        };
        let one = spoken.join("_").replace('-', "_");
        let name = if many {
            snake_case(&target.entity.plural)
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
    /// Adds a field under its name, or under `<entity>_<name>` where the name is taken, unless the entity is full.
    pub(crate) fn add(&mut self, mut field: Field) -> Option<String> {
        if self.entity.fields.len() >= FIELDS_MAX {
            return None;
        }
        let with_entity = format!("{}_{}", snake_case(&self.entity.name), field.name);
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
