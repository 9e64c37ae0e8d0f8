//! Follows the startups of one command: drives them or watches another process drive, shows what happens, and asks
//! at gates.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use factory_app::driver::Driver;
use factory_app::error::AppError;
use factory_app::factory::{
    Factory, StartupSummary, Submission, SubmitOutcome, Submitted, Summary, summary,
};
use factory_core::clock::Clock as _;
use factory_core::id::{GateId, Seq, Slug};
use factory_core::projection::StartupState;
use tokio::sync::mpsc;

use super::answers::{Answers, approve_all};
use super::gate_prompt::{GateNews, ask_inline};
use crate::interrupt::Interrupts;
use crate::output::{self, Format};
use crate::progress::Progress;
use crate::screen::Keyboard;
use crate::session::Session;
use factory_app::clock::SystemClock;

/// How long a gate must have been open before a watcher takes it for one that waits.
const SETTLE: Duration = Duration::from_millis(300);
/// Events shown in one go.
const PAGE: usize = 500;

/// What a person sees of the startups of one command.
pub(super) struct Watch {
    format: Format,
    progress: Progress,
    /// The startups, once they have been submitted.
    slugs: Option<Vec<Slug>>,
    seen: Seq,
    /// To whoever asks at gates.
    gate_news: Option<mpsc::UnboundedSender<GateNews>>,
    /// Gates that the person at this terminal leaves undecided.
    left: BTreeSet<GateId>,
    interrupts: Interrupts,
}

impl Watch {
    /// Shows nothing before there is something to follow.
    pub(super) fn start(format: Format) -> Result<Self, AppError> {
        Ok(Self {
            format,
            progress: Progress::new(format),
            slugs: None,
            seen: Seq(0),
            gate_news: None,
            left: BTreeSet::new(),
            interrupts: Interrupts::listen()?,
        })
    }

    /// The startups, once they have been submitted.
    pub(super) fn slugs(&self) -> Option<&[Slug]> {
        self.slugs.as_deref()
    }

    /// Submits what has not been submitted yet, and follows until nothing happens any more. With the summary comes the
    /// exit code of the signal that interrupted it, if one did.
    pub(super) async fn follow(
        &mut self,
        session: &Session,
        submissions: &[Submission],
        answers: &Answers,
    ) -> Result<(Summary, Option<u8>), AppError> {
        let factory = session.factory();
        let slugs = match &self.slugs {
            Some(slugs) => slugs.clone(),
            None => self.submit(factory, submissions).await?,
        };
        let interrupted = match session.driver() {
            Some(driver) => self.drive(factory, driver, &slugs, answers).await?,
            None => self.watch_remote(session, &slugs, answers).await?,
        };
        let summary = summary(factory, &slugs, SystemClock.now()).await?;
        Ok((summary, interrupted))
    }

