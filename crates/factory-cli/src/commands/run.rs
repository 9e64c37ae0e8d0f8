//! `factory run`: takes briefs in, drives them, shows what happens, and ends with the summary.

use std::sync::Arc;
use std::time::Duration;

use factory_app::driver::Driver;
use factory_app::error::{AppError, Kind};
use factory_app::factory::{
    Factory, StartupSummary, Submission, SubmitOutcome, Submitted, Summary, summary,
};
use factory_core::clock::Clock as _;
use factory_core::event::Event;
use factory_core::id::{GateId, Seq, Slug};
use factory_core::portfolio;
use factory_core::run::GatePolicy;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::Call;
use super::gate::{self, Answers};
use super::report::{code, report};
use super::wanted::Wanted;
use crate::args::Run;
use crate::clock::SystemClock;
use crate::exit;
use crate::output::{self, Format};
use crate::progress::Progress;
use crate::session::Session;

/// How long a gate must have been open before a watcher takes it for one that waits.
const SETTLE: Duration = Duration::from_millis(300);
/// Events shown in one go.
const PAGE: usize = 500;

pub(super) async fn run(call: &Call, words: Run) -> Result<u8, AppError> {
    let policy = words.auto_approve.then(|| "--auto-approve".to_owned());
    let answers = match &policy {
        Some(policy) => Answers::Policy(policy.clone()),
        None if call.format == Format::Text && gate::can_ask() => Answers::Person,
        None => Answers::Nobody,
    };
    let wanted = Wanted {
        briefs: words.briefs,
        blueprint: words.blueprint,
        playbook: words.playbook,
        template: words.template,
        gates: policy.map_or(GatePolicy::Person, |policy| GatePolicy::Approve { policy }),
    };
    let place = call.place()?;
    let context = call.context(Some(&place))?;
    // Wrong input is refused before anything is opened or made.
    let submissions = wanted
        .read(&context.config.allocation)?
        .submissions(&context.config)?;
    let session = Session::open(place, context).await?;
    build(call, session, submissions, answers).await
}

/// Hands startups in and follows them to their end; without any, those that are under way.
pub(super) async fn build(
    call: &Call,
    mut session: Session,
    submissions: Vec<Submission>,
    answers: Answers,
) -> Result<u8, AppError> {
    let mut watch = Watch::new(call.format)?;
    let outcome = loop {
        match watch.follow(&session, &submissions, &answers).await {
            // Whoever drove has gone, and what was handed in is durable: this process goes on in its place.
            Err(error) if error.kind() == Kind::Unavailable && session.driver().is_none() => {
                session = Session::open(session.place.clone(), session.context.clone()).await?;
            }
            outcome => break outcome,
        }
    };
    watch.progress.finish();
    let (summary, interrupted) = match outcome {
        Ok(done) => done,
        Err(error) => {
            // What ended well is shown all the same, unless nothing was taken in or the store itself fails.
            if let Some(slugs) = &watch.slugs
                && let Ok(summary) = summary(session.factory(), slugs, SystemClock.now()).await
            {
                report(call.format, &session, &summary, false);
            }
            return Err(error);
        }
    };
    report(call.format, &session, &summary, interrupted);
    Ok(if interrupted {
        exit::INTERRUPTED
    } else {
        code(&summary)
    })
}

/// What a person sees of the startups of one command.
struct Watch {
    progress: Progress,
    /// The startups, once they have been handed in.
    slugs: Option<Vec<Slug>>,
    seen: Seq,
    asks: Option<mpsc::UnboundedSender<GateId>>,
    /// Listens from the start: a Ctrl-C that comes while something is shown is not lost.
    interrupts: Signal,
}

impl Watch {
    fn new(format: Format) -> Result<Self, AppError> {
        let interrupts = signal(SignalKind::interrupt())
            .map_err(|error| AppError::internal("listen for Ctrl-C", error))?;
        Ok(Self {
            progress: Progress::new(format),
            slugs: None,
            seen: Seq(0),
            asks: None,
            interrupts,
        })
    }

    /// Hands in what was not yet, and goes along until everything rests; whether a person interrupted it.
    async fn follow(
        &mut self,
        session: &Session,
        submissions: &[Submission],
        answers: &Answers,
    ) -> Result<(Summary, bool), AppError> {
        let factory = session.factory();
        let slugs = match &self.slugs {
            Some(slugs) => slugs.clone(),
            None => self.hand_in(factory, submissions).await?,
        };
        let interrupted = match session.driver() {
            Some(driver) => self.drive(factory, driver, &slugs, answers).await?,
            None => self.watch_remote(factory, &slugs, answers).await?,
        };
        let summary = summary(factory, &slugs, SystemClock.now()).await?;
        Ok((summary, interrupted))
    }

