//! Which slices a blueprint asks for, in which order, and what each of them may write.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value as Rendered;
use serde_json::Value;

use crate::fault::RenderError;
use crate::manifest::{ForEach, Slice};
use crate::template::Template;

/// Everything that a template builds of a blueprint, and what it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The slices: by rule in the template's order, then by subject in the blueprint's.
    pub slices: Vec<PlannedSlice>,
    /// Stories for which the template has no slice.
    pub unbuilt: Vec<Unbuilt>,
}

/// One slice for one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSlice {
    /// `entity:Invoice`, `story:S1`, `migrations`: the slice's name and the subject's.
    pub id: String,
    /// Name of the slice in the template.
    pub slice: String,
    /// For what it is rendered.
    pub for_each: ForEach,
    /// Its subject; none for a slice of the product.
    pub subject: Option<Subject>,
    /// Ids of the slices that must have landed before.
    pub needs: Vec<String>,
    /// Files that are its own: its `write` claims.
    pub write: Vec<String>,
    /// Shared files that it adds lines to: its `edit` claims.
    pub edit: Vec<String>,
    /// Whether it may be rendered again on a newer base instead of being merged.
    pub rerenders: bool,
}

/// Which entity or story of the blueprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Position in the blueprint's list.
    pub index: usize,
    /// Name of the entity or id of the story.
    pub name: String,
}

/// A story that the template cannot build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unbuilt {
    /// Id of the story.
    pub story: String,
    /// Why not.
    pub why: String,
}

impl Template {
    /// Plans the slices of a blueprint. Each is rendered to learn which files it makes.
    ///
    /// # Errors
    ///
    /// When the blueprint does not have the shape of one, a slice cannot be rendered, or two slices make the same file.
    pub fn plan(
        &self,
        answers: &BTreeMap<String, Value>,
        blueprint: &Value,
    ) -> Result<Plan, RenderError> {
        let subjects = Subjects::of(blueprint)?;
        let context = self.context(answers, blueprint)?;
        let mut slices = Vec::new();
        let mut writers = BTreeMap::new();
        for slice in &self.manifest().slices {
            for subject in subjects.of_slice(slice) {
                let planned = self.planned(slice, subject, &context)?;
                for path in &planned.write {
                    if let Some(first) = writers.insert(path.clone(), planned.id.clone()) {
                        let (path, second) = (path.clone(), planned.id);
                        return Err(RenderError::SameFile {
                            path,
                            first,
                            second,
                        });
                    }
                }
                slices.push(planned);
            }
        }
        let ids: Vec<(String, String, Option<String>)> = slices
            .iter()
            .map(|p| {
                (
                    p.slice.clone(),
                    p.id.clone(),
                    p.subject.as_ref().map(|s| s.name.clone()),
                )
            })
            .collect();
        for planned in &mut slices {
            planned.needs = self.needs(planned, &ids, &subjects);
        }
        Ok(Plan {
            slices,
            unbuilt: subjects.unbuilt(&self.manifest().slices),
        })
    }

