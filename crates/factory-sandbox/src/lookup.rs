//! Finds the program of a run in the `PATH` of the run, never in ours.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use factory_core::process::{ProcessSpec, SpawnError};

/// The file to execute for `spec`.
///
/// A name with a slash is relative to the working folder; others are looked up in `env["PATH"]`. Empty entries of
/// `PATH` are skipped: they would mean the working folder, to which the run itself can write.
pub(crate) fn program(spec: &ProcessSpec) -> Result<PathBuf, SpawnError> {
    let name = spec.argv.first().map_or("", String::as_str);
    let found = if name.is_empty() {
        None
    } else if name.contains('/') {
        Some(spec.dir.join(name)).filter(|path| is_executable(path))
    } else {
        let path = spec.env.get("PATH").map_or("", String::as_str);
        let folders = path.split(':').filter(|folder| !folder.is_empty());
        folders
            .map(|folder| spec.dir.join(folder).join(name))
            .find(|path| is_executable(path))
    };
    found.ok_or_else(|| SpawnError::NotFound {
        program: name.to_owned(),
    })
}

fn is_executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
