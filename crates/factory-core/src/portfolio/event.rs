//! The facts of the portfolio's stream.

use serde::{Deserialize, Serialize};

use super::{Allocation, BuildPlan, Decision, Gate, Product, State};
use crate::id::{GateId, RunId, Slug};
use crate::resources::{Budget, Resources};

/// What happened in the portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A startup was created.
    StartupCreated {
        /// Its short name.
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
    /// A startup waits for another run.
    StartupRequeued {
        /// The startup.
        slug: Slug,
        /// What its product needs.
        resources: Resources,
        /// What it may spend.
        budget: Budget,
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
    /// The product of a startup was started.
    ProductStarted {
        /// The startup.
        slug: Slug,
        /// Its process and where it answers.
        product: Product,
    },
    /// The product of a startup runs no more.
    ProductStopped {
        /// The startup.
        slug: Slug,
        /// Why, for people.
        reason: String,
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
