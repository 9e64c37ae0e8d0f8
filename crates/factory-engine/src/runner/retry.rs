//! When a failed attempt is tried again.

use std::time::Duration;

use factory_core::id::{Epoch, TaskId};

/// Exponential backoff.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// Delay after the first failure.
    pub delay: Duration,
    /// Longest delay.
    pub delay_max: Duration,
}

/// A task's own, deterministic place in 0..1000, so that retries of many tasks do not come at once.
fn jitter_permille(task_id: &TaskId, epoch: Epoch) -> u64 {
    let seed = task_id.as_str().bytes().chain(epoch.0.to_le_bytes());
    // FNV-1a, 64 bit.
    let hash = seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash % 1000
}

impl Retry {
    /// The delay before the next try: doubled with each failure, bounded, plus up to half of it by chance.
    pub(super) fn delay(self, failures: u32, task_id: &TaskId, epoch: Epoch) -> Duration {
        let doubled = self
            .delay
            .saturating_mul(2_u32.saturating_pow(failures.min(20)));
        let bounded = doubled.min(self.delay_max);
        let millis = u64::try_from(bounded.as_millis()).unwrap_or(u64::MAX);
        bounded + Duration::from_millis(millis / 2 * jitter_permille(task_id, epoch) / 1000)
    }
}
