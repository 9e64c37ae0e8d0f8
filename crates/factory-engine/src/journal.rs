//! What happened, appended before anything is done: a repository's events and the portfolio's, together.
//!
//! One [`Journal`] serves all repositories of a driver. It keeps the folded portfolio, so that a gate opens
//! and a run ends in the very append that says so in the repository's stream.

use std::sync::Arc;

use factory_core::clock::Clock;
use factory_core::event::Event;
use factory_core::id::{Slug, StreamId, Term, Version};
use factory_core::port::{Append, AppendError, EventLog, StoreError, StreamWrite};
use factory_core::portfolio::{self, Portfolio};
use factory_core::run::{self, Repo};
use tokio::sync::Mutex;

/// Appends for one driver.
#[derive(Debug)]
pub struct Journal {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    term: Option<Term>,
    portfolio: Mutex<Folded<Portfolio>>,
}

/// A folded stream and its version.
#[derive(Debug, Clone, Default)]
pub struct Folded<S> {
    /// The state.
    pub state: S,
    /// Events folded so far.
    pub version: Version,
}

/// Nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The portfolio does not allow it.
    #[error(transparent)]
    Refused(#[from] portfolio::Refusal),
    /// The log did not take it.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be read.
    #[error("read the event log")]
    Read(#[source] StoreError),
}

const PAGE: usize = 1024;

impl Journal {
    /// Reads the portfolio's stream.
    pub async fn open(
        log: Arc<dyn EventLog>,
        clock: Arc<dyn Clock>,
        term: Option<Term>,
    ) -> Result<Self, JournalError> {
        let journal = Self {
            log,
            clock,
            term,
            portfolio: Mutex::new(Folded::default()),
        };
        journal
            .catch_up(&mut *journal.portfolio.lock().await)
            .await?;
        Ok(journal)
    }

    /// The current portfolio.
    pub async fn portfolio(&self) -> Portfolio {
        self.portfolio.lock().await.state.clone()
    }

    /// Reads a repository's stream from its beginning.
    pub async fn repo(&self, name: &Slug) -> Result<Folded<Repo>, JournalError> {
        let mut folded = Folded::default();
        let stream = StreamId::repo(name);
        self.fold(&stream, &mut folded, |state, event| {
            if let Event::Run(event) = event {
                run::apply(state, event);
            }
        })
        .await?;
        Ok(folded)
    }

    /// Decides on the portfolio and appends what follows.
    pub async fn decide(
        &self,
        commands: Vec<portfolio::Command>,
    ) -> Result<Vec<portfolio::Event>, JournalError> {
        self.write(None, Vec::new(), commands).await
    }

    /// Appends a repository's events, decided on `repo`, together with what the commands make of the
    /// portfolio; then folds them into `repo`.
    pub async fn append(
        &self,
        name: &Slug,
        repo: &mut Folded<Repo>,
        events: Vec<run::RunEvent>,
        commands: Vec<portfolio::Command>,
    ) -> Result<Vec<portfolio::Event>, JournalError> {
        let count = events.len() as u64;
        let decided = self
            .write(Some((name, repo.version)), events.clone(), commands)
            .await?;
        for event in &events {
            run::apply(&mut repo.state, event);
        }
        repo.version.0 += count;
        Ok(decided)
    }

    async fn write(
        &self,
        repo: Option<(&Slug, Version)>,
        events: Vec<run::RunEvent>,
        commands: Vec<portfolio::Command>,
    ) -> Result<Vec<portfolio::Event>, JournalError> {
        if commands.is_empty() {
            // Nothing of the portfolio is read or written: repositories never wait for each other.
            let writes = repo_write(repo, events);
            self.send(writes).await?;
            return Ok(Vec::new());
        }
        let mut folded = self.portfolio.lock().await;
        loop {
            let mut after = folded.state.clone();
            let mut decided = Vec::new();
            for command in &commands {
                for event in portfolio::decide(&after, command.clone())? {
                    portfolio::apply(&mut after, &event);
                    decided.push(event);
                }
            }
            let mut writes = repo_write(repo, events.clone());
            if !decided.is_empty() {
                writes.push(StreamWrite {
                    stream: StreamId::portfolio(),
                    expected: Some(folded.version),
                    events: decided.iter().cloned().map(Event::Portfolio).collect(),
                });
            }
            match self.send(writes).await {
                Ok(()) => {
                    folded.state = after;
                    folded.version.0 += decided.len() as u64;
                    return Ok(decided);
                }
                Err(AppendError::Conflict { stream, .. }) if stream == StreamId::portfolio() => {
                    self.catch_up(&mut folded).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn send(&self, writes: Vec<StreamWrite>) -> Result<(), AppendError> {
        if writes.is_empty() {
            return Ok(());
        }
        self.log
            .append(Append {
                at: self.clock.now(),
                term: self.term,
                writes,
            })
            .await
            .map(drop)
    }

    async fn catch_up(&self, folded: &mut Folded<Portfolio>) -> Result<(), JournalError> {
        self.fold(&StreamId::portfolio(), folded, |state, event| {
            if let Event::Portfolio(event) = event {
                portfolio::apply(state, event);
            }
        })
        .await
    }

    /// Folds what a stream holds beyond the version of the state.
    async fn fold<S>(
        &self,
        stream: &StreamId,
        folded: &mut Folded<S>,
        apply: impl Fn(&mut S, &Event),
    ) -> Result<(), JournalError> {
        loop {
            let page = self.log.read(stream, folded.version, PAGE).await;
            let page = page.map_err(JournalError::Read)?;
            for recorded in &page {
                apply(&mut folded.state, &recorded.event);
                folded.version = recorded.version;
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }
}

fn repo_write(repo: Option<(&Slug, Version)>, events: Vec<run::RunEvent>) -> Vec<StreamWrite> {
    let Some((name, version)) = repo else {
        return Vec::new();
    };
    if events.is_empty() {
        return Vec::new();
    }
    vec![StreamWrite {
        stream: StreamId::repo(name),
        expected: Some(version),
        events: events.into_iter().map(Event::Run).collect(),
    }]
}
