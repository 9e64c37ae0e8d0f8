//! Submissions: checked against the machine, stored, and turned into commands of the portfolio.

use std::fs::DirEntry;
use std::io::{self, ErrorKind};
use std::path::Path;

use factory_core::id::BlobId;
use factory_core::portfolio::{self, BuildPlan, Portfolio};
use factory_spec::blueprint::Blueprint;

use super::context::Local;
use crate::error::{AppError, Code};
use crate::factory::{Submission, SubmitOutcome, Submitted};
use crate::playbook;
use crate::quantity::{cores, counted};
use crate::refusal::broken;
use crate::workers::Templates;

impl Local {
    async fn keep(&self, bytes: Vec<u8>) -> Result<BlobId, AppError> {
        self.driver.ports().blobs.put(bytes).await.map_err(broken)
    }

    async fn plan(&self, submission: &Submission) -> Result<BuildPlan, AppError> {
        let asked = submission
            .template
            .as_deref()
            .unwrap_or(&submission.brief.template);
        let template = Templates::name_of(asked);
        self.templates.open(template)?;
        if let Some(text) = &submission.blueprint {
            Blueprint::parse(text).map_err(|faults| {
                let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
                AppError::new(Code::BlueprintInvalid, lines.join("\n"))
                    .hint("nothing was created; fix the blueprint and run the command again")
            })?;
        }
        let brief = serde_json::to_vec(&submission.brief)
            .map_err(|error| AppError::internal("write a brief", error))?;
        let blueprint = match &submission.blueprint {
            Some(text) => Some(self.keep(text.clone().into_bytes()).await?),
            None => None,
        };
        Ok(BuildPlan {
            brief: self.keep(brief).await?,
            playbook: playbook::open(&submission.playbook)?.reference(),
            template: template.to_owned(),
            gates: submission.gates.clone(),
            attempts_max: self.driver.attempts_max(),
            blueprint,
        })
    }

    /// Refuses what no allocation on this machine could ever give, and invalid names of startups.
    fn fits(&self, submission: &Submission) -> Result<(), AppError> {
        let slug = &submission.slug;
        let (wanted, whole) = (
            submission.brief.resources,
            self.driver.whole_machine().capacity,
        );
        let memory = |mebibytes: u64| format!("{mebibytes} MiB of memory");
        let disk = |mebibytes: u64| format!("{mebibytes} MiB of disk");
        let ports = |count: u64| counted(count, "port");
        let told = |needs: u64, has: u64, quantity: &dyn Fn(u64) -> String| {
            (needs > has).then(|| (quantity(needs), quantity(has)))
        };
        let (cpu, whole_cpu) = (wanted.cpu_millicores.into(), whole.cpu_millicores.into());
        let (count, whole_count) = (wanted.port_count.into(), whole.port_count.into());
        let too_much = told(wanted.memory_mib, whole.memory_mib, &memory)
            .or_else(|| told(wanted.disk_mib, whole.disk_mib, &disk))
            .or_else(|| told(cpu, whole_cpu, &cores))
            .or_else(|| told(count, whole_count, &ports));
        let Some((needs, has)) = too_much else {
            return Ok(());
        };
        let problem = format!("startup `{slug}` asks for {needs}, but this machine has {has}");
        Err(AppError::new(Code::BriefInvalid, problem)
            .hint("lower `resources` in its brief; nothing was created"))
    }

    pub(super) async fn submit_all(
        &self,
        submissions: Vec<Submission>,
    ) -> Result<Vec<Submitted>, AppError> {
        let alone = self.submitting.lock().await;
        let portfolio = self.driver.portfolio().await;
        for submission in &submissions {
            self.fits(submission)?;
            if !portfolio.startups.contains_key(&submission.slug) {
                refuse_taken_folder(&self.driver.portfolio_dir().startup(&submission.slug))?;
            }
        }
        let (mut commands, mut submitted) = (Vec::new(), Vec::new());
        for submission in submissions {
            let plan = self.plan(&submission).await?;
            let slug = submission.slug.clone();
            let (outcome, command) = place(&portfolio, submission, plan)?;
            commands.extend(command);
            submitted.push(Submitted { slug, outcome });
        }
        self.driver.change(commands).await?;
        drop(alone);
        Ok(submitted)
    }
}

/// A new startup begins in a folder of its own: whatever lies there is somebody else's, and is never built upon.
fn refuse_taken_folder(folder: &Path) -> Result<(), AppError> {
    let is_free = match folder.symlink_metadata() {
        Err(error) => error.kind() == ErrorKind::NotFound,
        Ok(_) => folder
            .read_dir()
            .is_ok_and(|mut entries| entries.all(is_half_made)),
    };
    if is_free {
        return Ok(());
    }
    let message = format!(
        "`{}` is not empty, and is not the product of a startup of this portfolio",
        folder.display()
    );
    Err(AppError::new(Code::FolderTaken, message)
        .hint("move it away, or give the brief another `name`; nothing was created"))
}

/// What a repository of ours leaves that was begun and not finished.
fn is_half_made(entry: io::Result<DirEntry>) -> bool {
    entry.is_ok_and(|entry| entry.file_name() == ".git.new")
}

/// What a submission means for the portfolio as it stands.
fn place(
    portfolio: &Portfolio,
    submission: Submission,
    plan: BuildPlan,
) -> Result<(SubmitOutcome, Option<portfolio::Command>), AppError> {
    let slug = submission.slug;
    let Some(there) = portfolio.startups.get(&slug) else {
        let command = portfolio::Command::CreateStartup {
            slug,
            name: submission.brief.name,
            resources: submission.brief.resources,
            budget: submission.brief.budget,
            plan,
        };
        return Ok((SubmitOutcome::Created, Some(command)));
    };
    let same = there.plan.brief == plan.brief
        && there.plan.blueprint == plan.blueprint
        && there.plan.template == plan.template;
    if there.state == portfolio::State::Verified && same {
        return Ok((SubmitOutcome::Verified, None));
    }
    let never_begun =
        there.state == portfolio::State::Queued && there.allocation.is_none() && !same;
    if never_begun || (there.state.is_final() && there.state != portfolio::State::Verified) {
        let command = portfolio::Command::Requeue {
            slug,
            resources: submission.brief.resources,
            budget: submission.brief.budget,
            plan,
        };
        return Ok((SubmitOutcome::Restarted, Some(command)));
    }
    if same {
        return Ok((SubmitOutcome::Resumed, None));
    }
    let state = there.state.as_str();
    Err(AppError::new(
        Code::StartupDiffers,
        format!("startup `{slug}` is {state}, and was started from a different brief or template"),
    )
    .hint(if there.state == portfolio::State::Verified {
        "give the brief another `name`; this version cannot change a finished product".to_owned()
    } else {
        let run_id = slug.run(there.runs.max(1));
        format!(
            "give the brief another `name`, or cancel its run first: `factory runs cancel {run_id}`"
        )
    }))
}
