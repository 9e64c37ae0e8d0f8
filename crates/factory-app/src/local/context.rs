//! What the use cases on the store stand on.

use std::sync::Arc;

use crate::driver::Driver;
use crate::product::Products;
use crate::workers::Templates;

/// The use cases on a driver of this process, whether or not it drives.
#[derive(Debug, Clone)]
pub struct Local {
    pub(super) driver: Arc<Driver>,
    pub(super) templates: Arc<Templates>,
    pub(super) products: Arc<Products>,
    pub(super) unenforced: Vec<String>,
    /// Held from the look at the portfolio to the record of what was made of it: the same startup may be handed
    /// in by several people at once.
    pub(super) submitting: Arc<tokio::sync::Mutex<()>>,
}

impl Local {
    /// On this driver; `unenforced` names the limits that this machine cannot enforce.
    pub fn new(
        driver: Arc<Driver>,
        templates: Arc<Templates>,
        products: Products,
        unenforced: Vec<String>,
    ) -> Self {
        Self {
            driver,
            templates,
            products: Arc::new(products),
            unenforced,
            submitting: Arc::default(),
        }
    }

    /// The driver.
    pub fn driver(&self) -> &Arc<Driver> {
        &self.driver
    }
}
