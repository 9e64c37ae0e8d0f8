//! Templates by name: those of a folder go before the program's own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use factory_templates::Template;

use crate::error::{AppError, Code, chain};

/// Templates by name, opened once.
#[derive(Debug, Default)]
pub struct Templates {
    folder: Option<PathBuf>,
    opened: Mutex<BTreeMap<String, Arc<Template>>>,
}

/// The template that `auto` stands for.
const DEFAULT_TEMPLATE: &str = "neoforge";

impl Templates {
    /// Those of a folder go before the program's own.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            opened: Mutex::default(),
        }
    }

    /// The name that a brief's `template` stands for.
    pub fn name_of(asked: &str) -> &str {
        if asked == factory_spec::brief::AUTO {
            DEFAULT_TEMPLATE
        } else {
            asked
        }
    }

    /// Opens a template.
    pub fn open(&self, name: &str) -> Result<Arc<Template>, AppError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(template) = opened.get(name) {
            return Ok(Arc::clone(template));
        }
        if let Some(folder) = self.folder.as_ref().filter(|folder| !folder.is_dir()) {
            let message = format!(
                "`templates.dir` is `{}`, which is no folder",
                folder.display()
            );
            return Err(AppError::new(Code::ConfigInvalid, message)
                .hint("correct the setting; `factory config show --origin` says where it stands"));
        }
        let own = self.folder.as_ref().map(|folder| folder.join(name));
        let template = match own.filter(|folder| folder.is_dir()) {
            Some(folder) => Template::open(&folder),
            None => Template::embedded(name),
        };
        let template = template.map_err(|error| {
            AppError::new(
                Code::TemplateInvalid,
                format!("open template `{name}`: {}", chain(&error)),
            )
            .hint(format!(
                "templates of this program: {}",
                Template::names().join(", ")
            ))
        })?;
        let template = Arc::new(template);
        opened.insert(name.to_owned(), Arc::clone(&template));
        Ok(template)
    }
}
