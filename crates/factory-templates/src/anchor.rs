//! Edits of shared files: lines that slices add to anchored lists.
//!
//! How a list is found and kept sorted is up to [`factory_core::anchored`]; this room knows which file and which
//! list are meant.

use std::collections::BTreeMap;

pub use factory_core::anchored::{Fault, insert};

use crate::tree::{File, Tree};

/// A line, or several, that a slice adds to an anchored list of a shared file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The shared file, relative to the product's root.
    pub file: String,
    /// Name of the anchored list.
    pub anchor: String,
    /// What is added; never empty.
    pub line: String,
}

/// An edit could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// The product has no such file, or it is not text.
    #[error("edit `{file}`: there is no such text file")]
    NoFile {
        /// The file.
        file: String,
    },
    /// The file has no such list, or its markers are at fault.
    #[error("edit `{file}`")]
    NoList {
        /// The file.
        file: String,
        /// What is wrong with its lists.
        #[source]
        source: Fault,
    },
}

/// Makes edits in a tree. The order of the edits does not matter.
///
/// # Errors
///
/// The first edit that cannot be made; the tree is then unchanged.
pub fn apply(tree: &mut Tree, edits: &[Edit]) -> Result<(), AnchorError> {
    let changed = apply_with(edits, |file| tree.text(file).map(str::to_owned))?;
    for (path, text) in changed {
        let executable = tree.get(&path).is_some_and(|file| file.executable);
        let file = File {
            bytes: text.into_bytes(),
            executable,
        };
        // The path is in the tree already, so that it cannot be refused.
        let _same = tree.insert(&path, file);
    }
    Ok(())
}

/// Makes edits in files that `read` gives the text of; the changed files by path.
///
/// # Errors
///
/// The first edit that cannot be made.
pub fn apply_with(
    edits: &[Edit],
    read: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, AnchorError> {
    let mut changed: BTreeMap<String, String> = BTreeMap::new();
    for Edit { file, anchor, line } in edits {
        let text = match changed.remove(file) {
            Some(text) => text,
            None => read(file).ok_or_else(|| AnchorError::NoFile { file: file.clone() })?,
        };
        let text = insert(&text, anchor, line).map_err(|source| AnchorError::NoList {
            file: file.clone(),
            source,
        })?;
        changed.insert(file.clone(), text);
    }
    Ok(changed)
}