    async fn hand_in(
        &mut self,
        factory: &dyn Factory,
        submissions: &[Submission],
    ) -> Result<Vec<Slug>, AppError> {
        let seen = factory.head().await?;
        let slugs = if submissions.is_empty() {
            under_way(factory).await?
        } else {
            let submitted = factory.submit(submissions.to_vec()).await?;
            submitted.iter().for_each(say_verified);
            submitted.into_iter().map(|startup| startup.slug).collect()
        };
        if slugs.is_empty() {
            output::words("nothing is under way");
            output::words("hint: build a startup with `factory run BRIEF.yaml`");
        }
        for slug in &slugs {
            self.progress.follow(&factory.startup(slug).await?);
        }
        self.seen = seen;
        self.slugs = Some(slugs.clone());
        Ok(slugs)
    }

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

    /// Drives in this process until everything rests; whether a person interrupted it.
    async fn drive(
        &mut self,
        factory: &dyn Factory,
        driver: &Arc<Driver>,
        slugs: &[Slug],
        answers: &Answers,
    ) -> Result<bool, AppError> {
        let asks = *answers == Answers::Person && !slugs.is_empty();
        loop {
            if self.drive_once(factory, driver, asks).await? {
                return Ok(true);
            }
            // Gates that were opened before the policy was given; those of a run begun with it never wait.
            match answers {
                Answers::Policy(policy) if gate::approve_all(factory, slugs, policy).await? => {}
                _ => return Ok(false),
            }
        }
    }

    async fn drive_once(
        &mut self,
        factory: &dyn Factory,
        driver: &Arc<Driver>,
        asks: bool,
    ) -> Result<bool, AppError> {
        let (sender, gates) = mpsc::unbounded_channel();
        if asks {
            for gate in factory.gates(true).await? {
                drop(sender.send(GateId::new(gate.gate_id)));
            }
            self.asks = Some(sender);
        }
        let driving = driver.drive(asks);
        let asking = gate::ask_inline(factory, gates, asks);
        tokio::pin!(driving, asking);
        loop {
            tokio::select! {
                done = &mut driving => {
                    self.catch_up(factory).await?;
                    return done.map(|()| false);
                }
                asked = &mut asking => {
                    asked?;
                    self.catch_up(factory).await?;
                    return Ok(false);
                }
                moved = factory.wait(self.seen) => {
                    moved?;
                    self.catch_up(factory).await?;
                }
                _ = self.interrupts.recv() => {
                    self.catch_up(factory).await?;
                    return Ok(true);
                }
            }
        }
    }

    /// Watches another process drive; whether a person interrupted the watching.
    async fn watch_remote(
        &mut self,
        factory: &dyn Factory,
        slugs: &[Slug],
        answers: &Answers,
    ) -> Result<bool, AppError> {
        self.progress
            .say("another `factory` drives this portfolio; it was told, this one watches");
        let mut waiting = Vec::new();
        loop {
            self.catch_up(factory).await?;
            let now = summary(factory, slugs, SystemClock.now()).await?;
            let gates = open_gates(&now);
            let rest = now.startups.iter().all(rests);
            if rest && gates.is_empty() {
                return Ok(false);
            }
            if rest && gates == waiting {
                match answers {
                    Answers::Policy(policy) => {
                        gate::approve_all(factory, slugs, policy).await?;
                    }
                    Answers::Nobody | Answers::Person => return Ok(false),
                }
            }
            if rest {
                // A gate that the run's own policy decides is open for a moment: looked at twice, it has gone.
                waiting = gates;
                tokio::time::sleep(SETTLE).await;
                continue;
            }
            waiting.clear();
            tokio::select! {
                moved = factory.wait(self.seen) => {
                    moved?;
                }
                _ = self.interrupts.recv() => return Ok(true),
            }
        }
    }
}

fn say_verified(startup: &Submitted) {
    if startup.outcome == SubmitOutcome::Verified {
        let slug = &startup.slug;
        output::words(&format!(
            "{slug} is verified already; nothing is to be done"
        ));
    }
}

/// Whether nothing happens to it before a person has spoken.
fn rests(startup: &StartupSummary) -> bool {
    !matches!(startup.state.as_str(), "queued" | "building") || !startup.gates.is_empty()
}

/// Gates of startups that have not ended.
fn open_gates(summary: &Summary) -> Vec<String> {
    let open = summary
        .startups
        .iter()
        .filter(|startup| startup.state == "building");
    open.flat_map(|startup| startup.gates.clone()).collect()
}

async fn under_way(factory: &dyn Factory) -> Result<Vec<Slug>, AppError> {
    let startups = factory.startups().await?;
    let open = startups
        .into_iter()
        .filter(|startup| matches!(startup.state.as_str(), "queued" | "building"));
    Ok(open.map(|startup| Slug::new(startup.slug)).collect())
}
