//! `factory run`: takes briefs in, drives them, shows what happens, and ends with the summary.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use factory_app::brief::load_all;
use factory_app::driver::Driver;
use factory_app::error::{AppError, Code, Kind};
use factory_app::factory::{Factory, StartupSummary, Submission, SubmitOutcome, Summary, summary};
use factory_core::blueprint::Blueprint;
use factory_core::brief::Brief;
use factory_core::clock::Clock as _;
use factory_core::event::Event;
use factory_core::id::{GateId, Seq, Slug};
use factory_core::portfolio;
use factory_core::run::GatePolicy;
use tokio::sync::mpsc;

use super::{Call, gate};
use crate::args::Run;
use crate::clock::SystemClock;
use crate::exit;
use crate::output::{self, Format};
use crate::progress::Progress;
use crate::session::Session;

/// Events shown in one go.
const PAGE: usize = 500;

pub(super) async fn run(call: &Call, words: Run) -> Result<u8, AppError> {
    let gates = if words.auto_approve {
        GatePolicy::Approve {
            policy: "--auto-approve".to_owned(),
        }
    } else {
        GatePolicy::Person
    };
    let wanted = Wanted {
        briefs: words.briefs,
        blueprint: words.blueprint,
        playbook: words.playbook,
        template: words.template,
        gates,
    };
    // Wrong input is refused before anything is opened or made.
    submissions(&wanted, "mvp")?;
    let session = call.session().await?;
    build(call, session, wanted).await
}

pub(super) async fn build(call: &Call, session: Session, wanted: Wanted) -> Result<u8, AppError> {
    let submissions = submissions(&wanted, &session.context.config.playbook)?;
    let factory = session.factory();
    let before = head(factory).await?;
    let slugs = if submissions.is_empty() {
        under_way(factory).await?
    } else {
        let submitted = factory.submit(submissions).await?;
        for startup in submitted
            .iter()
            .filter(|startup| startup.outcome == SubmitOutcome::Verified)
        {
            output::words(&format!(
                "{} is verified already; nothing is to be done",
                startup.slug
            ));
        }
        submitted.into_iter().map(|startup| startup.slug).collect()
    };
    if slugs.is_empty() {
        output::words("nothing is under way");
        output::words("hint: build a startup with `factory run BRIEF.yaml`");
    }
    let asks = call.format == Format::Text && gate::can_ask() && wanted.gates == GatePolicy::Person;
    let mut watch = Watch {
        progress: Progress::new(call.format, &slugs),
        seen: before,
        asks: None,
    };
    let interrupted = match session.driver() {
        Some(driver) => drive(factory, driver, &slugs, asks, &mut watch).await?,
        None => watch_remote(factory, &slugs, &mut watch).await?,
    };
    watch.progress.finish();
    let summary = summary(factory, &slugs, SystemClock.now()).await?;
    report(call.format, &session, &summary, interrupted);
    Ok(if interrupted {
        exit::INTERRUPTED
    } else {
        code(&summary)
    })
}

async fn head(factory: &dyn Factory) -> Result<Seq, AppError> {
    // `wait` answers at once when there is anything after 0.
    let first = factory.events(Seq(0), 1).await?;
    if first.is_empty() {
        Ok(Seq(0))
    } else {
        factory.wait(Seq(0)).await
    }
}

async fn under_way(factory: &dyn Factory) -> Result<Vec<Slug>, AppError> {
    let startups = factory.startups().await?;
    let open = startups
        .into_iter()
        .filter(|startup| matches!(startup.state.as_str(), "queued" | "building"));
    Ok(open.map(|startup| Slug::new(startup.slug)).collect())
}

struct Watch {
    progress: Progress,
    seen: Seq,
    asks: Option<mpsc::UnboundedSender<GateId>>,
}

impl Watch {
    /// Shows everything that has happened meanwhile.
    async fn catch_up(&mut self, factory: &dyn Factory) -> Result<(), AppError> {
        loop {
            let page = factory.events(self.seen, PAGE).await?;
            for recorded in &page {
                self.seen = recorded.seq;
                self.progress.show(recorded);
                if let (
                    Some(asks),
                    Event::Portfolio(portfolio::Event::GateOpened { gate_id, .. }),
                ) = (&self.asks, &recorded.event)
                {
                    // The asker has gone when its terminal is closed; gates then wait as everywhere else.
                    drop(asks.send(gate_id.clone()));
                }
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }
}

/// Drives in this process; whether a person interrupted it.
async fn drive(
    factory: &dyn Factory,
    driver: &Arc<Driver>,
    slugs: &[Slug],
    asks: bool,
    watch: &mut Watch,
) -> Result<bool, AppError> {
    let (sender, gates) = mpsc::unbounded_channel();
    if asks {
        for gate in factory.gates(true).await? {
            drop(sender.send(GateId::new(gate.gate_id)));
        }
        watch.asks = Some(sender);
    }
    let stay = asks && !slugs.is_empty();
    let driving = driver.drive(stay);
    let asking = gate::ask_inline(factory, gates, asks);
    tokio::pin!(driving, asking);
    loop {
        tokio::select! {
            done = &mut driving => {
                watch.catch_up(factory).await?;
                return done.map(|()| false);
            }
            asked = &mut asking => asked?,
            moved = factory.wait(watch.seen) => {
                moved?;
                watch.catch_up(factory).await?;
            }
            signal = tokio::signal::ctrl_c() => {
                signal.map_err(|error| AppError::internal("listen for Ctrl-C", error))?;
                watch.catch_up(factory).await?;
                return Ok(true);
            }
        }
    }
}

/// Watches another process drive; whether a person interrupted the watching.
async fn watch_remote(
    factory: &dyn Factory,
    slugs: &[Slug],
    watch: &mut Watch,
) -> Result<bool, AppError> {
    watch
        .progress
        .say("another `factory` drives this portfolio; it was told, this one watches");
    loop {
        watch.catch_up(factory).await?;
        let now = summary(factory, slugs, SystemClock.now()).await?;
        let rests = |startup: &StartupSummary| {
            !matches!(startup.state.as_str(), "queued" | "building") || !startup.gates.is_empty()
        };
        if now.startups.iter().all(rests) {
            return Ok(false);
        }
        tokio::select! {
            moved = factory.wait(watch.seen) => {
                moved?;
            }
            signal = tokio::signal::ctrl_c() => {
                signal.map_err(|error| AppError::internal("listen for Ctrl-C", error))?;
                return Ok(true);
            }
        }
    }
}

