//! Which commands are legal, and which events they make.

use super::{Command, Decision, Event, Portfolio, Refusal, Startup, State, Verdict, allocation};
use crate::id::{GateId, Slug};

/// Which events a command makes of the state; none if it changes nothing.
#[expect(
    clippy::too_many_lines,
    reason = "one flat match reads better than scattered ones"
)]
pub fn decide(state: &Portfolio, command: Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::CreateStartup {
            slug,
            name,
            resources,
            budget,
            plan,
        } => {
            if state.startups.contains_key(&slug) {
                return Err(Refusal::Exists(slug));
            }
            Ok(vec![Event::StartupCreated {
                slug,
                name,
                resources,
                budget,
                plan,
            }])
        }
        Command::Requeue {
            slug,
            resources,
            budget,
            plan,
        } => {
            let startup = startup(state, &slug)?;
            let waits = startup.state == State::Queued && startup.allocation.is_none();
            let over = startup.state.is_final() && startup.state != State::Verified;
            if !waits && !over {
                return Err(Refusal::NotOver {
                    slug,
                    state: startup.state.as_str(),
                });
            }
            let mut events = released(startup, &slug)?;
            events.push(Event::StartupRequeued {
                slug,
                resources,
                budget,
                plan,
            });
            Ok(events)
        }
        Command::Allocate {
            machine,
            free_ports,
        } => Ok(allocation::grant(state, &machine, &free_ports)),
        Command::BeginRun { slug } => {
            let startup = startup(state, &slug)?;
            if startup.state != State::Queued {
                let state = startup.state.as_str();
                return Err(Refusal::NotQueued { slug, state });
            }
            if startup.allocation.is_none() {
                return Err(Refusal::NoAllocation(slug));
            }
            let run_id = startup.next_run(&slug);
            Ok(vec![Event::RunBegun { slug, run_id }])
        }
        Command::OpenGate { gate_id, gate } => match state.gates.get(&gate_id) {
            Some(open) if open.round >= gate.round => Ok(Vec::new()),
            _ => Ok(vec![Event::GateOpened { gate_id, gate }]),
        },
        Command::DecideGate {
            gate_id,
            round,
            decision,
        } => decide_gate(state, gate_id, round, decision),
        Command::EndRun { slug, state: end } => {
            let startup = startup(state, &slug)?;
            let run_id = startup.newest_run(&slug);
            let left = state
                .gates
                .iter()
                .filter(|(gate_id, gate)| gate.decision.is_none() && Some(gate_id.run()) == run_id);
            let mut events: Vec<Event> = left
                .map(|(gate_id, _)| Event::GateClosed {
                    gate_id: gate_id.clone(),
                })
                .collect();
            if startup.state != end {
                events.push(Event::RunEnded {
                    slug: slug.clone(),
                    state: end,
                });
            }
            if startup.allocation.is_some() {
                events.push(Event::AllocationReleased { slug });
            }
            Ok(events)
        }
        Command::Acquire {
            slug,
            machine,
            free_ports,
        } => {
            let startup = startup(state, &slug)?;
            is_built(startup, &slug)?;
            if startup.allocation.is_some() {
                return Ok(Vec::new());
            }
            match allocation::of_product(state, startup, &slug, &machine, &free_ports) {
                Ok(allocation) => Ok(vec![Event::AllocationGranted { slug, allocation }]),
                Err(why) => Err(Refusal::NotEnoughResources { slug, why }),
            }
        }
        Command::Release { slug } => {
            let startup = startup(state, &slug)?;
            if !startup.state.is_final() {
                let state = startup.state.as_str();
                return Err(Refusal::NotOver { slug, state });
            }
            released(startup, &slug)
        }
        Command::StartProduct { slug, product } => {
            let startup = startup(state, &slug)?;
            is_built(startup, &slug)?;
            if startup.product.is_some() {
                return Err(Refusal::ProductRuns(slug));
            }
            if startup.allocation.is_none() {
                return Err(Refusal::NoAllocation(slug));
            }
            Ok(vec![Event::ProductStarted { slug, product }])
        }
        Command::StopProduct {
            slug,
            process,
            reason,
        } => {
            let startup = startup(state, &slug)?;
            let runs = startup.product.as_ref();
            if runs.is_none_or(|product| product.process != process) {
                return Ok(Vec::new());
            }
            let mut events = vec![Event::ProductStopped {
                slug: slug.clone(),
                reason,
            }];
            if startup.allocation.is_some() {
                events.push(Event::AllocationReleased { slug });
            }
            Ok(events)
        }
    }
}

/// Gives back what a startup holds, unless its product runs on it.
fn released(startup: &Startup, slug: &Slug) -> Result<Vec<Event>, Refusal> {
    if startup.product.is_some() {
        return Err(Refusal::ProductRuns(slug.clone()));
    }
    let held = startup.allocation.is_some();
    let slug = slug.clone();
    Ok(held
        .then_some(Event::AllocationReleased { slug })
        .into_iter()
        .collect())
}

fn is_built(startup: &Startup, slug: &Slug) -> Result<(), Refusal> {
    if startup.state.is_built() {
        return Ok(());
    }
    Err(Refusal::NotBuilt {
        slug: slug.clone(),
        state: startup.state.as_str(),
    })
}

fn startup<'a>(state: &'a Portfolio, slug: &Slug) -> Result<&'a Startup, Refusal> {
    state
        .startups
        .get(slug)
        .ok_or_else(|| Refusal::NoStartup(slug.clone()))
}

fn decide_gate(
    state: &Portfolio,
    gate_id: GateId,
    round: Option<u32>,
    decision: Decision,
) -> Result<Vec<Event>, Refusal> {
    let gate = state
        .gates
        .get(&gate_id)
        .ok_or_else(|| Refusal::NoGate(gate_id.clone()))?;
    if let Some(earlier) = &gate.decision {
        let (verdict, by) = (earlier.verdict.as_str(), earlier.by.clone());
        return Err(Refusal::Decided {
            gate_id,
            verdict,
            by,
        });
    }
    if let Some(seen) = round.filter(|seen| *seen != gate.round) {
        return Err(Refusal::OtherRound {
            gate_id,
            now: gate.round,
            seen,
        });
    }
    let says_nothing = decision
        .comment
        .as_deref()
        .is_none_or(|comment| comment.trim().is_empty());
    if decision.verdict == Verdict::Ask && says_nothing {
        return Err(Refusal::NoComment);
    }
    Ok(vec![Event::GateDecided {
        gate_id,
        round: gate.round,
        decision,
    }])
}
