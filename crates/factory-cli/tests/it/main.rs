//! The real program in portfolios of its own: what it says, what it leaves behind, and what survives `kill -9`.

mod bad_input;
mod environment;
mod gates;
mod help;
mod kill;
mod life;
mod second_terminal;
mod terminal;
