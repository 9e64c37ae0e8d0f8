//! What a person asked to be built, read from files and checked before anything is opened or made.

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

/// What is to be built.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Files of briefs.
    pub(super) briefs: Vec<PathBuf>,
    /// File of a blueprint, instead of briefs.
    pub(super) blueprint: Option<PathBuf>,
    /// The playbook, instead of the settings'.
    pub(super) playbook: Option<String>,
    /// The template, instead of the briefs'.
    pub(super) template: Option<String>,
    /// Who decides gates.
    pub(super) gates: GatePolicy,
}

/// What the files say: a startup each.
#[derive(Debug)]
pub(super) struct Read {
    wanted: Wanted,
    startups: Vec<(Slug, Brief, Option<String>)>,
}

impl Wanted {
    /// Reads and checks the files; every fault of every file at once. What they leave out is filled in.
    pub(super) fn read(self, allocation: &Allocation) -> Result<Read, AppError> {
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
        Ok(Read {
            wanted: self,
            startups,
        })
    }
}

impl Read {
    /// What is handed in, by these settings. Names a playbook or template that there is not.
    pub(super) fn submissions(self, config: &Config) -> Result<Vec<Submission>, AppError> {
        let playbook = self.wanted.playbook.as_ref().unwrap_or(&config.playbook);
        playbook::open(playbook)?;
        let templates = Templates::new(config.templates.dir.clone());
        let mut submissions = Vec::new();
        for (slug, brief, blueprint) in self.startups {
            let template = self.wanted.template.clone();
            templates.open(Templates::name_of(
                template.as_deref().unwrap_or(&brief.template),
            ))?;
            submissions.push(Submission {
                slug,
                brief,
                blueprint,
                template,
                playbook: playbook.clone(),
                gates: self.wanted.gates.clone(),
            });
        }
        Ok(submissions)
    }
}
