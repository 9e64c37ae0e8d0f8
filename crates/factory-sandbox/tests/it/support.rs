//! What the tests share: a folder with a log, a specification, a way to wait for a future.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use factory_core::process::{Finished, Limits, ProcessRunner as _, ProcessSpec, SpawnError};
use factory_sandbox::Sandbox;
use tempfile::TempDir;

/// Longest time that anything here is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A folder in which one shell script is run.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    pub(crate) spec: ProcessSpec,
}

/// A place whose process is `sh -c script`.
pub(crate) fn shell(script: &str) -> Place {
    let dir = tempfile::tempdir().unwrap();
    let path = "/usr/local/bin:/usr/bin:/bin".to_owned();
    let spec = ProcessSpec {
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
        dir: dir.path().into(),
        env: BTreeMap::from([("PATH".to_owned(), path)]),
        limits: Limits {
            wall_clock: Duration::from_secs(30),
            memory_mib: 512,
            log_mib: 1,
        },
        log: dir.path().join("run.log"),
        network: false,
    };
    Place { dir, spec }
}

impl Place {
    pub(crate) fn run(&self) -> Result<Finished, SpawnError> {
        block_on(Sandbox::new().run(&self.spec))
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.spec.log).unwrap()
    }

    /// The number that the script wrote into this file; waits for it.
    pub(crate) fn pid_in(&self, name: &str) -> i32 {
        pid_in(&self.dir.path().join(name))
    }
}

pub(crate) fn pid_in(path: &Path) -> i32 {
    let mut pid = None;
    wait_until("the script writes its number", || {
        let text = fs::read_to_string(path).unwrap_or_default();
        pid = text
            .strip_suffix('\n')
            .and_then(|text| text.trim().parse().ok());
        pid.is_some()
    });
    pid.unwrap()
}

/// Whether a process of this number runs (a zombie does not).
pub(crate) fn runs(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| !rest.starts_with(" Z"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "real processes are waited for in real time"
)]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(
            Instant::now() < deadline,
            "waited {PATIENCE:?} in vain until {what}"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        thread::park();
    }
}
