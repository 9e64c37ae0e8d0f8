//! What `factory run` is asked to build, read from files and checked before anything is opened or created.

use std::path::PathBuf;

use factory_app::brief;
use factory_app::config::{Allocation, Config};
use factory_app::error::AppError;
use factory_app::factory::Submission;
use factory_app::playbook;
use factory_app::workers::Templates;
use factory_core::id::Slug;
use factory_core::run::GatePolicy;
use factory_spec::brief::Brief;

/// The briefs or the blueprint to build, and how.
#[derive(Debug)]
pub(super) struct RunRequest {
    /// Paths of briefs.
    pub(super) briefs: Vec<PathBuf>,
    /// Path of a blueprint, instead of briefs.
    pub(super) blueprint: Option<PathBuf>,
    /// Overrides the playbook of the settings.
    pub(super) playbook: Option<String>,
    /// Overrides the template of the briefs.
    pub(super) template: Option<String>,
    /// Who decides its gates.
    pub(super) gates: GatePolicy,
}

/// A request whose files have been read: one startup for each.
#[derive(Debug)]
pub(super) struct CheckedRequest {
    request: RunRequest,
    startups: Vec<(Slug, Brief, Option<String>)>,
}

impl RunRequest {
    /// Reads and checks the files and fills in what they leave out; reports every fault of every file at once.
    pub(super) fn read(self, allocation: &Allocation) -> Result<CheckedRequest, AppError> {
        let startups = match &self.blueprint {
            Some(file) => {
                let loaded = brief::load_blueprint(file, allocation)?;
                vec![(loaded.slug, loaded.brief, Some(loaded.text))]
            }
            None => brief::load_all(&self.briefs, allocation)?
                .into_iter()
                .map(|loaded| (loaded.slug, loaded.brief, None))
                .collect(),
        };
        Ok(CheckedRequest {
            request: self,
            startups,
        })
    }
}

impl CheckedRequest {
    /// What is submitted under these settings.
    ///
    /// # Errors
    /// An unknown playbook or template.
    pub(super) fn submissions(self, config: &Config) -> Result<Vec<Submission>, AppError> {
        let playbook = self.request.playbook.as_ref().unwrap_or(&config.playbook);
        playbook::open(playbook)?;
        let templates = Templates::new(config.templates.dir.clone());
        let mut submissions = Vec::new();
        for (slug, brief, blueprint) in self.startups {
            let template = self.request.template.clone();
            templates.open(Templates::name_of(
                template.as_deref().unwrap_or(&brief.template),
            ))?;
            submissions.push(Submission {
                slug,
                brief,
                blueprint,
                template,
                playbook: playbook.clone(),
                gates: self.request.gates.clone(),
            });
        }
        Ok(submissions)
    }
}
