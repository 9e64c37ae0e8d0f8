//! The port `Factory` on both sides of the control socket, and what the socket answers to strangers.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly, too")]

mod doors;
mod suite;
mod wire;
