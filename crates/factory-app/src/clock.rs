//! The machine's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use factory_core::clock::{Clock, Timestamp};
use factory_core::port::BoxFuture;

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "this is a clock")]
    fn sleep_until(&self, until: Timestamp) -> BoxFuture<'_, ()> {
        // At least a millisecond, so that a stopped clock does not make its caller spin.
        let left = until.since(self.now()).max(Duration::from_millis(1));
        Box::pin(tokio::time::sleep(left))
    }
}
