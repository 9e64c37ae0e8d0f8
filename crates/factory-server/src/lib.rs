//! Translates HTTP to use cases and answers to views.
//!
//! [`control::serve`] offers a [`Factory`](factory_app::factory::Factory) on the driver's control socket;
//! [`client::Remote`] is the same port on the other side of it. [`problem`] is the one place where errors
//! become HTTP statuses and back. Requests that change something need the owner's token.

pub mod client;
pub mod control;
pub mod problem;
mod routes;
