//! Several briefs at once, one startup each.

use std::path::{Path, PathBuf};

use factory_core::id::Slug;
use factory_spec::Fault;
use factory_spec::brief::{self, Brief, Defaults};

use super::defaults::defaults;
use super::fault::{FileFault, bytes_of, refused};
use crate::config::Allocation;
use crate::error::{AppError, Code};

/// A brief that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedBrief {
    /// Where it was read.
    pub file: PathBuf,
    /// The short name of its startup, made from its `name`.
    pub slug: Slug,
    /// Checked, with everything filled in that the file leaves out.
    pub brief: Brief,
    /// Its canonical form, by which two briefs are compared.
    pub canonical: Vec<u8>,
}

/// Reads and checks briefs; every fault of every file at once, nothing is created.
///
/// What a brief leaves out of `resources` and `budget` is filled in from `allocation`.
pub fn load_all(files: &[PathBuf], allocation: &Allocation) -> Result<Vec<LoadedBrief>, AppError> {
    let defaults = defaults(allocation);
    let mut loaded: Vec<LoadedBrief> = Vec::new();
    let mut faults = Vec::new();
    for file in files {
        match load(file, &defaults) {
            Ok(brief) => match loaded.iter().find(|other| other.slug == brief.slug) {
                Some(other) if other.canonical == brief.canonical => {}
                Some(other) => faults.push(FileFault::of_file(
                    file,
                    format!(
                        "its startup `{}` is also that of `{}`",
                        brief.slug,
                        other.file.display()
                    ),
                    "give one of them another `name`",
                )),
                None => loaded.push(brief),
            },
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() {
        Ok(loaded)
    } else {
        Err(refused(Code::BriefInvalid, "brief", &faults))
    }
}

fn load(file: &Path, defaults: &Defaults) -> Result<LoadedBrief, Vec<FileFault>> {
    read(file, &bytes_of(file, "brief")?, defaults)
}

pub(super) fn read(
    file: &Path,
    bytes: &[u8],
    defaults: &Defaults,
) -> Result<LoadedBrief, Vec<FileFault>> {
    let brief = brief::read(bytes, defaults).map_err(|faults| {
        let in_file = |fault| FileFault::new(file, without_pointer(fault));
        faults.into_iter().map(in_file).collect::<Vec<_>>()
    })?;
    let of_file =
        |problem: String| vec![FileFault::of_file(file, problem, "choose another `name`")];
    let slug = brief::slug(&brief.name).map_err(|error| of_file(error.to_string()))?;
    let canonical = serde_json::to_vec(&brief).map_err(|error| of_file(error.to_string()))?;
    Ok(LoadedBrief {
        file: file.to_owned(),
        slug,
        brief,
        canonical,
    })
}

/// Who writes YAML by hand knows lines and columns; a JSON pointer would only be noise.
fn without_pointer(mut fault: Fault) -> Fault {
    if fault.position.is_some() {
        fault.pointer.clear();
    }
    fault
}
