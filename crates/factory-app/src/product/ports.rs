//! What a product is told: the ports of its allocation by name, in its environment and in its `.env`.

use std::collections::BTreeMap;
use std::path::Path;

use factory_core::portfolio::Allocation;
use factory_templates::Manifest;
use factory_templates::manifest::Start;

use crate::error::{AppError, Code};
use crate::quantity::counted;

/// Refuses to start a product in less than its template says that it needs.
pub(super) fn check_memory(manifest: &Manifest, held: &Allocation) -> Result<(), AppError> {
    let (needed, has) = (manifest.needs.memory_mb, held.resources.memory_mib);
    if has >= needed {
        return Ok(());
    }
    let message = format!("the product needs {needed} MiB of memory, its allocation has {has} MiB");
    Err(AppError::new(Code::NotEnoughResources, message)
        .hint("raise `resources.memory_mb` in its brief and run it again"))
}

/// Its ports, by the names that the template gives them.
pub(super) fn by_name(
    manifest: &Manifest,
    held: &Allocation,
) -> Result<BTreeMap<String, u16>, AppError> {
    let (needed, has) = (manifest.ports.len(), held.ports.len());
    if has < needed {
        let needed = counted(needed as u64, "port");
        let message = format!("the product needs {needed}, its allocation has {has}");
        return Err(AppError::new(Code::NotEnoughResources, message)
            .hint("raise `resources.ports` in its brief and run it again"));
    }
    let names = manifest.ports.iter().map(|port| port.name.clone());
    Ok(names.zip(held.ports.iter().copied()).collect())
}

/// The first port of the template: the product answers there.
pub(super) fn first(manifest: &Manifest, ports: &BTreeMap<String, u16>) -> Option<u16> {
    let first = manifest.ports.first()?;
    ports.get(&first.name).copied()
}

/// What the template sets for its product, and the variables of its ports.
pub(super) fn variables(
    manifest: &Manifest,
    start: &Start,
    ports: &BTreeMap<String, u16>,
) -> BTreeMap<String, String> {
    let mut env = start.env.clone();
    for port in &manifest.ports {
        if let Some(number) = ports.get(&port.name) {
            env.insert(port.env.clone(), number.to_string());
        }
    }
    env
}

/// Writes the ignored file that lets a person start the product by hand on the same ports.
pub(super) fn write_env_file(
    folder: &Path,
    env: &BTreeMap<String, String>,
) -> Result<(), AppError> {
    let lines: Vec<String> = env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let text = lines.join("\n") + "\n";
    let path = folder.join(".env");
    std::fs::write(&path, text)
        .map_err(|error| AppError::internal(format!("write `{}`", path.display()), error))
}
