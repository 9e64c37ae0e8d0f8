//! How many attempts work at once on this machine, over all repositories.

use std::sync::Arc;

use factory_core::run::Weight;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The places that attempts take.
#[derive(Debug, Clone)]
pub struct Slots {
    light: Arc<Semaphore>,
    heavy: Arc<Semaphore>,
    freed: Arc<Notify>,
}

/// One place; dropped, it is free again and everybody who waits is told.
#[derive(Debug)]
pub struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    freed: Arc<Notify>,
}

impl Slots {
    /// So many places of each kind, at least one.
    pub fn new(light: usize, heavy: usize) -> Self {
        Self {
            light: Arc::new(Semaphore::new(light.max(1))),
            heavy: Arc::new(Semaphore::new(heavy.max(1))),
            freed: Arc::new(Notify::new()),
        }
    }

    /// A place, if one is free.
    pub fn take(&self, weight: Weight) -> Option<Slot> {
        let semaphore = match weight {
            Weight::Light => &self.light,
            Weight::Heavy => &self.heavy,
        };
        let permit = Arc::clone(semaphore).try_acquire_owned().ok()?;
        Some(Slot {
            permit: Some(permit),
            freed: Arc::clone(&self.freed),
        })
    }

    /// Free places of one kind; another repository may take them first.
    pub fn available(&self, weight: Weight) -> usize {
        match weight {
            Weight::Light => self.light.available_permits(),
            Weight::Heavy => self.heavy.available_permits(),
        }
    }

    /// Told whenever a place becomes free.
    pub fn freed(&self) -> Arc<Notify> {
        Arc::clone(&self.freed)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.permit.take());
        self.freed.notify_waiters();
    }
}
