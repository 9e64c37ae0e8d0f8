//! The program `factory`: words in, answers out, exit codes.
//!
//! `main` reads the environment once, parses the command line into [`args::Cli`] and hands it to [`dispatch`], which
//! calls one function of `commands` with a [`call::Call`]. Commands reach the portfolio through [`session`], the only
//! place that knows the store, and speak to people through [`output`].

mod args;
mod call;
mod clock;
mod commands;
mod dispatch;
mod exit;
mod output;
mod progress;
mod session;
mod telemetry;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let environment = factory_app::config::environment();
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
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
            let outcome = runtime.block_on(dispatch::dispatch(cli, environment));
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
