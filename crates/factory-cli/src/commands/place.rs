//! Paths and the portfolio's flag, as a person would type them here.

use std::path::Path;

/// The flag that names the portfolio, where it is needed.
pub(super) fn there(root: &Path) -> String {
    match brief_path(root).as_str() {
        "." => String::new(),
        path => format!(" --portfolio {path}"),
    }
}

/// A path as a person would type it here.
pub(super) fn brief_path(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here
        .as_deref()
        .and_then(|here| path.strip_prefix(here).ok());
    match below {
        Some(below) if below.as_os_str().is_empty() => ".".to_owned(),
        Some(below) => below.display().to_string(),
        None => path.display().to_string(),
    }
}
