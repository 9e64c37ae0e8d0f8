//! What a person asked to be built, read from files and checked before anything is opened or made.

use std::path::{Path, PathBuf};

use factory_app::brief::{self, BriefFault};
use factory_app::config::{Allocation, Config};
use factory_app::error::{AppError, Code};
use factory_app::factory::Submission;
use factory_app::playbooks;
use factory_app::workers::Templates;
use factory_core::id::Slug;
use factory_core::run::GatePolicy;
use factory_spec::blueprint::Blueprint;
use factory_spec::brief::Brief;
use factory_spec::yaml;

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
            Some(file) => vec![of_blueprint(file, allocation)?],
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
        playbooks::open(playbook)?;
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

/// A blueprint carries what a brief would say.
fn of_blueprint(
    file: &Path,
    allocation: &Allocation,
) -> Result<(Slug, Brief, Option<String>), AppError> {
    let faults_of = |faults: Vec<BriefFault>| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        AppError::new(Code::BlueprintInvalid, lines.join("\n"))
            .hint("nothing was created; fix the blueprint and run the command again")
    };
    let fault = |position, problem: String, remedy: &str| BriefFault {
        file: file.to_owned(),
        position,
        problem,
        remedy: remedy.to_owned(),
    };
    let bytes = std::fs::read(file).map_err(|error| {
        let problem = format!("it cannot be read: {error}");
        faults_of(vec![fault(None, problem, "give the path of a blueprint")])
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        // The reader of briefs says which byte it is.
        let found = yaml::parse(error.as_bytes()).err();
        let position = found.as_ref().and_then(|found| found.position);
        let problem = found.map_or_else(|| error.to_string(), |found| found.problem);
        let position = position.map(|position| (position.line, position.column));
        faults_of(vec![fault(position, problem, "save the file as UTF-8")])
    })?;
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        let position = (error.line() > 0).then(|| (error.line(), error.column().max(1)));
        let told = error.to_string();
        let what = told.split(" at line ").next().unwrap_or(&told);
        let problem = format!("this is not JSON: {what}");
        return Err(faults_of(vec![fault(
            position,
            problem,
            "write a JSON object",
        )]));
    }
    let blueprint = Blueprint::parse(&text).map_err(|found| {
        // Nearly all JSON is YAML too, and our reader of that knows where everything stands.
        let document = yaml::parse(text.as_bytes()).ok();
        let position = |pointer: &str| brief::nearest(document.as_ref()?, pointer);
        let told = found.into_iter().map(|found| {
            let problem = match found.pointer.as_str() {
                "" => found.problem,
                pointer => format!("{pointer}: {}", found.problem),
            };
            fault(position(&found.pointer), problem, &found.remedy)
        });
        faults_of(told.collect())
    })?;
    let product = &blueprint.product;
    let brief = Brief {
        name: product.name.clone(),
        one_liner: product.one_liner.clone(),
        industry: product.industry.clone(),
        category: product.category.clone(),
        problem: product.problem.clone(),
        features: blueprint
            .stories
            .iter()
            .map(|story| story.text.clone())
            .collect(),
        ..brief::blank(allocation)
    };
    let slug = factory_spec::brief::slug(&product.name).map_err(|error| {
        let problem = format!("/product/name: {error}");
        faults_of(vec![fault(None, problem, "give the product another name")])
    })?;
    Ok((Slug::new(slug), brief, Some(text)))
}
