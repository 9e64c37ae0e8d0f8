//! A startup that begins with a finished blueprint: the blueprint carries what a brief would say.

use std::path::Path;

use factory_core::id::Slug;
use factory_spec::blueprint::{self, Blueprint};
use factory_spec::brief::{self, Brief, Defaults};

use super::defaults::defaults;
use super::fault::{FileFault, bytes_of, refused};
use crate::config::Allocation;
use crate::error::{AppError, Code};

/// A blueprint that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedBlueprint {
    /// The short name of its startup, made from the product's name.
    pub slug: Slug,
    /// What the blueprint says, as a brief would; the rest comes from the settings.
    pub brief: Brief,
    /// The JSON as it was read.
    pub text: String,
}

/// Reads and checks a blueprint; every fault at once, nothing is created.
pub fn load_blueprint(file: &Path, allocation: &Allocation) -> Result<LoadedBlueprint, AppError> {
    bytes_of(file, "blueprint")
        .and_then(|bytes| read(file, &bytes, &defaults(allocation)))
        .map_err(|faults| refused(Code::BlueprintInvalid, "blueprint", &faults))
}

pub(super) fn read(
    file: &Path,
    bytes: &[u8],
    defaults: &Defaults,
) -> Result<LoadedBlueprint, Vec<FileFault>> {
    let blueprint = blueprint::read(bytes).map_err(|faults| {
        let in_file = |fault| FileFault::new(file, fault);
        faults.into_iter().map(in_file).collect::<Vec<_>>()
    })?;
    let slug = brief::slug(&blueprint.product.name).map_err(|error| {
        let problem = format!("/product/name: {error}");
        vec![FileFault::of_file(
            file,
            problem,
            "give the product another name",
        )]
    })?;
    Ok(LoadedBlueprint {
        slug,
        brief: brief_of(&blueprint, defaults),
        // Invariant: what was read as JSON is UTF-8, so nothing is replaced.
        text: String::from_utf8_lossy(bytes).into_owned(),
    })
}

fn brief_of(blueprint: &Blueprint, defaults: &Defaults) -> Brief {
    let product = &blueprint.product;
    Brief {
        name: product.name.clone(),
        one_liner: product.one_liner.clone(),
        industry: product.industry.clone(),
        category: product.category.clone(),
        problem: product.problem.clone(),
        features: blueprint
            .stories
            .iter()
            .map(|story| story.text.clone())
            .collect(),
        budget: defaults.budget,
        resources: defaults.resources,
        ..Brief::default()
    }
}
