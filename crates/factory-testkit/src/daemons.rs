//! Processes that outlive a driver and are not run: they live until somebody stops them, or a test lets them die.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use factory_core::process::{Daemons, ProcessIdentity, ProcessSpec, SpawnError, Stopped};

/// The processes of one machine that never restarts.
#[derive(Debug, Clone, Default)]
pub struct FakeDaemons(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    spawned: u32,
    alive: BTreeSet<u32>,
    /// Whether whoever would stop them is dead.
    unstoppable: bool,
}

impl FakeDaemons {
    /// How many were ever started.
    pub fn spawned(&self) -> u32 {
        self.lock().spawned
    }

    /// Numbers of those that are alive.
    pub fn alive(&self) -> Vec<u32> {
        self.lock().alive.iter().copied().collect()
    }

    /// Lets all of them die, as by a fault of their own.
    pub fn die(&self) {
        self.lock().alive.clear();
    }

    /// Lets nobody stop them, as when the driver that would has died; or lets the next one do it again.
    pub fn unstoppable(&self, unstoppable: bool) {
        self.lock().unstoppable = unstoppable;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Daemons for FakeDaemons {
    fn spawn_detached(&self, _spec: &ProcessSpec) -> Result<ProcessIdentity, SpawnError> {
        let mut state = self.lock();
        state.spawned += 1;
        let pid = state.spawned;
        state.alive.insert(pid);
        Ok(ProcessIdentity {
            pid,
            start_time: 0,
            boot_id: "boot".to_owned(),
        })
    }

    fn is_alive(&self, process: &ProcessIdentity) -> bool {
        self.lock().alive.contains(&process.pid)
    }

    fn stop(&self, process: &ProcessIdentity) -> Stopped {
        let mut state = self.lock();
        if !state.unstoppable && state.alive.remove(&process.pid) {
            Stopped::Terminated
        } else {
            Stopped::WasNotRunning
        }
    }
}
