//! What the features leave open: a record where none is named, and what a figure is about.

use factory_spec::brief::Brief;

use super::entities;
use super::types::{Draft, FeatureDraft, Kind};
use crate::language::{Clause, Noun, read};

impl Draft {
    /// Something is always kept: where the features name nothing, the one-liner or a plain entry does.
    pub(super) fn fall_back(&mut self, brief: &Brief) {
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
                    "no feature names anything to keep",
                );
                self.ask("Which things must the product keep a record of?");
            }
        }
        let first = self
            .entities
            .iter()
            .find(|draft| !draft.is_person)
            .or_else(|| self.entities.first());
        let first = first.map(|draft| draft.entity.name.clone());
        let mut earlier = first;
        self.settle_figures();
        for index in 0..self.features.len() {
            let Some(feature) = self.features.get_mut(index) else {
                continue;
            };
            if feature.entities.is_empty() {
                let Some(name) = &earlier else { continue };
                feature.entities.push(name.clone());
                let (text, name) = (feature.text.clone(), name.clone());
                self.assume(
                    format!("“{text}” is about {name}."),
                    format!("S{}", index + 1),
                );
            } else {
                earlier = feature.entities.first().cloned();
            }
        }
    }

    /// A figure per property is about what refers to properties.
    fn settle_figures(&mut self) {
        for index in 0..self.features.len() {
            let Some(FeatureDraft {
                kind:
                    Kind::Report {
                        by: Some(by),
                        measure,
                    },
                entities,
                ..
            }) = self.features.get(index)
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
            if let Some(feature) = self.features.get_mut(index) {
                feature.entities.retain(|name| *name != main);
                feature.entities.insert(0, main);
                feature.kind = Kind::Report {
                    measure,
                    by: Some(by),
                };
            }
        }
    }
}
