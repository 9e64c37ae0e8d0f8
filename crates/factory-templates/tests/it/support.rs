//! Folders for tests: fixtures, and templates written on the spot.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use factory_templates::{OpenError, Template};
use serde_json::Value;

pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(path)
}

pub(crate) fn answers(json: &Value) -> BTreeMap<String, Value> {
    let entries = json.as_object().unwrap();
    entries
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A template of these files in a folder that lives as long as the test.
pub(crate) struct Written {
    pub(crate) dir: tempfile::TempDir,
}

impl Written {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let written = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            let path = written.dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        written
    }

    pub(crate) fn open(&self) -> Result<Template, OpenError> {
        Template::open(self.dir.path())
    }
}

/// The scaffold of a template whose project has one file of this name and text.
pub(crate) fn rendered(name: &str, text: &str, variables: &Value) -> Result<String, String> {
    let path = format!("{{{{cookiecutter.slug}}}}/{name}");
    let written = Written::new(&[("cookiecutter.json", &variables.to_string()), (&path, text)]);
    let template = written.open().map_err(|error| error.to_string())?;
    let tree = template
        .scaffold(&BTreeMap::new(), &Value::Null)
        .map_err(|error| error.to_string())?;
    let texts = tree
        .iter()
        .map(|(_, file)| String::from_utf8_lossy(&file.bytes).into_owned());
    Ok(texts.collect())
}
