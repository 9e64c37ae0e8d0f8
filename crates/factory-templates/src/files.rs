//! The files of a template in memory, however they came: from a folder or embedded in the program.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::fault::{OpenError, TemplateFault};
use crate::ignored::is_ignored;

/// Largest template, in bytes, all files together.
const TEMPLATE_BYTES_MAX: u64 = 256 << 20;
/// Most files of a template.
const FILE_COUNT_MAX: usize = 50_000;

/// One file of a template.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) bytes: Cow<'static, [u8]>,
    pub(crate) executable: bool,
}

/// All files of a template by relative path with `/`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(BTreeMap<String, Source>);

impl Files {
    /// Takes files as they are, by path.
    pub(crate) fn from_sources(sources: impl IntoIterator<Item = (String, Source)>) -> Self {
        Self(sources.into_iter().collect())
    }

    /// One file.
    pub(crate) fn get(&self, path: &str) -> Option<&Source> {
        self.0.get(path)
    }

    /// A file's text, when it is UTF-8.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.get(path)
            .and_then(|source| std::str::from_utf8(&source.bytes).ok())
    }

    /// Whether it has no files.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files below a folder, with their path relative to it; all of them for the empty name.
    pub(crate) fn below(&self, dir: &str) -> impl Iterator<Item = (&str, &Source)> {
        let prefix = if dir.is_empty() {
            String::new()
        } else {
            format!("{dir}/")
        };
        self.0
            .range(prefix.clone()..)
            .map_while(move |(path, source)| Some((path.strip_prefix(&prefix)?, source)))
    }

    /// The folders directly in a folder, with its name before theirs.
    pub(crate) fn folders_in(&self, dir: &str) -> Vec<String> {
        let names = self.below(dir).filter_map(|(path, _)| path.split_once('/'));
        let mut folders: Vec<String> = names.map(|(name, _)| format!("{dir}/{name}")).collect();
        folders.dedup();
        folders
    }

    /// The names of the folders at the top, sorted.
    pub(crate) fn top_folders(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .0
            .keys()
            .filter_map(|path| path.split_once('/').map(|(first, _)| first))
            .collect();
        names.dedup();
        names
    }

    /// Reads a folder with everything below it, but for left-overs of tools.
    ///
    /// # Errors
    ///
    /// When something cannot be read; when a link leaves the folder or the template is too large.
    pub(crate) fn read(root: &Path) -> Result<Self, OpenError> {
        let home = root
            .canonicalize()
            .map_err(|source| read_error(root, source))?;
        let mut reader = Reader {
            home,
            files: BTreeMap::new(),
            bytes: 0,
            faults: Vec::new(),
        };
        reader.read_dir(&reader.home.clone(), "")?;
        if reader.faults.is_empty() {
            Ok(Self(reader.files))
        } else {
            let template = root
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            Err(OpenError::Faulty {
                template,
                faults: reader.faults,
            })
        }
    }
}

struct Reader {
    home: std::path::PathBuf,
    files: BTreeMap<String, Source>,
    bytes: u64,
    faults: Vec<TemplateFault>,
}

impl Reader {
    fn read_dir(&mut self, dir: &Path, prefix: &str) -> Result<(), OpenError> {
        let entries = fs::read_dir(dir).map_err(|source| read_error(dir, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| read_error(dir, source))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let remedy = "rename it".to_owned();
                let name = format!("{prefix}{}", name.to_string_lossy());
                self.faults.push(TemplateFault::new(
                    name,
                    "",
                    "the name is not UTF-8",
                    remedy,
                ));
                continue;
            };
            if !is_ignored(name) {
                self.read_entry(&entry.path(), format!("{prefix}{name}"))?;
            }
            if self.files.len() > FILE_COUNT_MAX || self.bytes > TEMPLATE_BYTES_MAX {
                let problem = format!(
                    "the template has more than {FILE_COUNT_MAX} files or {TEMPLATE_BYTES_MAX} bytes"
                );
                let fault = TemplateFault::new("", "", problem, "is this the right folder?");
                return Err(OpenError::Faulty {
                    template: self.home.display().to_string(),
                    faults: vec![fault],
                });
            }
        }
        Ok(())
    }

    fn read_entry(&mut self, path: &Path, name: String) -> Result<(), OpenError> {
        let link = fs::symlink_metadata(path).map_err(|source| read_error(path, source))?;
        if link.is_dir() {
            return self.read_dir(path, &format!("{name}/"));
        }
        if link.is_symlink() {
            let inside = path
                .canonicalize()
                .is_ok_and(|target| target.starts_with(&self.home));
            if !inside {
                self.faults.push(TemplateFault::new(
                    name,
                    "",
                    "a link that leads out of the template or nowhere",
                    "copy the file into the template",
                ));
                return Ok(());
            }
        }
        let metadata = fs::metadata(path).map_err(|source| read_error(path, source))?;
        // A link to a folder yields an empty folder in cookiecutter; a tree holds files only.
        if metadata.is_dir() {
            return Ok(());
        }
        if !metadata.is_file() {
            let remedy = "a template holds files and folders only";
            self.faults
                .push(TemplateFault::new(name, "", "not an ordinary file", remedy));
            return Ok(());
        }
        self.bytes += metadata.len();
        if self.bytes > TEMPLATE_BYTES_MAX {
            return Ok(());
        }
        let bytes = fs::read(path).map_err(|source| read_error(path, source))?;
        let executable = is_executable(&metadata);
        self.files.insert(
            name,
            Source {
                bytes: Cow::Owned(bytes),
                executable,
            },
        );
        Ok(())
    }
}

fn read_error(path: &Path, source: std::io::Error) -> OpenError {
    OpenError::Read {
        path: path.to_owned(),
        source,
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}
