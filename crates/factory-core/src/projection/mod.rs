//! Tables derived from the event log, as pure data: which tables there are, and how an event changes them.
//!
//! A store applies [`changes`] of every event in the transaction that appends it, so that a person with a
//! SQL shell and a screen of ours see the same. Projections never read: a change sets or adds to columns.

mod cell;
mod changes;
mod state;
mod table;
mod tables;
mod views;

pub use self::cell::Cell;
pub use self::changes::{REVISION, changes};
pub use self::state::{AttemptState, GateState, ProductState, RunState, StartupState};
pub use self::table::{Assign, Change, Column, ColumnKind, Row, Select, Table};
pub use self::tables::{
    ALL, ALLOCATIONS, ATTEMPTS, CHECKS, GATES, PRODUCTS, RUNS, STARTUPS, STORIES, TASKS,
};
pub use self::views::{
    AllocationView, AttemptView, CheckView, GateView, ProductView, RunView, StartupView, StoryView,
    TaskView, ViewError,
};
