//! Who gets what: requests are granted whole, oldest first, and never beyond what the machine has.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Event, Portfolio, Startup};
use crate::id::Slug;

/// What a startup asks for, for its running product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// Memory in mebibytes.
    pub memory_mb: u64,
    /// Processor share in thousandths of a core.
    pub cpu_millis: u64,
    /// Disk in mebibytes.
    pub storage_mb: u64,
    /// Number of TCP ports.
    pub ports: u16,
    /// Model calls per hour.
    pub calls_per_hour: u32,
    /// Money per day, in nano-dollars.
    pub per_day_nanos: u64,
}

/// What a startup was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// What it asked for and got.
    pub resources: Resources,
    /// Its ports, lowest first.
    pub ports: Vec<u16>,
    /// Its own database name.
    pub database: String,
}

/// What this machine can give to all startups together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Memory in mebibytes.
    pub memory_mb: u64,
    /// Processor share in thousandths of a core.
    pub cpu_millis: u64,
    /// Disk in mebibytes.
    pub storage_mb: u64,
    /// Most startups that may hold an allocation and build at once.
    pub startups: usize,
}

/// Grants the queue from its head; stops at the first that does not fit, so that nobody is overtaken.
pub(super) fn grant(state: &Portfolio, machine: &Machine, free_ports: &[u16]) -> Vec<Event> {
    let mut left = Left::of(state, machine, free_ports);
    let mut events = Vec::new();
    for slug in &state.queue {
        let Some(startup) = state.startups.get(slug) else {
            continue;
        };
        match left.take(&startup.wanted) {
            Ok(ports) => events.push(Event::AllocationGranted {
                slug: slug.clone(),
                allocation: allocation(startup, slug, ports),
            }),
            Err(why) => {
                if startup.waits_for.as_ref() != Some(&why) {
                    let slug = slug.clone();
                    events.push(Event::AllocationQueued { slug, why });
                }
                break;
            }
        }
    }
    events
}

/// What a startup whose run has ended is given for its product, beside those that build.
pub(super) fn of_product(
    state: &Portfolio,
    startup: &Startup,
    slug: &Slug,
    machine: &Machine,
    free_ports: &[u16],
) -> Result<Allocation, String> {
    let mut left = Left::of(state, machine, free_ports);
    // A product that runs builds nothing.
    left.startups = usize::MAX;
    let ports = left.take(&startup.wanted)?;
    Ok(allocation(startup, slug, ports))
}

fn allocation(startup: &Startup, slug: &Slug, ports: Vec<u16>) -> Allocation {
    Allocation {
        resources: startup.wanted.clone(),
        ports,
        database: slug.as_str().replace('-', "_"),
    }
}

struct Left {
    memory_mb: u64,
    cpu_millis: u64,
    storage_mb: u64,
    startups: usize,
    ports: BTreeSet<u16>,
}

impl Left {
    fn of(state: &Portfolio, machine: &Machine, free_ports: &[u16]) -> Self {
        let mut left = Self {
            memory_mb: machine.memory_mb,
            cpu_millis: machine.cpu_millis,
            storage_mb: machine.storage_mb,
            startups: machine.startups,
            ports: free_ports.iter().copied().collect(),
        };
        for startup in state.startups.values() {
            let Some(allocation) = &startup.allocation else {
                continue;
            };
            let held = &allocation.resources;
            left.memory_mb = left.memory_mb.saturating_sub(held.memory_mb);
            left.cpu_millis = left.cpu_millis.saturating_sub(held.cpu_millis);
            left.storage_mb = left.storage_mb.saturating_sub(held.storage_mb);
            if !startup.state.is_final() {
                left.startups = left.startups.saturating_sub(1);
            }
            for port in &allocation.ports {
                left.ports.remove(port);
            }
        }
        left
    }

    fn take(&mut self, wanted: &Resources) -> Result<Vec<u16>, String> {
        let short = |what: &str, need: u64, have: u64, unit: &str| {
            Err(format!("{what}: needs {need}{unit}, {have}{unit} left"))
        };
        if self.startups == 0 {
            return Err(
                "as many startups are being built as `concurrency.startups` allows".to_owned(),
            );
        }
        if wanted.memory_mb > self.memory_mb {
            return short("memory", wanted.memory_mb, self.memory_mb, " MB");
        }
        if wanted.cpu_millis > self.cpu_millis {
            return short(
                "processor",
                wanted.cpu_millis,
                self.cpu_millis,
                "/1000 core",
            );
        }
        if wanted.storage_mb > self.storage_mb {
            return short("disk", wanted.storage_mb, self.storage_mb, " MB");
        }
        if usize::from(wanted.ports) > self.ports.len() {
            return short("ports", wanted.ports.into(), self.ports.len() as u64, "");
        }
        self.startups -= 1;
        self.memory_mb -= wanted.memory_mb;
        self.cpu_millis -= wanted.cpu_millis;
        self.storage_mb -= wanted.storage_mb;
        let ports: Vec<u16> = self
            .ports
            .iter()
            .copied()
            .take(wanted.ports.into())
            .collect();
        for port in &ports {
            self.ports.remove(port);
        }
        Ok(ports)
    }
}
