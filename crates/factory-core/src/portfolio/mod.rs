//! The portfolio: startups, what they were given, and the gates that wait for a person.
//!
//! [`decide`] alone makes events, [`apply`] alone folds them. Ports are granted here and nowhere else, so
//! two startups never hold the same one.

mod allocation;
mod plan;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::allocation::{Allocation, Machine, Resources};
pub use self::plan::BuildPlan;
use crate::id::{GateId, RunId, Slug};
use crate::run::{ArtifactRef, End};
use crate::words::words;

/// Everything the portfolio knows of its startups.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portfolio {
    /// Startups by slug.
    pub startups: BTreeMap<Slug, Startup>,
    /// Startups that wait for an allocation, oldest first.
    pub queue: Vec<Slug>,
    /// Gates by id, decided ones included.
    pub gates: BTreeMap<GateId, Gate>,
}

/// One venture.
#[derive(Debug, Clone, PartialEq)]
pub struct Startup {
    /// Name as the founder writes it.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// What it asked for.
    pub wanted: Resources,
    /// What it was given.
    pub allocation: Option<Allocation>,
    /// What it was last told that it waits for.
    pub waits_for: Option<String>,
    /// What its next or newest run is started with.
    pub plan: BuildPlan,
    /// Number of runs so far.
    pub runs: u64,
}

words! {
    /// Where a startup stands.
    State {
        /// Waits for an allocation.
        Queued = "queued",
        /// A run is in progress.
        Building = "building",
        /// Every check of its product passed.
        Verified = "verified",
        /// Built, but at least one check failed or was not run.
        Unverified = "unverified",
        /// The run failed.
        Failed = "failed",
        /// A person ended it at a gate.
        Rejected = "rejected",
        /// A person cancelled it.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Whether no run is in progress or wanted.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Building)
    }
}

impl From<End> for State {
    fn from(end: End) -> Self {
        match end {
            End::Verified => Self::Verified,
            End::Unverified => Self::Unverified,
            End::Failed => Self::Failed,
            End::Rejected => Self::Rejected,
            End::Cancelled => Self::Cancelled,
        }
    }
}

/// A check by a person, or by a recorded policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Its name in the playbook, as in `niche_validation`.
    pub name: String,
    /// The phase that it judges.
    pub phase: String,
    /// 1, then one more each time the phase was repeated after a question.
    pub round: u32,
    /// What is to be decided.
    pub question: String,
    /// What to decide on.
    pub artifacts: Vec<ArtifactRef>,
    /// The answer to this round, if it was given.
    pub decision: Option<Decision>,
}

/// The answer to a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided.
    pub verdict: Verdict,
    /// Who decided: a person's login, or `policy: …` with the policy's name.
    pub by: String,
    /// What they said; the question itself for [`Verdict::Ask`].
    pub comment: Option<String>,
}

words! {
    /// What may be decided at a gate.
    Verdict {
        /// Continue.
        Approve = "approve",
        /// Repeat the phase with the comment.
        Ask = "ask",
        /// End the run.
        Reject = "reject",
    }
}

/// What may be asked of the portfolio.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Takes in a startup; it waits for its allocation.
    CreateStartup {
        /// Its short name, not yet taken.
        slug: Slug,
        /// Name as the founder writes it.
        name: String,
        /// What it needs.
        wanted: Resources,
        /// What its run is started with.
        plan: BuildPlan,
    },
    /// Puts a startup whose run has ended without a verified product back into the queue.
    Requeue {
        /// The startup.
        slug: Slug,
        /// What it needs.
        wanted: Resources,
        /// What its run is started with.
        plan: BuildPlan,
    },
    /// Grants what the queue asks for, oldest first, as far as the machine reaches.
    Allocate {
        /// What the machine has.
        machine: Machine,
        /// Ports that are free on this machine right now, among those of `machine`.
        free_ports: Vec<u16>,
    },
    /// Begins the next run of a startup that has its allocation.
    BeginRun {
        /// The startup.
        slug: Slug,
    },
    /// Opens a gate.
    OpenGate {
        /// The gate.
        gate_id: GateId,
        /// Its content, undecided.
        gate: Gate,
    },
    /// Answers an open gate.
    DecideGate {
        /// The gate.
        gate_id: GateId,
        /// The round that was seen; refused if another is open now.
        round: Option<u32>,
        /// The answer.
        decision: Decision,
    },
    /// Ends the run of a startup and gives its allocation back.
    EndRun {
        /// The startup.
        slug: Slug,
        /// How it ended.
        state: State,
    },
    /// Grants an allocation to a startup whose product is to be started, or refuses it at once.
    Acquire {
        /// The startup.
        slug: Slug,
        /// What the machine has.
        machine: Machine,
        /// Ports that are free on this machine right now.
        free_ports: Vec<u16>,
    },
    /// Gives an allocation back.
    Release {
        /// The startup.
        slug: Slug,
    },
}

