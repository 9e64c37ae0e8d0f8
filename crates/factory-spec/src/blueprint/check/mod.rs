//! The rules that a blueprint must keep, all checked, every fault named at once.
//!
//! [`check`] walks the document once per group of rules: names and fields, references, workflows and
//! permissions, stories with their acceptance, pages. A rule that cannot be judged because of another fault (a
//! step on an unknown entity) stays silent, so that one mistake gives one fault.

mod access;
mod field;
mod names;
mod pages;
mod references;
mod steps;
mod stories;
mod values;

use factory_core::id::Slug;

use super::types::{Blueprint, SCHEMA_VERSION};
use crate::fault::Fault;

pub use names::{is_entity_name, is_field_name, is_role_name, is_transition_name};

pub(crate) use field::{Site, field_faults, names_of_fields};
pub(crate) use names::{entity_name_fault, twins};
pub(crate) use references::{Arrow, computed_faults, required_cycles};

/// Most entities of one product.
pub const ENTITIES_MAX: usize = 60;

/// Most fields of one entity.
pub const FIELDS_MAX: usize = 60;

/// Number of entities beyond which only their number is a fault.
const FAR_TOO_MANY: usize = 1_000;

/// Name of the accounts that every product has; it may be referred to like an entity.
pub const USER: &str = "User";

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
    names::check(blueprint, &mut faults);
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
        let remedy = match crate::brief::slug(&product.slug)
            .or_else(|_| crate::brief::slug(&product.name))
        {
            Ok(slug) => format!("write `{slug}`"),
            Err(_) => {
                "write up to 40 lower-case letters, digits and `-`, a letter first".to_owned()
            }
        };
        faults.push(Fault::new(
            "/product/slug",
            "this is not a name for a folder",
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
