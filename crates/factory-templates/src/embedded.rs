//! The templates that are part of the program.

use std::borrow::Cow;

use crate::files::{Files, Source};

mod table {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// File that makes a folder of `templates/` a template.
const MARK: &str = "/cookiecutter.json";

/// Names of the embedded templates, sorted.
pub(crate) fn names() -> Vec<&'static str> {
    table::FILES
        .iter()
        .filter_map(|(path, _, _)| path.strip_suffix(MARK))
        .filter(|name| !name.contains('/') && *name != "shared")
        .collect()
}

/// The files below one folder of `templates/`; empty when there is none.
pub(crate) fn files(dir: &str) -> Files {
    Files::from_sources(table::FILES.iter().filter_map(|(path, executable, bytes)| {
        let rest = path.strip_prefix(dir)?.strip_prefix('/')?;
        Some((
            rest.to_owned(),
            Source {
                bytes: Cow::Borrowed(bytes),
                executable: *executable,
            },
        ))
    }))
}
