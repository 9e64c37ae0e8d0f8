//! What may be asked of the portfolio, and why it may be refused.

use super::{BuildPlan, Decision, Gate, Machine, Product, State};
use crate::id::{GateId, Slug};
use crate::process::ProcessIdentity;
use crate::resources::{Budget, Resources};

/// What may be asked of the portfolio.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Creates a startup; it waits for its allocation.
    CreateStartup {
        /// Its short name, not yet taken.
        slug: Slug,
        /// Name as the founder writes it.
        name: String,
        /// What its product needs.
        resources: Resources,
        /// What it may spend.
        budget: Budget,
        /// What its run is started with.
        plan: BuildPlan,
    },
    /// Puts a startup whose run has ended without a verified product back into the queue.
    Requeue {
        /// The startup.
        slug: Slug,
        /// What its product needs.
        resources: Resources,
        /// What it may spend.
        budget: Budget,
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
    /// Grants an allocation to a startup whose product is to be started, or refuses it at once. Changes nothing if
    /// it holds one.
    Acquire {
        /// The startup.
        slug: Slug,
        /// What the machine has.
        machine: Machine,
        /// Ports that are free on this machine right now.
        free_ports: Vec<u16>,
    },
    /// Gives back what a startup without a running product holds after its run.
    Release {
        /// The startup.
        slug: Slug,
    },
    /// Records that the product of a startup runs, on its allocation.
    StartProduct {
        /// The startup.
        slug: Slug,
        /// Its process and where it answers.
        product: Product,
    },
    /// Records that a product runs no more, and gives its allocation back. Changes nothing if another process of it
    /// runs by now.
    StopProduct {
        /// The startup.
        slug: Slug,
        /// The process that ended.
        process: ProcessIdentity,
        /// Why, for people.
        reason: String,
    },
}

/// A command is not legal now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The slug is taken.
    #[error("startup `{0}` already exists")]
    Exists(Slug),
    /// There is no such startup.
    #[error("there is no startup `{0}`")]
    NoStartup(Slug),
    /// There is no such gate.
    #[error("there is no gate `{0}`")]
    NoGate(GateId),
    /// The gate has its answer.
    #[error("gate `{gate_id}` was already decided: {verdict} by {by}")]
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
    /// The startup holds no allocation.
    #[error("startup `{0}` has no allocation yet")]
    NoAllocation(Slug),
    /// Only a queued startup begins a run.
    #[error("startup `{slug}` is {state}, not queued")]
    NotQueued {
        /// The startup.
        slug: Slug,
        /// Its state.
        state: &'static str,
    },
    /// The startup's run has not ended, or ended without a product.
    #[error("startup `{slug}` is {state}: it has no product yet")]
    NotBuilt {
        /// The startup.
        slug: Slug,
        /// Its state.
        state: &'static str,
    },
    /// What was asked needs the product to be stopped.
    #[error("the product of `{0}` is running")]
    ProductRuns(Slug),
    /// The startup's run has not ended, or has ended with a verified product.
    #[error("startup `{slug}` is {state}")]
    NotOver {
        /// The startup.
        slug: Slug,
        /// Its state.
        state: &'static str,
    },
    /// The machine has less left than a product needs.
    #[error("not enough resources for the product of `{slug}`: {why}")]
    NotEnoughResources {
        /// The startup.
        slug: Slug,
        /// What is missing.
        why: String,
    },
    /// A question without words.
    #[error("`ask` needs a comment with the question")]
    NoComment,
}
