//! Pages and endpoints: for each entity a list, a record, a form and what programs call; for each report a page.

use factory_spec::blueprint::{Detail, Endpoint, Entity, Method, Page, PageKind, Story};
use factory_spec::name::{kebab_case, title_case};

/// The pages of a product.
pub(crate) fn pages(entities: &[Entity], stories: &[Story]) -> Vec<Page> {
    let mut pages = Vec::new();
    for entity in entities {
        let base = format!("/{}", kebab_case(&entity.plural));
        let story = first_story(entity, stories);
        let mut push = |path: String, kind: PageKind, title: String| {
            pages.push(Page {
                path,
                kind,
                entity: Some(entity.name.clone()),
                title,
                story: story.clone(),
            });
        };
        push(base.clone(), PageKind::List, title_case(&entity.plural));
        push(
            format!("{base}/{{id}}"),
            PageKind::Detail,
            title_case(&entity.name),
        );
        push(
            format!("{base}/new"),
            PageKind::Form,
            format!("New {}", title_case(&entity.name).to_lowercase()),
        );
    }
    for story in stories {
        let Some(Detail::Report(report)) = &story.detail else {
            continue;
        };
        let plural = entities
            .iter()
            .find(|entity| entity.name == report.entity)
            .map_or(&report.entity, |entity| &entity.plural);
        let by = report
            .group_by
            .as_ref()
            .map_or_else(String::new, |field| format!("-by-{}", kebab_case(field)));
        let mut path = format!("/reports/{}{by}", kebab_case(plural));
        if pages.iter().any(|page| page.path == path) {
            path = format!("{path}-{}", story.id.to_lowercase());
        }
        let by = report.group_by.as_ref().map_or_else(String::new, |field| {
            format!(" by {}", field.replace('_', " "))
        });
        let title = format!("{}{by}", title_case(plural));
        pages.push(Page {
            path,
            kind: PageKind::Dashboard,
            entity: Some(report.entity.clone()),
            title,
            story: Some(story.id.clone()),
        });
    }
    pages
}

/// What programs call.
pub(crate) fn endpoints(entities: &[Entity], stories: &[Story]) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for entity in entities {
        let base = format!("/api/{}", kebab_case(&entity.plural));
        let one = format!("{base}/{{id}}");
        let story = first_story(entity, stories);
        let mut push = |method: Method, path: String| {
            endpoints.push(Endpoint {
                method,
                path,
                entity: Some(entity.name.clone()),
                story: story.clone(),
            });
        };
        push(Method::Get, base.clone());
        push(Method::Post, base.clone());
        push(Method::Get, one.clone());
        push(Method::Patch, one.clone());
        push(Method::Delete, one.clone());
        for transition in entity
            .workflow
            .iter()
            .flat_map(|workflow| &workflow.transitions)
        {
            push(
                Method::Post,
                format!("{one}/{}", kebab_case(&transition.name)),
            );
        }
    }
    endpoints
}

fn first_story(entity: &Entity, stories: &[Story]) -> Option<String> {
    stories
        .iter()
        .find(|story| story.entities.contains(&entity.name))
        .map(|story| story.id.clone())
}
