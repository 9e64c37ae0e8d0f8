//! The machine's steady clock: limits of real processes are limits of real time.

#![expect(
    clippy::disallowed_methods,
    reason = "real processes are measured and waited for in real time"
)]

use std::thread;
use std::time::{Duration, Instant};

/// The time now.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Blocks this thread, where the system offers nothing to wait on.
pub(crate) fn sleep(duration: Duration) {
    thread::sleep(duration);
}
