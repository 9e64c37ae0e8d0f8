//! Wires a driver: for the program and for tests of a whole factory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::driver::{Driver, Limits, Ports};
use crate::environment::Environment;
use crate::error::AppError;
use crate::local::Local;
use crate::portfolio_dir::PortfolioDir;
use crate::product::Products;
use crate::workers::{FactoryWorker, Templates};

/// What a driver is assembled of.
#[derive(Debug)]
pub struct Parts {
    /// The portfolio's folder.
    pub portfolio_dir: PortfolioDir,
    /// The ports that it works on.
    pub ports: Ports,
    /// What it may use of the machine.
    pub limits: Limits,
    /// Folder of templates that go before the program's own.
    pub templates: Option<PathBuf>,
    /// The environment that the program was started with; [`Environment`] says what gets through to processes.
    pub environment: BTreeMap<String, String>,
    /// Limits that this machine cannot enforce, by name.
    pub unenforced: Vec<String>,
    /// Who drives, for people that look at the terms.
    pub holder: String,
}

/// Begins a new term on these parts. The caller holds the portfolio's lock.
pub async fn assemble(parts: Parts) -> Result<Local, AppError> {
    let environment = Environment::prepare(&parts.portfolio_dir, &parts.environment)
        .map_err(|error| AppError::internal("prepare the environment of processes", error))?;
    let templates = Arc::new(Templates::new(parts.templates));
    let worker = FactoryWorker::new(
        Arc::clone(&parts.ports.blobs),
        Arc::clone(&parts.ports.processes),
        environment.clone(),
        Arc::clone(&templates),
    );
    let driver = Driver::open(
        parts.portfolio_dir,
        parts.ports,
        parts.limits,
        Arc::new(worker),
        &parts.holder,
    )
    .await?;
    let products = Products::new(Arc::clone(&driver), Arc::clone(&templates), environment);
    Ok(Local::new(driver, templates, products, parts.unenforced))
}
