//! All rules, group by group.

use factory_core::id::Slug;

use super::limits::ENTITIES_MAX;
use super::{access, entities, pages, references, stories};
use crate::blueprint::types::{Blueprint, SCHEMA_VERSION};
use crate::fault::Fault;
use crate::slug::slug;

/// Number of entities beyond which only their number is a fault.
const FAR_TOO_MANY: usize = 1_000;

/// Checks all rules between the values of a blueprint and returns every fault, in the order of the document.
pub fn check(blueprint: &Blueprint) -> Vec<Fault> {
    let mut faults = Vec::new();
    if blueprint.schema_version != SCHEMA_VERSION {
        faults.push(Fault::new(
            "/schema_version",
            format!("version {} is not known", blueprint.schema_version),
            format!("write {SCHEMA_VERSION}"),
        ));
    }
    product(blueprint, &mut faults);
    if blueprint.entities.len() > FAR_TOO_MANY {
        // Invariant: the rules below compare pairs and walk references, which is bounded only by this.
        let problem = format!("there are {} entities", blueprint.entities.len());
        faults.push(Fault::new(
            "/entities",
            problem,
            format!("keep to {ENTITIES_MAX}, or split the product"),
        ));
        return faults;
    }
    access::check(blueprint, &mut faults);
    entities::check(blueprint, &mut faults);
    references::check(blueprint, &mut faults);
    stories::check(blueprint, &mut faults);
    pages::check(blueprint, &mut faults);
    faults
}

fn product(blueprint: &Blueprint, faults: &mut Vec<Fault>) {
    let product = &blueprint.product;
    if product.name.trim().is_empty() {
        faults.push(Fault::new(
            "/product/name",
            "the product has no name",
            "write its name",
        ));
    }
    if Slug::parse(product.slug.as_str()).is_err() {
        let remedy = match slug(&product.slug).or_else(|_| slug(&product.name)) {
            Ok(slug) => format!("write `{slug}`"),
            Err(_) => "write up to 40 lower-case letters, digits and `-`, starting with a letter"
                .to_owned(),
        };
        faults.push(Fault::new(
            "/product/slug",
            "this is not a valid folder name",
            remedy,
        ));
    }
    if product.one_liner.trim().is_empty() {
        faults.push(Fault::new(
            "/product/one_liner",
            "the product is not described",
            "say in one line what it is",
        ));
    }
}