    async fn submit(
        &mut self,
        factory: &dyn Factory,
        submissions: &[Submission],
    ) -> Result<Vec<Slug>, AppError> {
        let seen = factory.head().await?;
        let slugs = if submissions.is_empty() {
            in_progress(factory).await?
        } else {
            let submitted = factory.submit(submissions.to_vec()).await?;
            if self.format == Format::Text {
                submitted.iter().for_each(say_verified);
            }
            submitted.into_iter().map(|startup| startup.slug).collect()
        };
        if slugs.is_empty() && self.format == Format::Text {
            output::words("no runs in progress");
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
                if let (Some(asker), Some(news)) = (&self.gate_news, GateNews::of(&recorded.event))
                {
                    if let GateNews::Opened(gate_id) = &news {
                        self.left.remove(gate_id);
                    }
                    // The asker is gone when the command ends; gates then wait as everywhere else.
                    drop(asker.send(news));
                }
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }

    /// Drives in this process until nothing happens any more, or a signal interrupts it.
    async fn drive(
        &mut self,
        factory: &dyn Factory,
        driver: &Arc<Driver>,
        slugs: &[Slug],
        answers: &Answers,
    ) -> Result<Option<u8>, AppError> {
        let asks = *answers == Answers::Person && !slugs.is_empty();
        loop {
            if let Some(code) = self.drive_once(factory, driver, asks).await? {
                return Ok(Some(code));
            }
            // Gates that were opened before the policy was given; those of a run begun with it never wait.
            match answers {
                Answers::Policy(policy) if approve_all(factory, slugs, policy).await? => {}
                _ => return Ok(None),
            }
        }
    }

    async fn drive_once(
        &mut self,
        factory: &dyn Factory,
        driver: &Arc<Driver>,
        asks: bool,
    ) -> Result<Option<u8>, AppError> {
        let (sender, news) = mpsc::unbounded_channel();
        let (leaving, mut left) = mpsc::unbounded_channel();
        let mut keyboard = None;
        if asks {
            for gate in factory.gates(true).await? {
                drop(sender.send(GateNews::Opened(gate.gate_id)));
            }
            self.gate_news = Some(sender);
            let opened = Keyboard::open();
            keyboard =
                Some(opened.map_err(|error| AppError::internal("read from the terminal", error))?);
        }
        let driving = driver.drive(asks);
        let asking = async {
            match keyboard {
                Some(keyboard) => ask_inline(factory, news, leaving, keyboard).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(driving, asking);
        loop {
            tokio::select! {
                done = &mut driving => {
                    self.catch_up(factory).await?;
                    return done.map(|()| None);
                }
                asked = &mut asking => return asked.map(|()| None),
                Some(gate_id) = left.recv() => {
                    self.catch_up(factory).await?;
                    self.left.insert(gate_id);
                }
                moved = factory.wait(self.seen) => {
                    moved?;
                    self.catch_up(factory).await?;
                }
                code = self.interrupts.recv() => {
                    self.catch_up(factory).await?;
                    return Ok(Some(code));
                }
            }
            if self.only_left_gates_wait(factory).await? {
                return Ok(None);
            }
        }
    }

    /// Whether nothing happens any more before somebody decides a gate that the person here has left undecided.
    async fn only_left_gates_wait(&self, factory: &dyn Factory) -> Result<bool, AppError> {
        if self.left.is_empty() {
            return Ok(false);
        }
        // Everything is driven, not only what this command is about.
        let now = summary(factory, &in_progress(factory).await?, SystemClock.now()).await?;
        let open = open_gates(&now);
        let all_left = open.iter().all(|gate_id| self.left.contains(gate_id));
        Ok(all_left && !open.is_empty() && now.startups.iter().all(rests))
    }

    /// Watches another process drive, until nothing happens any more or a signal interrupts the watching.
    async fn watch_remote(
        &mut self,
        session: &Session,
        slugs: &[Slug],
        answers: &Answers,
    ) -> Result<Option<u8>, AppError> {
        let factory = session.factory();
        if self.format == Format::Text {
            let process = std::fs::read_to_string(session.portfolio_dir.lock()).unwrap_or_default();
            output::words(&format!(
                "process {} is already driving this portfolio; watching it, Ctrl-C stops only the watching",
                process.trim()
            ));
        }
        let mut waiting = Vec::new();
        loop {
            self.catch_up(factory).await?;
            let now = summary(factory, slugs, SystemClock.now()).await?;
            let gates = open_gates(&now);
            let rest = now.startups.iter().all(rests);
            if rest && gates.is_empty() {
                return Ok(None);
            }
            if rest && gates == waiting {
                match answers {
                    Answers::Policy(policy) => {
                        approve_all(factory, slugs, policy).await?;
                    }
                    Answers::Nobody | Answers::Person => return Ok(None),
                }
            }
            if rest {
                // A gate that the run's own policy decides is open for a moment: looked at twice, it has gone.
                waiting = gates;
                SystemClock
                    .sleep_until(SystemClock.now().plus(SETTLE))
                    .await;
                continue;
            }
            waiting.clear();
            tokio::select! {
                moved = factory.wait(self.seen) => {
                    moved?;
                }
                code = self.interrupts.recv() => return Ok(Some(code)),
            }
        }
    }
}

fn say_verified(startup: &Submitted) {
    if startup.outcome == SubmitOutcome::Verified {
        let slug = &startup.slug;
        output::words(&format!("{slug} is already verified; nothing to do"));
    }
}

/// Whether nothing happens to it before a person decides.
fn rests(startup: &StartupSummary) -> bool {
    startup.state.is_final() || startup.state == StartupState::Waiting
}

/// Gates that nothing but a decision moves.
fn open_gates(summary: &Summary) -> Vec<GateId> {
    let open = summary
        .startups
        .iter()
        .filter(|startup| startup.state == StartupState::Waiting);
    open.flat_map(|startup| startup.gates.clone()).collect()
}

async fn in_progress(factory: &dyn Factory) -> Result<Vec<Slug>, AppError> {
    let startups = factory.startups().await?;
    let open = startups
        .into_iter()
        .filter(|startup| !startup.state.is_final());
    Ok(open.map(|startup| startup.slug).collect())
}
