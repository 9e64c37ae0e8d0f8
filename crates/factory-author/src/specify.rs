//! From a brief to a blueprint, and what the brief leaves open.

use factory_spec::blueprint::{Assumption, Blueprint, Entity, FieldType, Product, Quality, Role};
use factory_spec::brief::{Brief, slug};

use crate::draft::{CURRENCY, Draft, RoleDraft, extract};
use crate::{access, fields, pages, stories, unconnected, workflow};

/// The template whose products learn from their records.
const LEARNING_TEMPLATE: &str = "pythonml";

/// Most fields that the search box searches.
const SEARCH_MAX: usize = 4;

/// A blueprint and the questions that rules cannot answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Specified {
    pub(crate) blueprint: Blueprint,
    pub(crate) questions: Vec<String>,
}

/// Derives the blueprint of a brief.
pub(crate) fn specify(brief: &Brief) -> Specified {
    let mut draft = extract::extract(brief);
    fields::complete(&mut draft);
    stories::prepare(&mut draft);
    workflow::complete(&mut draft);
    let access = access::derive(&mut draft);
    describe(&mut draft);
    let mut stories = stories::tell(&draft, &access);
    let model = if brief.template == LEARNING_TEMPLATE {
        stories::model(&draft, &mut stories)
    } else {
        None
    };
    let roles = roles(&draft, &access, brief);
    remarks(&mut draft, brief);
    let entities: Vec<Entity> = draft
        .entities
        .iter()
        .map(|entity| entity.entity.clone())
        .collect();
    let mut blueprint = Blueprint {
        product: Product {
            name: brief.name.clone(),
            slug: slug(&brief.name).map(String::from).unwrap_or_default(),
            one_liner: brief.one_liner.clone(),
            problem: brief.problem.clone(),
            industry: brief.industry.clone(),
            category: brief.category.clone(),
        },
        roles,
        pages: pages::pages(&entities, &stories),
        endpoints: pages::endpoints(&entities, &stories),
        entities,
        stories,
        model,
        quality: Quality::default(),
        assumptions: draft.assumptions,
        ..Blueprint::default()
    };
    blueprint.complete();
    Specified {
        blueprint,
        questions: draft.questions,
    }
}

fn describe(draft: &mut Draft) {
    let texts: Vec<(String, Vec<String>)> = draft
        .features
        .iter()
        .map(|feature| (feature.text.clone(), feature.entities.clone()))
        .collect();
    for entity in &mut draft.entities {
        let name = entity.entity.name.clone();
        let named = texts
            .iter()
            .enumerate()
            .find(|(_, (_, entities))| entities.contains(&name));
        entity.entity.description = match named {
            _ if entity.is_fixed => "Defined in the brief.".to_owned(),
            Some((index, (text, _))) => format!("Named in S{}: “{text}”.", index + 1),
            None => "Needed by other records.".to_owned(),
        };
        let is_text = |field_type| {
            matches!(
                field_type,
                FieldType::Text | FieldType::Email | FieldType::Phone
            )
        };
        let texts = entity
            .entity
            .fields
            .iter()
            .filter(|field| is_text(field.field_type));
        entity.entity.search = texts
            .take(SEARCH_MAX)
            .map(|field| field.name.clone())
            .collect();
    }
}

fn roles(draft: &Draft, access: &access::Access, brief: &Brief) -> Vec<Role> {
    let anyone_signs_up = draft.roles.iter().any(|role| !role.is_staff);
    let description = |role: &RoleDraft| {
        let story_ids: Vec<String> = draft
            .features
            .iter()
            .enumerate()
            .filter(|(_, feature)| feature.role == role.name)
            .map(|(index, _)| format!("S{}", index + 1))
            .collect();
        let who = match (role.is_staff, role.is_served) {
            (true, _) => format!("Works for whoever runs {}", brief.name),
            (false, true) => format!("Is served through {}", brief.name),
            (false, false) => format!("Works with {} on their own account", brief.name),
        };
        if story_ids.is_empty() {
            format!("{who}.")
        } else {
            format!("{who}; acts in {}.", story_ids.join(", "))
        }
    };
    draft
        .roles
        .iter()
        .enumerate()
        .map(|(index, role)| Role {
            name: role.name.clone(),
            description: description(role),
            signs_up: !role.is_staff || (index == 0 && !anyone_signs_up),
            entity: draft
                .entity(&role.name)
                .map(|entity| entity.entity.name.clone()),
            can: access.of(&role.name, draft),
        })
        .collect()
}

/// What a reader should know about how far the rules went.
fn remarks(draft: &mut Draft, brief: &Brief) {
    let has_money = draft
        .entities
        .iter()
        .filter(|entity| !entity.is_fixed)
        .flat_map(|entity| &entity.entity.fields)
        .any(|field| field.field_type == FieldType::Money);
    if has_money {
        draft.assume(
            format!("Amounts are in {CURRENCY}."),
            "the brief names no currency",
        );
    }
    let staff_only = !draft.roles.is_empty() && draft.roles.iter().all(|role| role.is_staff);
    if staff_only && let Some(first) = draft.roles.first().map(|role| role.name.clone()) {
        draft.assume(
            format!("The first {first} signs up; others are invited."),
            "all roles are staff",
        );
    }
    privacy(draft);
    unconnected::remarks(draft);
    if brief.problem.is_none() {
        draft.ask("What is wrong today, and how is it done without the product?");
    }
    draft.assumptions.push(Assumption {
        text: "Pages are in English.".to_owned(),
        because: Some("the brief names no language".to_owned()),
        confirm_with: Some("founder".to_owned()),
    });
}

/// Customers should not see what is meant for others, and rules cannot know which records are.
fn privacy(draft: &mut Draft) {
    let served: Vec<String> = draft
        .roles
        .iter()
        .filter(|role| role.is_served)
        .map(|role| role.name.clone())
        .collect();
    for role in served {
        let foreign: Vec<String> = draft
            .entities
            .iter()
            .filter(|entity| entity.entity.owner.as_deref() != Some(role.as_str()))
            .filter(|entity| entity.moves.iter().any(|step| step.role == role))
            .map(|entity| entity.entity.plural.clone())
            .collect();
        for plural in foreign {
            let words = factory_spec::name::words(&plural).join(" ");
            draft.ask(format!(
                "May a {} see only the {words} addressed to them? By rule they see all of them.",
                role.to_lowercase()
            ));
        }
    }
}
