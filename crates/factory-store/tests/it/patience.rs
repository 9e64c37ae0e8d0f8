//! Waits for the threads of a real store, in real time: only so long that a test that hangs fails.

#![expect(
    clippy::disallowed_methods,
    reason = "real threads and a real disk are waited for in real time"
)]

use std::time::{Duration, Instant};

/// Longest time that anything here is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// What a future gives that must not take long.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    let given = tokio::time::timeout_at(deadline.into(), future).await;
    given.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain"))
}

/// Returns as soon as the condition holds.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    soon(holds).await;
}
