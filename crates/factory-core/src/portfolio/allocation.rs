//! Who gets what: requests are granted whole, oldest first, and never beyond what the machine has.

use std::collections::BTreeSet;

use super::event::Event;
use super::share::{Allocation, Machine};
use super::state::{Portfolio, Startup};
use crate::id::Slug;
use crate::resources::{Resources, cores};
use crate::run::GatePolicy;

/// Grants the queue from its head; stops at the first that does not fit, so that nobody is overtaken.
pub(super) fn grant(state: &Portfolio, machine: &Machine, free_ports: &[u16]) -> Vec<Event> {
    let mut left = Left::of(state, machine, free_ports);
    let mut events = Vec::new();
    for slug in &state.queue {
        let Some(startup) = state.startups.get(slug) else {
            continue;
        };
        match left.take(startup.resources) {
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
    let ports = left.take(startup.resources)?;
    Ok(allocation(startup, slug, ports))
}

fn allocation(startup: &Startup, slug: &Slug, ports: Vec<u16>) -> Allocation {
    Allocation {
        resources: startup.resources,
        budget: startup.budget,
        ports,
        database: slug.as_str().replace('-', "_"),
    }
}

/// Startups that wait for a person. They hold what they were given, but nothing of theirs is being built. A policy
/// decides at once: nobody waits for it.
fn at_gates(state: &Portfolio) -> BTreeSet<Slug> {
    let open = state
        .gates
        .iter()
        .filter(|(_, gate)| gate.decision.is_none());
    open.map(|(gate_id, _)| gate_id.run().slug())
        .filter(|slug| {
            let startup = state.startups.get(slug);
            startup.is_some_and(|startup| startup.plan.gates == GatePolicy::Person)
        })
        .collect()
}

/// What is left to give.
struct Left {
    memory_mib: u64,
    cpu_millicores: u32,
    disk_mib: u64,
    startups: usize,
    ports: BTreeSet<u16>,
}

impl Left {
    fn of(state: &Portfolio, machine: &Machine, free_ports: &[u16]) -> Self {
        let mut left = Self {
            memory_mib: machine.capacity.memory_mib,
            cpu_millicores: machine.capacity.cpu_millicores,
            disk_mib: machine.capacity.disk_mib,
            startups: machine.startups,
            ports: free_ports.iter().copied().collect(),
        };
        let at_gates = at_gates(state);
        for (slug, startup) in &state.startups {
            let Some(allocation) = &startup.allocation else {
                continue;
            };
            left.give(allocation.resources);
            if !startup.state.is_final() && !at_gates.contains(slug) {
                left.startups = left.startups.saturating_sub(1);
            }
            for port in &allocation.ports {
                left.ports.remove(port);
            }
        }
        left
    }

    fn give(&mut self, given: Resources) {
        self.memory_mib = self.memory_mib.saturating_sub(given.memory_mib);
        self.cpu_millicores = self.cpu_millicores.saturating_sub(given.cpu_millicores);
        self.disk_mib = self.disk_mib.saturating_sub(given.disk_mib);
    }

    /// The lowest free ports, or what there is too little of.
    fn take(&mut self, wanted: Resources) -> Result<Vec<u16>, String> {
        if self.startups == 0 {
            return Err("all build slots are taken (`concurrency.startups`)".to_owned());
        }
        let ports = usize::from(wanted.port_count);
        let (cpu, cpu_left) = (wanted.cpu_millicores.into(), self.cpu_millicores.into());
        if cpu > cpu_left {
            let (needed, left) = (cores(cpu), cores(cpu_left));
            return Err(format!("processor: needs {needed}, {left} left"));
        }
        for (what, needed, left, unit) in [
            ("memory", wanted.memory_mib, self.memory_mib, " MiB"),
            ("disk", wanted.disk_mib, self.disk_mib, " MiB"),
            ("ports", ports as u64, self.ports.len() as u64, ""),
        ] {
            if needed > left {
                return Err(format!("{what}: needs {needed}{unit}, {left}{unit} left"));
            }
        }
        self.startups -= 1;
        self.give(wanted);
        let taken: Vec<u16> = self.ports.iter().copied().take(ports).collect();
        for port in &taken {
            self.ports.remove(port);
        }
        Ok(taken)
    }
}
