//! The portfolio: startups, what they were given, their running products, and the gates that wait for a person.
//!
//! [`decide`] alone makes events, [`apply`] alone folds them. Ports are granted here and nowhere else, so
//! two startups never hold the same one.

mod allocation;
mod command;
mod decide;
mod event;
mod fold;
mod plan;
mod share;
mod state;

#[cfg(test)]
mod tests;

pub use self::command::{Command, Refusal};
pub use self::decide::decide;
pub use self::event::Event;
pub use self::fold::apply;
pub use self::plan::BuildPlan;
pub use self::share::{Allocation, Machine};
pub use self::state::{Decision, Gate, Portfolio, Product, Startup, State, Verdict};
