//! `factory run`: submits briefs, follows them to their end, and prints the summary.

use factory_app::doctor;
use factory_app::error::{AppError, Kind};
use factory_app::factory::{Submission, summary};
use factory_core::clock::Clock as _;
use factory_core::run::GatePolicy;

use super::answers::Answers;
use super::report::{code, report};
use super::run_request::RunRequest;
use super::watch::Watch;
use crate::args::Run;
use crate::call::Call;
use crate::output::Format;
use crate::screen::{self, Keyboard};
use crate::session::Session;
use factory_app::clock::SystemClock;

/// Builds briefs or a blueprint, or resumes what is in progress.
pub(crate) async fn run(call: &Call, args: Run) -> Result<u8, AppError> {
    let policy = args.auto_approve.then(|| "--auto-approve".to_owned());
    let answers = match &policy {
        Some(policy) => Answers::Policy(policy.clone()),
        None if call.format == Format::Text && Keyboard::is_present() => Answers::Person,
        None => Answers::Nobody,
    };
    let request = RunRequest {
        briefs: args.briefs,
        blueprint: args.blueprint,
        playbook: args.playbook,
        template: args.template,
        gates: policy.map_or(GatePolicy::Person, |policy| GatePolicy::Approve { policy }),
    };
    doctor::require_git()?;
    let portfolio_dir = call.portfolio_dir()?;
    let context = call.context(Some(&portfolio_dir))?;
    // Wrong input is refused before anything is opened or made.
    let submissions = request
        .read(&context.config.allocation)?
        .submissions(&context.config)?;
    let session = Session::open(portfolio_dir, context).await?;
    build(call, session, submissions, answers).await
}

/// Submits startups and follows them to their end; without any, those that are in progress.
pub(super) async fn build(
    call: &Call,
    mut session: Session,
    submissions: Vec<Submission>,
    answers: Answers,
) -> Result<u8, AppError> {
    let mut watch = Watch::start(call.format)?;
    let outcome = loop {
        match watch.follow(&session, &submissions, &answers).await {
            // Whoever drove is gone, and what was submitted is durable: this process takes its place.
            Err(error) if error.kind() == Kind::Unavailable && session.driver().is_none() => {
                session =
                    Session::open(session.portfolio_dir.clone(), session.context.clone()).await?;
            }
            outcome => break outcome,
        }
    };
    screen::settle();
    let (summary, interrupted) = match outcome {
        Ok(done) => done,
        Err(error) => {
            // What ended well is shown all the same, unless nothing was submitted or the store itself fails.
            if let Some(slugs) = watch.slugs()
                && let Ok(summary) = summary(session.factory(), slugs, SystemClock.now()).await
            {
                report(call.format, &session, &summary, None);
            }
            return Err(error);
        }
    };
    report(call.format, &session, &summary, interrupted);
    Ok(interrupted.unwrap_or_else(|| code(&summary)))
}