    fn planned(
        &self,
        slice: &Slice,
        subject: Option<(usize, &Named<'_>)>,
        context: &Rendered,
    ) -> Result<PlannedSlice, RenderError> {
        let rendered =
            self.rendered_slice(slice, context, subject.map(|(_, named)| named.value))?;
        let edit: BTreeSet<String> = rendered.edits.into_iter().map(|edit| edit.file).collect();
        let id = match subject {
            Some((_, named)) => format!("{}:{}", slice.name, named.name),
            None => slice.name.clone(),
        };
        Ok(PlannedSlice {
            id,
            slice: slice.name.clone(),
            for_each: slice.for_each,
            subject: subject.map(|(index, named)| Subject {
                index,
                name: named.name.to_owned(),
            }),
            needs: Vec::new(),
            write: rendered.files.paths().map(str::to_owned).collect(),
            edit: edit.into_iter().collect(),
            rerenders: true,
        })
    }

    /// The planned slices of the rules in `after`; for a story, of the entities that it names.
    fn needs(
        &self,
        planned: &PlannedSlice,
        ids: &[(String, String, Option<String>)],
        subjects: &Subjects<'_>,
    ) -> Vec<String> {
        let Some(rule) = self.manifest().slice(&planned.slice) else {
            return Vec::new();
        };
        let story = planned
            .subject
            .as_ref()
            .filter(|_| rule.for_each == ForEach::Story);
        let named = story
            .and_then(|story| subjects.stories.get(story.index))
            .map(|story| &story.entities);
        let is_needed = |name: &str, subject: Option<&String>| {
            let of_entities = self
                .manifest()
                .slice(name)
                .is_some_and(|other| other.for_each == ForEach::Entity);
            let known = named.filter(|named| of_entities && !named.is_empty());
            known.is_none_or(|named| {
                subject.is_some_and(|subject| named.contains(&subject.as_str()))
            })
        };
        ids.iter()
            .filter(|(name, _, subject)| {
                rule.after.contains(name) && is_needed(name, subject.as_ref())
            })
            .map(|(_, id, _)| id.clone())
            .collect()
    }
}

/// An entity or a story of the blueprint.
struct Named<'a> {
    name: &'a str,
    kind: &'a str,
    entities: Vec<&'a str>,
    value: &'a Value,
}

struct Subjects<'a> {
    entities: Vec<Named<'a>>,
    stories: Vec<Named<'a>>,
}

impl<'a> Subjects<'a> {
    fn of(blueprint: &'a Value) -> Result<Self, RenderError> {
        let entities = list(blueprint, "entities")?
            .iter()
            .enumerate()
            .map(|(at, value)| {
                let name = text(value, &format!("/entities/{at}"), "name")?;
                Ok(Named {
                    name,
                    kind: "",
                    entities: Vec::new(),
                    value,
                })
            })
            .collect::<Result<_, RenderError>>()?;
        let stories = list(blueprint, "stories")?
            .iter()
            .enumerate()
            .map(|(at, value)| {
                let at = format!("/stories/{at}");
                let names = value.get("entities").and_then(Value::as_array);
                Ok(Named {
                    name: text(value, &at, "id")?,
                    kind: text(value, &at, "kind")?,
                    entities: names
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str)
                        .collect(),
                    value,
                })
            })
            .collect::<Result<_, RenderError>>()?;
        Ok(Self { entities, stories })
    }

    fn of_slice(&self, slice: &Slice) -> Vec<Option<(usize, &Named<'a>)>> {
        let all = match slice.for_each {
            ForEach::Product => return vec![None],
            ForEach::Entity => &self.entities,
            ForEach::Story => &self.stories,
        };
        let is_built =
            |named: &Named<'_>| slice.for_each == ForEach::Entity || builds(slice, named.kind);
        all.iter()
            .enumerate()
            .filter(|(_, named)| is_built(named))
            .map(Some)
            .collect()
    }

    fn unbuilt(&self, slices: &[Slice]) -> Vec<Unbuilt> {
        let is_built = |story: &Named<'_>| {
            slices
                .iter()
                .any(|slice| slice.for_each == ForEach::Story && builds(slice, story.kind))
        };
        self.stories
            .iter()
            .filter(|story| !is_built(story))
            .map(|story| Unbuilt {
                story: story.name.to_owned(),
                why: format!(
                    "the template has no slice for stories of kind `{}`",
                    story.kind
                ),
            })
            .collect()
    }
}

/// Whether a slice of stories builds those of a kind.
fn builds(slice: &Slice, kind: &str) -> bool {
    slice.kinds.is_empty() || slice.kinds.iter().any(|known| known == kind)
}

fn list<'a>(blueprint: &'a Value, key: &str) -> Result<&'a [Value], RenderError> {
    match blueprint.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(RenderError::Blueprint {
            at: format!("/{key}"),
            problem: "this is not a list".to_owned(),
        }),
    }
}

fn text<'a>(value: &'a Value, at: &str, key: &str) -> Result<&'a str, RenderError> {
    value
        .get(key)
        .and_then(Value::as_str)
        .ok_or_else(|| RenderError::Blueprint {
            at: format!("{at}/{key}"),
            problem: "a string is missing".to_owned(),
        })
}