/// What happened in the portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A startup was taken in.
    StartupCreated {
        /// Its short name.
        slug: Slug,
        /// Name as the founder writes it.
        name: String,
        /// What it asked for.
        wanted: Resources,
        /// What its run is started with.
        plan: BuildPlan,
    },
    /// A startup waits for another run.
    StartupRequeued {
        /// The startup.
        slug: Slug,
        /// What it asks for.
        wanted: Resources,
        /// What its run is started with.
        plan: BuildPlan,
    },
    /// A startup was given its resources.
    AllocationGranted {
        /// The startup.
        slug: Slug,
        /// What it was given.
        allocation: Allocation,
    },
    /// A startup has to wait for its resources.
    AllocationQueued {
        /// The startup.
        slug: Slug,
        /// What is missing.
        why: String,
    },
    /// A startup gave its resources back.
    AllocationReleased {
        /// The startup.
        slug: Slug,
    },
    /// A run of a startup began.
    RunBegun {
        /// The startup.
        slug: Slug,
        /// The run.
        run_id: RunId,
    },
    /// A run of a startup ended.
    RunEnded {
        /// The startup.
        slug: Slug,
        /// How.
        state: State,
    },
    /// A gate waits for its decision.
    GateOpened {
        /// The gate.
        gate_id: GateId,
        /// Its content.
        gate: Gate,
    },
    /// The run ended while a gate waited; it is asked no more.
    GateClosed {
        /// The gate.
        gate_id: GateId,
    },
    /// A gate was answered.
    GateDecided {
        /// The gate.
        gate_id: GateId,
        /// The round that was answered.
        round: u32,
        /// The answer.
        decision: Decision,
    },
}

/// A command is not legal now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The slug is taken.
    #[error("startup `{0}` exists already")]
    Exists(Slug),
    /// There is no such startup.
    #[error("there is no startup `{0}`")]
    NoStartup(Slug),
    /// There is no such gate.
    #[error("there is no gate `{0}`")]
    NoGate(GateId),
    /// The gate has its answer.
    #[error("gate `{gate_id}` was decided: {verdict} by {by}")]
    Decided {
        /// The gate.
        gate_id: GateId,
        /// The answer.
        verdict: &'static str,
        /// Who gave it.
        by: String,
    },
    /// The gate has been opened again since it was seen.
    #[error("gate `{gate_id}` is in round {now}, the decision was made on round {seen}")]
    OtherRound {
        /// The gate.
        gate_id: GateId,
        /// The round now.
        now: u32,
        /// The round that was seen.
        seen: u32,
    },
    /// A startup has no allocation.
    #[error("startup `{0}` has no allocation yet")]
    NoAllocation(Slug),
    /// The startup's run has not ended, or has ended with a verified product.
    #[error("startup `{slug}` is {state}")]
    NotOver {
        /// The startup.
        slug: Slug,
        /// Where it stands.
        state: &'static str,
    },
    /// The machine has not what a product needs.
    #[error("there is no room for the product of `{slug}`: {why}")]
    NoRoom {
        /// The startup.
        slug: Slug,
        /// What is missing.
        why: String,
    },
    /// A question without words.
    #[error("`ask` needs a comment that says what is asked")]
    NoComment,
}

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
            wanted,
            plan,
        } => {
            if state.startups.contains_key(&slug) {
                return Err(Refusal::Exists(slug));
            }
            Ok(vec![Event::StartupCreated {
                slug,
                name,
                wanted,
                plan,
            }])
        }
        Command::Requeue { slug, wanted, plan } => {
            let startup = startup(state, &slug)?;
            let waits = startup.state == State::Queued && startup.allocation.is_none();
            let over = startup.state.is_final() && startup.state != State::Verified;
            if !waits && !over {
                return Err(Refusal::NotOver {
                    slug,
                    state: startup.state.as_str(),
                });
            }
            let mut events = Vec::new();
            if startup.allocation.is_some() {
                events.push(Event::AllocationReleased { slug: slug.clone() });
            }
            events.push(Event::StartupRequeued { slug, wanted, plan });
            Ok(events)
        }
        Command::Allocate {
            machine,
            free_ports,
        } => Ok(allocation::grant(state, &machine, &free_ports)),
        Command::BeginRun { slug } => {
            let startup = startup(state, &slug)?;
            if startup.allocation.is_none() {
                return Err(Refusal::NoAllocation(slug));
            }
            let run_id = slug.run(startup.runs + 1);
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
            let run_id = slug.run(startup.runs);
            let left = state
                .gates
                .iter()
                .filter(|(gate_id, gate)| gate.decision.is_none() && gate_id.run() == run_id);
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
            if startup.allocation.is_some() {
                return Ok(Vec::new());
            }
            match allocation::of_product(state, startup, &slug, &machine, &free_ports) {
                Ok(allocation) => Ok(vec![Event::AllocationGranted { slug, allocation }]),
                Err(why) => Err(Refusal::NoRoom { slug, why }),
            }
        }
        Command::Release { slug } => {
            let held = startup(state, &slug)?.allocation.is_some();
            Ok(if held {
                vec![Event::AllocationReleased { slug }]
            } else {
                Vec::new()
            })
        }
    }
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
            wanted,
            plan,
        } => {
            let startup = Startup {
                name: name.clone(),
                state: State::Queued,
                wanted: wanted.clone(),
                allocation: None,
                waits_for: None,
                plan: plan.clone(),
                runs: 0,
            };
            state.startups.insert(slug.clone(), startup);
            state.queue.push(slug.clone());
        }
        Event::StartupRequeued { slug, wanted, plan } => {
            if let Some(startup) = state.startups.get_mut(slug) {
                startup.wanted = wanted.clone();
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

#[cfg(test)]
mod tests;
