//! What a developer runs: `cargo xtask test`, `tidy`, `bench`, `schemas`, `soak`, `lint-tools`.
//!
//! [`mod@test`] is the whole required check, one [`step`] after the other, with the set-up of
//! what it needs in [`setup`] and the products' own tests in [`product`]. [`tidy`] holds the house
//! rules that no compiler knows, [`schemas`] the files that are generated from our types; both also run as
//! plain tests of this crate. [`lint_tools`] calls checkers that not everybody has installed.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal"
)]

mod bench;
mod cargo;
mod count;
mod lint_tools;
mod product;
mod schemas;
mod setup;
mod soak;
mod step;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test [--quick]    set up what is missing, check everything, count the results
                              (--quick: no set-up, no documentation, no product tests)
cargo xtask tidy              only the house rules
cargo xtask bench [NAME]      run the examples `bench_*` of all crates, or one of them
cargo xtask schemas           regenerate docs/schemas from the types
cargo xtask soak [MINUTES]    lint-tools, then the tests again and again (for 10 minutes)
cargo xtask lint-tools        run cargo-deny, typos and cargo-machete, those that are installed";

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => Ok(test::run(test::Extent::Full)),
        ["test", "--quick"] => Ok(test::run(test::Extent::Quick)),
        ["tidy"] => tidy::run(),
        ["bench"] => bench::run(None),
        ["bench", name] => bench::run(Some(name)),
        ["schemas"] => schemas::run().map(|()| ExitCode::SUCCESS),
        ["lint-tools"] => Ok(lint_tools::all()),
        ["soak"] => soak::run(10),
        ["soak", minutes] if minutes.parse::<u64>().is_ok_and(|minutes| minutes > 0) => {
            soak::run(minutes.parse()?)
        }
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}
