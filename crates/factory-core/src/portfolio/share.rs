//! Shares of a machine: what there is to give, and what a startup was given.

use serde::{Deserialize, Serialize};

use crate::resources::{Budget, Resources};

/// What a startup was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// Its share of the machine: all that it asked for.
    pub resources: Resources,
    /// What it may spend.
    pub budget: Budget,
    /// Its ports, lowest first.
    pub ports: Vec<u16>,
    /// Its own database name.
    pub database: String,
}

/// What this machine can give to all startups together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// What there is to give while nothing is granted.
    pub capacity: Resources,
    /// Most startups that may build at once; those that wait at a gate do not count.
    pub startups: usize,
}
