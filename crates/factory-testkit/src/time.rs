//! A clock that jumps: nobody waits, and time still passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use factory_core::clock::{Clock, Timestamp};
use factory_core::port::BoxFuture;

/// A clock that is a millisecond further with each look, and as far as anyone sleeps.
#[derive(Debug, Clone)]
pub struct JumpingClock {
    now: Arc<AtomicI64>,
}

impl Default for JumpingClock {
    /// Begins at 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self { now: Arc::new(AtomicI64::new(1_767_225_600_000)) }
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.fetch_add(1, Ordering::SeqCst))
    }

    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Give work that is under way the chance to end first, as it would in real time.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            self.now.fetch_max(until.0, Ordering::SeqCst);
        })
    }
}
