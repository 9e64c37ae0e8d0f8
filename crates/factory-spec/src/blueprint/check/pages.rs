//! Pages and endpoints.

use std::collections::BTreeSet;

use super::unknown::unknown_entity;
use crate::blueprint::types::{Blueprint, PageKind};
use crate::fault::{Fault, join};
use crate::message::shown;

/// Longest path of a page or an endpoint.
const PATH_LENGTH_MAX: usize = 200;

pub(super) fn check(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for (index, page) in blueprint.pages.iter().enumerate() {
        let here = join("/pages", index);
        path(&page.path, &here, faults);
        if !seen.insert(page.path.as_str()) {
            let problem = format!("there are two pages `{}`", shown(&page.path));
            faults.push(Fault::new(
                join(&here, "path"),
                problem,
                "give each its own path",
            ));
        }
        if page.title.trim().is_empty() {
            faults.push(Fault::new(
                join(&here, "title"),
                "the page has no title",
                "write its heading",
            ));
        }
        entity_and_story(
            blueprint,
            page.entity.as_deref(),
            page.story.as_deref(),
            &here,
            faults,
        );
        if page.entity.is_none()
            && matches!(
                page.kind,
                PageKind::List | PageKind::Detail | PageKind::Form | PageKind::Board
            )
        {
            faults.push(Fault::new(
                join(&here, "entity"),
                "the page shows records of nothing",
                "name its entity",
            ));
        }
    }
    let mut seen = BTreeSet::new();
    for (index, endpoint) in blueprint.endpoints.iter().enumerate() {
        let here = join("/endpoints", index);
        path(&endpoint.path, &here, faults);
        if !seen.insert((endpoint.method, endpoint.path.as_str())) {
            let problem = format!(
                "there are two endpoints `{}` with this method",
                shown(&endpoint.path)
            );
            faults.push(Fault::new(join(&here, "path"), problem, "keep one"));
        }
        entity_and_story(
            blueprint,
            endpoint.entity.as_deref(),
            endpoint.story.as_deref(),
            &here,
            faults,
        );
    }
}

fn path(path: &str, here: &str, faults: &mut Vec<Fault>) {
    let plain = path
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "/-_{}.".contains(letter));
    let climbs = path.split('/').any(|part| part == ".." || part == ".");
    if !path.starts_with('/')
        || path.contains("//")
        || !plain
        || climbs
        || path.len() > PATH_LENGTH_MAX
    {
        let problem = format!("`{}` is not a valid path", shown(path));
        faults.push(Fault::new(
            join(here, "path"),
            problem,
            "write one such as `/invoices/{id}`",
        ));
    }
}

fn entity_and_story(
    blueprint: &Blueprint,
    entity: Option<&str>,
    story: Option<&str>,
    here: &str,
    faults: &mut Vec<Fault>,
) {
    if let Some(entity) = entity
        && blueprint.entity(entity).is_none()
    {
        faults.push(unknown_entity(blueprint, join(here, "entity"), entity));
    }
    if let Some(story) = story
        && !blueprint.stories.iter().any(|known| known.id == story)
    {
        let problem = format!("there is no story `{}`", shown(story));
        faults.push(Fault::new(
            join(here, "story"),
            problem,
            "name the id of a story, or leave it out",
        ));
    }
}
