//! Folds events into the portfolio.

use super::{Event, Portfolio, Startup, State};

/// Folds one event into the state.
#[expect(
    clippy::too_many_lines,
    reason = "one flat match reads better than scattered ones"
)]
pub fn apply(state: &mut Portfolio, event: &Event) {
    match event {
        Event::StartupCreated {
            slug,
            name,
            resources,
            budget,
            plan,
        } => {
            let startup = Startup {
                name: name.clone(),
                state: State::Queued,
                resources: *resources,
                budget: *budget,
                allocation: None,
                product: None,
                waits_for: None,
                plan: plan.clone(),
                runs: 0,
            };
            state.startups.insert(slug.clone(), startup);
            state.queue.push(slug.clone());
        }
        Event::StartupRequeued {
            slug,
            resources,
            budget,
            plan,
        } => {
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.resources = *resources;
                startup.budget = *budget;
                startup.plan = plan.clone();
                startup.state = State::Queued;
                startup.waits_for = None;
                state.queue.retain(|queued| queued != slug);
                state.queue.push(slug.clone());
            }
        }
        Event::AllocationGranted { slug, allocation } => {
            state.queue.retain(|queued| queued != slug);
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.allocation = Some(allocation.clone());
                startup.waits_for = None;
            }
        }
        Event::AllocationQueued { slug, why } => {
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.waits_for = Some(why.clone());
            }
        }
        Event::AllocationReleased { slug } => {
            state.queue.retain(|queued| queued != slug);
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.allocation = None;
            }
        }
        Event::ProductStarted { slug, product } => {
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.product = Some(product.clone());
            }
        }
        Event::ProductStopped { slug, .. } => {
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.product = None;
            }
        }
        Event::RunBegun { slug, .. } => {
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.state = State::Building;
                startup.runs += 1;
            }
        }
        Event::RunEnded { slug, state: end } => {
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.state = *end;
            }
        }
        Event::GateOpened { gate_id, gate } => {
            state.gates.insert(gate_id.clone(), gate.clone());
        }
        Event::GateClosed { gate_id } => {
            state.gates.remove(gate_id);
        }
        Event::GateDecided {
            gate_id, decision, ..
        } => {
            if let Some(gate) = state.gates.get_mut(gate_id) {
                gate.decision = Some(decision.clone());
            }
        }
    }
}
