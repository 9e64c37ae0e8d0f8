//! A portfolio in a temporary folder, with everything that a program would wire.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use factory_app::Parts;
use factory_app::driver::{Limits, Ports};
use factory_app::error::AppError;
use factory_app::local::Local;
use factory_app::portfolio_dir::PortfolioDir;
use factory_core::id::Slug;
use factory_core::port::{Blobs, EventLog, Query, Terms};
use factory_engine::git::{Listing, Repository};
use factory_engine::runner::Retry;
use factory_store::MemoryStore;

use crate::daemons::FakeDaemons;
use crate::fixture;
use crate::processes::PassingProcesses;
use crate::time::JumpingClock;

/// A portfolio that lives as long as this value.
#[derive(Debug)]
pub struct TestFactory {
    folder: tempfile::TempDir,
    store: MemoryStore,
    processes: PassingProcesses,
    daemons: FakeDaemons,
    startups_at_once: usize,
}

impl Default for TestFactory {
    fn default() -> Self {
        Self::new()
    }
}

impl TestFactory {
    /// An empty portfolio.
    #[expect(
        clippy::expect_used,
        reason = "a test cannot continue without a temporary folder"
    )]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("make a temporary folder");
        PortfolioDir::init(folder.path()).expect("make a portfolio");
        Self {
            folder,
            store: MemoryStore::new(),
            processes: PassingProcesses::default(),
            daemons: FakeDaemons::default(),
            startups_at_once: 5,
        }
    }

    /// Lets so many startups build at once; five if nothing is said.
    pub fn build_at_once(&mut self, startups: usize) {
        self.startups_at_once = startups;
    }

    /// Its store, to plan a crash.
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    /// Its processes, to make one fail.
    pub fn processes(&self) -> &PassingProcesses {
        &self.processes
    }

    /// Its started products, to let one die.
    pub fn daemons(&self) -> &FakeDaemons {
        &self.daemons
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// What is left after the machine has died: the same folder, and what the store had made durable.
    #[must_use]
    pub fn after_crash(self) -> Self {
        let store = self.store.survivor();
        Self { store, ..self }
    }

    /// A new driver on the memory store, as a new process would open it.
    pub async fn open(&self) -> Result<Local, AppError> {
        self.open_on(Arc::new(self.store.clone()), Some(fixture::templates()))
            .await
    }

    /// A new driver on any store, with the templates of a folder or the program's own.
    pub async fn open_on<S>(
        &self,
        store: Arc<S>,
        templates: Option<PathBuf>,
    ) -> Result<Local, AppError>
    where
        S: EventLog + Query + Blobs + Terms + 'static,
    {
        let ports = Ports {
            log: Arc::<S>::clone(&store),
            query: Arc::<S>::clone(&store),
            blobs: Arc::<S>::clone(&store),
            terms: store,
            processes: Arc::new(self.processes.clone()),
            daemons: Arc::new(self.daemons.clone()),
            clock: Arc::new(JumpingClock::default()),
        };
        let retry = Retry {
            delay: Duration::from_millis(10),
            delay_max: Duration::from_secs(1),
        };
        let limits = Limits {
            startups: self.startups_at_once,
            tasks: 3,
            verifications: 2,
            ports: 3000..=3099,
            retry,
            attempts_max: 3,
            file_bytes_max: 1 << 20,
        };
        let parts = Parts {
            portfolio_dir: PortfolioDir::find(self.root())?,
            ports,
            limits,
            templates,
            environment: BTreeMap::new(),
            unenforced: Vec::new(),
            holder: "test".to_owned(),
        };
        factory_app::assemble(parts).await
    }

    /// The product's folder.
    pub fn product(&self, slug: &Slug) -> PathBuf {
        self.root().join("startups").join(slug.as_str())
    }

    /// Every file on the product's target branch.
    #[expect(
        clippy::expect_used,
        reason = "a test that cannot read its product has failed"
    )]
    pub fn tree(&self, slug: &Slug) -> Listing {
        let repository = Repository::open(&self.product(slug)).expect("open the product");
        let head = repository
            .branch_head("main")
            .expect("read the branch")
            .expect("the branch has a commit");
        repository.read_tree(head).expect("read the tree")
    }
}
