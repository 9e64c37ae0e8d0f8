//! The program `factory`: words in, answers out, exit codes.
//!
//! `main` reads the environment once, parses the words into a [`args::Command`] and hands it to its room in
//! `commands`. Those assemble what they need in [`session`], the only place that knows the store, and speak to
//! people through [`output`].

mod args;
mod clock;
mod commands;
mod exit;
mod output;
mod progress;
mod session;
mod telemetry;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let environment = factory_app::config::environment();
    let words = match args::Words::try_parse() {
        Ok(words) => words,
        Err(error) => {
            // Help and version go to stdout and are no failure; clap prints both.
            let code = if error.use_stderr() {
                exit::USAGE
            } else {
                exit::OK
            };
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(commands::perform(words, environment));
            // Blocking work that a cancelled command left behind must not hold the program up.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(factory_app::error::AppError::internal(
            "start the runtime",
            error,
        )),
    };
    ExitCode::from(outcome.unwrap_or_else(|error| {
        output::failure(&error);
        exit::code_of(error.kind())
    }))
}
