//! Processes that outlive the factory, such as a started product. They are identified by process id and start
//! time, which the caller stores.

use std::fs::File;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use factory_core::process::{ProcessSpec, SpawnError};
use rustix::process::Signal;

use crate::spawner::{self, Lifetime};
use crate::supervise;
use crate::time::{self, now};
use crate::tree::{self, Identity, Tree};

/// How long a process may take to end after SIGTERM.
const TERM_PATIENCE: Duration = Duration::from_secs(5);
const LOOK_PERIOD: Duration = Duration::from_millis(20);

/// A process that outlives this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its process id, which is also that of its session and process group.
    pub pid: u32,
    /// When it started, in clock ticks since boot: distinguishes it from a later process with the same id.
    pub start_time: u64,
    /// Where its output goes.
    pub log: PathBuf,
}

/// What [`stop`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// No process of it was alive.
    WasNotRunning,
    /// It ended when asked to.
    Terminated,
    /// It did not end in time and was killed.
    Killed,
}

pub(crate) fn spawn(spec: &ProcessSpec) -> Result<Running, SpawnError> {
    let mut command = supervise::command(spec)?;
    let refused = |source| supervise::refused(spec, source);
    File::create(&spec.log).map_err(refused)?;
    // Appending, so that the file can be truncated while the process writes.
    let log = File::options()
        .append(true)
        .open(&spec.log)
        .map_err(refused)?;
    command
        .stdout(log.try_clone().map_err(refused)?)
        .stderr(log);
    let mut child = spawner::spawn(command, Lifetime::Detached).map_err(refused)?;
    let id = supervise::identity(&child);
    // As long as we live it is our child, and somebody must reap it.
    let collector = thread::Builder::new()
        .name("sandbox-detached".into())
        .stack_size(64 << 10);
    if let Err(error) = collector.spawn(move || child.wait()) {
        tracing::warn!(pid = id.pid, %error, "the process will not be reaped when it ends");
    }
    Ok(Running {
        pid: id.pid.unsigned_abs(),
        start_time: id.start_time,
        log: spec.log.clone(),
    })
}

/// Whether this very process is alive.
pub fn is_alive(pid: u32, start_time: u64) -> bool {
    let process = i32::try_from(pid).ok().and_then(tree::process);
    process.is_some_and(|process| process.id.start_time == start_time && !process.is_zombie)
}

/// Ends a detached process and all its descendants: asks them to end, waits five seconds, then kills them.
///
/// Blocks until they are gone. Also works if the process itself has ended and left descendants behind.
pub fn stop(pid: u32, start_time: u64) -> Stopped {
    let Ok(pid) = i32::try_from(pid) else {
        return Stopped::WasNotRunning;
    };
    let mut tree = Tree::new(Identity { pid, start_time }, []);
    if !tree.signal(Signal::TERM) {
        return Stopped::WasNotRunning;
    }
    let deadline = now() + TERM_PATIENCE;
    while now() < deadline {
        if !tree.is_alive() {
            return Stopped::Terminated;
        }
        time::sleep(LOOK_PERIOD);
    }
    tree.kill();
    Stopped::Killed
}
