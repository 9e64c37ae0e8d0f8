//! The port `Factory` on both sides of the control socket, and what the socket answers to strangers.

mod doors;
mod suite;
mod wire;
