//! Acceptance tests that a program can run: every step names what exists and what its role may do, every
//! expectation reads what a step has bound, and the states that a record goes through are followed along.

mod check;
mod expect;
mod run;
mod steps;

pub(super) use check::check;
