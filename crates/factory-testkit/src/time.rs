//! A clock that jumps: nobody waits for a retry, and time still passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use factory_core::clock::{Clock, Timestamp};
use factory_core::port::BoxFuture;

/// Waits up to this long are jumped: backoff. Longer ones are leases, which must not run out just because the
/// machine that tests is slow.
const JUMPED_MAX: Duration = Duration::from_secs(30);

/// A clock that is a millisecond further with each look, and as far as anyone sleeps for a short while.
#[derive(Debug, Clone)]
pub struct JumpingClock {
    now: Arc<AtomicI64>,
}

impl Default for JumpingClock {
    /// Begins at 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self {
            now: Arc::new(AtomicI64::new(1_767_225_600_000)),
        }
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.fetch_add(1, Ordering::SeqCst))
    }

    #[expect(clippy::disallowed_methods, reason = "this is a clock")]
    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let left = until.since(Timestamp(self.now.load(Ordering::SeqCst)));
            let jumps = left <= JUMPED_MAX;
            tokio::time::sleep(if jumps {
                Duration::from_millis(5)
            } else {
                left
            })
            .await;
            self.now.fetch_max(until.0, Ordering::SeqCst);
        })
    }
}
