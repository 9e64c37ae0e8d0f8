//! Areas that dead processes have left.

use std::collections::BTreeSet;
use std::path::Path;

use super::area::{At as _, StagingError};
use super::removal::remove_tree;

/// Removes everything in `root` but the areas named in `live`, and says what was removed.
///
/// Links in `root` are removed, never followed. What cannot be removed is reported after the rest
/// has been.
pub fn collect_leftovers(root: &Path, live: &[&str]) -> Result<Vec<String>, StagingError> {
    let entries = match std::fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).at("read", root),
    };
    let live: BTreeSet<&str> = live.iter().copied().collect();
    let mut removed = Vec::new();
    let mut failed = None;
    for entry in entries {
        let name = entry.at("read", root)?.file_name();
        if name.to_str().is_some_and(|name| live.contains(name)) {
            continue;
        }
        match remove_tree(&root.join(&name)) {
            Ok(()) => removed.push(name.to_string_lossy().into_owned()),
            Err(error) => failed = Some(error),
        }
    }
    removed.sort();
    failed.map_or(Ok(removed), Err)
}
