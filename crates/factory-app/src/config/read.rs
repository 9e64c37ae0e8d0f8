//! Fetches the settings' files and the environment, and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use super::layer::Layer;
use super::merge::{Loaded, Sources};
use super::origin::SettingsFile;
use super::parse::ConfigError;

/// Name of the portfolio's file.
const PROJECT_FILE: &str = "factory.toml";

/// Why the settings could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file exists but cannot be read.
    #[error("read settings from `{path}`")]
    Read {
        /// Its path.
        path: PathBuf,
        /// The reason of the operating system.
        #[source]
        source: io::Error,
    },
    /// A source sets something wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// The settings of the portfolio in `portfolio`, if there is one, for the user of `environment`.
///
/// A missing file sets nothing.
///
/// # Errors
/// When a file cannot be read or a source sets something wrong.
pub fn load(
    portfolio: Option<&Path>,
    environment: BTreeMap<String, String>,
    flags: Layer,
) -> Result<Loaded, LoadError> {
    let user = user_file(&environment).map_or(Ok(None), read)?;
    let project = portfolio.map_or(Ok(None), |folder| read(folder.join(PROJECT_FILE)))?;
    Ok(Sources {
        user,
        project,
        environment,
        flags,
    }
    .merge()?)
}

/// The environment of this process, without what is not UTF-8. Only `main` takes it, once.
pub fn environment() -> BTreeMap<String, String> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

// The XDG base directory specification: a relative path in the variable is ignored.
fn user_file(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let absolute = |name: &str| {
        environment
            .get(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(base.join("factory/config.toml"))
}

fn read(path: PathBuf) -> Result<Option<SettingsFile>, LoadError> {
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(SettingsFile { path, text })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LoadError::Read { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(variables: &[(&str, &str)]) -> Option<PathBuf> {
        user_file(
            &variables
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn the_users_file_is_where_the_desktop_specification_puts_it() {
        let home = ("HOME", "/home/u");
        assert_eq!(
            path(&[home]),
            Some("/home/u/.config/factory/config.toml".into())
        );
        assert_eq!(
            path(&[home, ("XDG_CONFIG_HOME", "/c")]),
            Some("/c/factory/config.toml".into())
        );
        assert_eq!(path(&[home, ("XDG_CONFIG_HOME", "c")]), path(&[home]));
        assert_eq!(path(&[]), None);
    }

    #[test]
    fn missing_files_set_nothing() {
        let loaded = load(
            Some(Path::new("/nonexistent")),
            BTreeMap::new(),
            Layer::default(),
        );
        assert_eq!(loaded.unwrap(), Sources::default().merge().unwrap());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error() {
        assert!(matches!(read("/".into()), Err(LoadError::Read { .. })));
    }
}
