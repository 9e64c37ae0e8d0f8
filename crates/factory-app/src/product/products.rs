//! Who starts and stops products: one caller at a time per startup.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use factory_core::id::Slug;
use factory_core::portfolio::Startup;
use tokio::sync::watch;

use crate::driver::Driver;
use crate::environment::Environment;
use crate::error::AppError;
use crate::refusal::no_startup;
use crate::workers::Templates;

/// Starts and stops the products of a portfolio.
#[derive(Debug)]
pub struct Products {
    pub(super) driver: Arc<Driver>,
    pub(super) templates: Arc<Templates>,
    /// What every process of a product starts from.
    pub(super) environment: Environment,
    /// One per startup, held while its product is started or stopped. Never removed: as many as there are startups.
    locks: Mutex<BTreeMap<Slug, Arc<tokio::sync::Mutex<()>>>>,
    /// Whether this process is about to end and starts nothing any more.
    pub(super) given_up: watch::Sender<bool>,
}

impl Products {
    /// Products of the driver's portfolio.
    pub fn new(driver: Arc<Driver>, templates: Arc<Templates>, environment: Environment) -> Self {
        Self {
            driver,
            templates,
            environment,
            locks: Mutex::default(),
            given_up: watch::Sender::new(false),
        }
    }

    pub(super) fn lock_of(&self, slug: &Slug) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(slug.clone()).or_default())
    }

    pub(super) async fn startup(&self, slug: &Slug) -> Result<Startup, AppError> {
        let mut startups = self.driver.portfolio().await.startups;
        startups.remove(slug).ok_or_else(|| no_startup(slug))
    }
}
