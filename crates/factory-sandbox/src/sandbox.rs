//! The entry point of the crate: runs processes and starts detached ones.

use std::io;
use std::thread;

use factory_core::process::{
    BoxFuture, Daemons, Exit, Finished, ProcessIdentity, ProcessRunner, ProcessSpec, SpawnError,
    Stopped,
};

use crate::{detached, oneshot, supervise};

/// Runs processes on this machine under the limits it can enforce.
///
/// It has no state: all sandboxes of a program are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sandbox;

impl Sandbox {
    /// A sandbox.
    pub fn new() -> Self {
        Self
    }
}

impl ProcessRunner for Sandbox {
    /// Nothing happens before the first poll. Dropping the future cancels the run: its process tree is killed
    /// soon after.
    fn run<'a>(&'a self, spec: &'a ProcessSpec) -> BoxFuture<'a, Result<Finished, SpawnError>> {
        Box::pin(async move {
            let refused = |source| supervise::refused(spec, source);
            // Held across the wait: dropping this future closes it, which cancels the run.
            let (cancel, _alive) = io::pipe().map_err(refused)?;
            let (sender, receiver) = oneshot::channel();
            let own_spec = spec.clone();
            thread::Builder::new()
                .name("sandbox-run".into())
                .stack_size(256 << 10)
                .spawn(move || sender.send(supervise::run(&own_spec, &cancel)))
                .map_err(refused)?;
            let gone = || refused(io::Error::other("the supervisor thread has ended"));
            receiver.await.unwrap_or_else(|| Err(gone()))
        })
    }
}

impl Daemons for Sandbox {
    /// Blocks for the time of a fork.
    fn spawn_detached(&self, spec: &ProcessSpec) -> Result<ProcessIdentity, SpawnError> {
        detached::spawn(spec)
    }

    fn is_alive(&self, process: &ProcessIdentity) -> bool {
        detached::is_alive(process)
    }

    fn exit_of(&self, process: &ProcessIdentity) -> Option<Exit> {
        detached::exit_of(process)
    }

    /// Asks, waits five seconds, kills.
    fn stop(&self, process: &ProcessIdentity) -> Stopped {
        detached::stop(process)
    }
}
