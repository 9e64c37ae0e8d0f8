//! Processes of a product, with the portfolio's environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use factory_core::process::{Exit, Limits, ProcessSpec};

use crate::environment::Environment;

/// A process of a product: its environment is the portfolio's, `${NAME}` in an argument is replaced from it.
pub fn process(
    environment: &Environment,
    run: &[String],
    dir: &Path,
    more: &BTreeMap<String, String>,
    limits: Limits,
    log: PathBuf,
) -> ProcessSpec {
    let env = environment.with(more.clone());
    let argv = run
        .iter()
        .map(|argument| substituted(argument, &env))
        .collect();
    ProcessSpec {
        argv,
        dir: dir.to_owned(),
        env,
        limits,
        log,
        network: false,
    }
}

fn substituted(argument: &str, env: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = argument;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if env.contains_key(name) => {
                out.push_str(env.get(name).map_or("", String::as_str));
                rest = tail;
            }
            _ => {
                out.push_str("${");
                rest = after;
            }
        }
    }
    out + rest
}

/// How a process ended, in words.
pub fn ended(exit: &Exit) -> String {
    match exit {
        Exit::Code { code } => format!("exit code {code}"),
        Exit::Signal { signal } => format!("signal {signal}"),
        Exit::TimedOut => "took too long".to_owned(),
        Exit::OutOfMemory => "used too much memory".to_owned(),
        Exit::Cancelled => "cancelled".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_replaced_only_when_it_is_set() {
        let env = BTreeMap::from([("PORT".to_owned(), "3001".to_owned())]);
        assert_eq!(
            substituted("http://127.0.0.1:${PORT}/${X}${", &env),
            "http://127.0.0.1:3001/${X}${"
        );
    }
}
