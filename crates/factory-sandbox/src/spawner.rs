//! Starts processes from one thread that lives as long as the factory.
//!
//! The parent-death signal of a child fires when the *thread* that forked it ends, not when the process does, and
//! a worker thread of an async runtime may end at any time. So no other thread forks.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rustix::process::{Resource, Rlimit};

/// Largest file that a run may write: a guard against runaway processes, not a quota.
const FILE_BYTES_MAX: u64 = 16 << 30;

/// Whether a process ends with the factory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// Killed by the kernel when the factory dies.
    Bound,
    /// Outlives the factory.
    Detached,
}

struct Job {
    command: Command,
    reply: SyncSender<io::Result<Child>>,
}

static SPAWNER: Mutex<Option<Sender<Job>>> = Mutex::new(None);

/// Starts `command` as the leader of a new session.
pub(crate) fn spawn(mut command: Command, lifetime: Lifetime) -> io::Result<Child> {
    harden(&mut command, lifetime);
    let (reply, answer) = sync_channel(1);
    let gone = || io::Error::other("the spawner thread has ended");
    sender()?.send(Job { command, reply }).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}

fn sender() -> io::Result<Sender<Job>> {
    let mut spawner = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(sender) = spawner.as_ref() {
        return Ok(sender.clone());
    }
    let (sender, jobs) = channel::<Job>();
    thread::Builder::new()
        .name("sandbox-spawner".into())
        .spawn(move || {
            for Job { mut command, reply } in jobs {
                let child = command.spawn();
                // The command holds our copies of the log pipe; they must be closed before the next fork.
                drop(command);
                // Even if the caller is gone, its supervisor thread still holds the receiver.
                let _sent = reply.send(child);
            }
        })?;
    *spawner = Some(sender.clone());
    Ok(sender)
}

#[expect(
    unsafe_code,
    reason = "what happens between fork and exec has no safe interface"
)]
fn harden(command: &mut Command, lifetime: Lifetime) {
    let core = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // At most our own hard limit: raising it needs a privilege.
    let hard = rustix::process::getrlimit(Resource::Fsize).maximum;
    let bytes = hard.map_or(FILE_BYTES_MAX, |hard| hard.min(FILE_BYTES_MAX));
    let file = Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    let parent = rustix::process::getpid();
    let hook = move || {
        rustix::process::setsid()?;
        rustix::process::setrlimit(Resource::Core, core)?;
        rustix::process::setrlimit(Resource::Fsize, file)?;
        forbid_new_privileges()?;
        if lifetime == Lifetime::Bound {
            die_with_parent(parent)?;
        }
        Ok(())
    };
    // SAFETY: between fork and exec only async-signal-safe work is allowed. The hook makes system
    // calls on copied integers; it allocates nothing, takes no lock and touches no shared state.
    unsafe {
        command.pre_exec(hook);
    }
}

#[cfg(target_os = "linux")]
fn forbid_new_privileges() -> io::Result<()> {
    Ok(rustix::thread::set_no_new_privs(true)?)
}

#[cfg(target_os = "linux")]
fn die_with_parent(parent: rustix::process::Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    // The parent may have died before the signal was set.
    match rustix::process::getppid() {
        Some(now) if now == parent => Ok(()),
        _ => Err(rustix::io::Errno::SRCH.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn forbid_new_privileges() -> io::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_parent: rustix::process::Pid) -> io::Result<()> {
    Ok(())
}
