//! Briefs as files: read, checked, and every fault told with file, line and column.

use std::fmt;
use std::path::{Path, PathBuf};

use factory_core::brief::{self, Brief};
use factory_core::id::Slug;

use crate::error::{AppError, Code, Kind};
use crate::yaml;

/// A brief that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedBrief {
    /// Where it was read.
    pub file: PathBuf,
    /// Its startup's short name.
    pub slug: Slug,
    /// What it says.
    pub brief: Brief,
    /// Its canonical form, by which two briefs are compared.
    pub canonical: Vec<u8>,
}

/// One thing that is wrong with a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BriefFault {
    /// The file.
    pub file: PathBuf,
    /// Line and column from 1, where there is one.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
}

impl fmt::Display for BriefFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.problem)?;
        if self.remedy.is_empty() {
            Ok(())
        } else {
            write!(f, "; {}", self.remedy)
        }
    }
}

/// Reads and checks briefs; every fault of every file at once, nothing is created.
pub fn load_all(files: &[PathBuf]) -> Result<Vec<LoadedBrief>, AppError> {
    let mut loaded: Vec<LoadedBrief> = Vec::new();
    let mut faults = Vec::new();
    for file in files {
        match load(file) {
            Ok(brief) => match loaded.iter().find(|other| other.slug == brief.slug) {
                Some(other) if other.canonical == brief.canonical => {}
                Some(other) => faults.push(BriefFault {
                    file: file.clone(),
                    position: None,
                    problem: format!(
                        "its startup `{}` is also that of `{}`",
                        brief.slug,
                        other.file.display()
                    ),
                    remedy: "give one of them another `name`".to_owned(),
                }),
                None => loaded.push(brief),
            },
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() {
        Ok(loaded)
    } else {
        Err(refused(&faults))
    }
}

fn refused(faults: &[BriefFault]) -> AppError {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    AppError::new(Kind::Invalid, Code::BriefInvalid, lines.join("\n"))
        .hint("nothing was created; mend the brief and give the command again")
}

/// Reads and checks one brief.
pub fn load(file: &Path) -> Result<LoadedBrief, Vec<BriefFault>> {
    let fault = |position: Option<(usize, usize)>, problem: String, remedy: String| BriefFault {
        file: file.to_owned(),
        position,
        problem,
        remedy,
    };
    let bytes = std::fs::read(file).map_err(|error| {
        vec![fault(
            None,
            format!("it cannot be read: {error}"),
            "give the path of a brief".to_owned(),
        )]
    })?;
    let document = yaml::parse(&bytes).map_err(|found| {
        let position = found
            .position
            .map(|position| (position.line, position.column));
        vec![fault(position, found.problem, found.remedy)]
    })?;
    let brief = brief::check(&document.value).map_err(|found| {
        let position = |pointer: &str| nearest(&document, pointer);
        found
            .into_iter()
            .map(|found| fault(position(&found.pointer), found.problem, found.remedy))
            .collect::<Vec<_>>()
    })?;
    let slug = brief::slug(&brief.name).map_err(|error| {
        vec![fault(
            nearest(&document, "/name"),
            error.to_string(),
            String::new(),
        )]
    })?;
    let canonical = serde_json::to_vec(&brief)
        .map_err(|error| vec![fault(None, error.to_string(), String::new())])?;
    Ok(LoadedBrief {
        file: file.to_owned(),
        slug: Slug::new(slug),
        brief,
        canonical,
    })
}

/// The position of a pointer, or of the closest thing around it.
pub fn nearest(document: &yaml::Document, pointer: &str) -> Option<(usize, usize)> {
    let mut pointer = pointer;
    loop {
        if let Some(position) = document.position(pointer) {
            return Some((position.line, position.column));
        }
        pointer = pointer.rsplit_once('/')?.0;
    }
}
