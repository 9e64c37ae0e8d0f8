//! A clock that jumps: nobody waits for a retry, and time still passes. And the real one, for patience with sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is a clock")]
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "this is a clock")]
    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(until.since(self.now())))
    }
}
