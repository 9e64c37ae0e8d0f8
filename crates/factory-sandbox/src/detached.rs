//! Processes that outlive the factory: a started product. The caller keeps their identity.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use factory_core::process::{Exit, ProcessIdentity, ProcessSpec, SpawnError, Stopped};
use rustix::process::Signal;

use crate::record::boot_id;
use crate::spawner::{self, Lifetime};
use crate::supervise;
use crate::time::{self, now};
use crate::tree::{self, Identity, Tree};

/// How long a process may take to end after SIGTERM.
const TERM_PATIENCE: Duration = Duration::from_secs(5);
const LOOK_PERIOD: Duration = Duration::from_millis(20);
/// How long an end that can be seen may stay uncollected.
const EXIT_PATIENCE: Duration = Duration::from_secs(1);
/// What is said of an end that the system does not tell.
const LOST: Exit = Exit::Signal {
    signal: Signal::KILL.as_raw(),
};

/// How the processes that this program started have ended, nothing for those that have not. Never emptied: a program
/// starts few products.
static EXITS: Mutex<BTreeMap<(i32, u64), Option<Exit>>> = Mutex::new(BTreeMap::new());

pub(crate) fn spawn(spec: &ProcessSpec) -> Result<ProcessIdentity, SpawnError> {
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
    let key = (id.pid, id.start_time);
    exits().insert(key, None);
    let collector = thread::Builder::new()
        .name("sandbox-detached".into())
        .stack_size(64 << 10);
    let collect = move || {
        let exit = child.wait().map_or(LOST, supervise::how_it_ended);
        exits().insert(key, Some(exit));
    };
    if let Err(error) = collector.spawn(collect) {
        exits().remove(&key);
        tracing::warn!(pid = id.pid, %error, "the process will not be reaped when it ends");
    }
    Ok(ProcessIdentity {
        pid: id.pid.unsigned_abs(),
        start_time: id.start_time,
        boot_id: boot_id(),
    })
}

/// How a process that this program started has ended. One that has just ended is waited for until its end is known.
pub(crate) fn exit_of(process: &ProcessIdentity) -> Option<Exit> {
    let id = identity(process)?;
    let deadline = now() + EXIT_PATIENCE;
    loop {
        match exits().get(&(id.pid, id.start_time)) {
            None => return None,
            Some(Some(exit)) => return Some(exit.clone()),
            Some(None) if is_alive(process) || now() >= deadline => return None,
            Some(None) => {}
        }
        time::sleep(LOOK_PERIOD);
    }
}

fn exits() -> MutexGuard<'static, BTreeMap<(i32, u64), Option<Exit>>> {
    // A panic while one was added leaves nothing that matters half done.
    EXITS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this very process is alive.
pub(crate) fn is_alive(process: &ProcessIdentity) -> bool {
    let Some(id) = identity(process) else {
        return false;
    };
    tree::process(id.pid).is_some_and(|process| process.id == id && !process.is_zombie)
}

/// Ends a detached process and all its descendants: asks them to end, waits five seconds, then kills them.
///
/// Blocks until they are gone. Works also when the process itself has ended and left others behind.
pub(crate) fn stop(process: &ProcessIdentity) -> Stopped {
    let Some(id) = identity(process) else {
        return Stopped::WasNotRunning;
    };
    let mut tree = Tree::new(id, []);
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

/// Nothing outlives a restart of the machine: after it, the numbers mean other processes.
fn identity(process: &ProcessIdentity) -> Option<Identity> {
    let pid = i32::try_from(process.pid).ok()?;
    let start_time = process.start_time;
    (process.boot_id == boot_id()).then_some(Identity { pid, start_time })
}
