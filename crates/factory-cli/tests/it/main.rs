//! The real program in portfolios of its own: what it says, what it leaves behind, and what survives `kill -9`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "helpers of tests may fail loudly, too, and real processes take real time"
)]

mod bad_input;
mod environment;
mod gates;
mod help;
mod kill;
mod life;
mod mentions;
mod products;
mod scripts;
mod second_terminal;
mod terminal;
