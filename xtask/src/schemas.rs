//! Files that are generated from our own types: what `docs/schemas` publishes of the blueprint.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use factory_spec::blueprint;

use crate::cargo;

/// A published file, relative to the root of the repository, and the function that generates it.
type Generated = (&'static str, fn() -> String);

const GENERATED: [Generated; 1] = [("docs/schemas/blueprint.schema.json", blueprint::json_schema)];

fn path(name: &str) -> PathBuf {
    cargo::root().join(name)
}

/// Regenerates all files.
pub(crate) fn run() -> Result<()> {
    for (name, text) in GENERATED {
        let path = path(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text()).with_context(|| format!("cannot write {name}"))?;
        println!("{name}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_schemas_are_those_of_the_types() {
        for (name, text) in GENERATED {
            let published = fs::read_to_string(path(name)).unwrap_or_default();
            assert!(
                published == text(),
                "{name} is not what the types say; run `cargo xtask schemas`"
            );
        }
    }
}
