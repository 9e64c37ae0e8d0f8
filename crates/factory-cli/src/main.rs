//! The program `factory`: words in, answers out, exit codes.
//!
//! `main` reads the environment once, parses the command line into [`args::Cli`] and hands it to [`dispatch`], which
//! calls one function of `commands` with a [`call::Call`]. Commands reach the portfolio through [`session`], the only
//! place that knows the store, and speak to people through [`output`]
//! and [`screen`], the only owner of the terminal.

mod args;
mod call;
mod commands;
mod dispatch;
mod exit;
mod interrupt;
mod output;
mod progress;
mod screen;
mod session;
mod telemetry;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use factory_app::error::{AppError, Kind};

fn main() -> ExitCode {
    let environment = factory_app::config::environment();
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(finish(usage(&error, &environment))),
    };
    let format = cli.format();
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
        Err(error) => Err(AppError::internal("start the runtime", error)),
    };
    let code = outcome.unwrap_or_else(|error| {
        output::failure(format, &error);
        exit::code_of(error.kind())
    });
    ExitCode::from(finish(code))
}

/// Prints help, the version, or what is wrong with the command line.
fn usage(error: &clap::Error, environment: &BTreeMap<String, String>) -> u8 {
    let text = error.render();
    let styled = |is_terminal: bool| {
        let styled = is_terminal && !environment.contains_key("NO_COLOR");
        let text = if styled {
            text.ansi().to_string()
        } else {
            text.to_string()
        };
        text.trim_end().to_owned()
    };
    if !error.use_stderr() {
        output::styled_data(&styled(std::io::stdout().is_terminal()));
        return exit::OK;
    }
    if std::env::args_os().any(|word| word == "--json") {
        output::failure_json(None, Kind::Invalid, &styled(false), None);
    } else {
        output::styled_words(&styled(output::is_terminal()));
    }
    exit::USAGE
}

/// The exit code, unless stdout could not be written: a script must not take half an answer for a whole one.
fn finish(code: u8) -> u8 {
    match output::failed_write() {
        Some(error) => {
            output::words(&format!("error: cannot write to stdout: {error}"));
            exit::FAILED
        }
        None => code,
    }
}
