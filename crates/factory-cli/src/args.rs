//! The command line: subcommands, arguments, flags and their help.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::output::Format;

const AFTER_HELP: &str = "\
Data goes to stdout, messages go to stderr. With --json an error is one JSON line, the last one on stderr:
{\"type\":\"error\",\"code\":…,\"kind\":…,\"message\":…,\"hint\":…}

Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 waiting for a person,
128 + signal when interrupted (130 for Ctrl-C). Kept for later, and not returned by this version:
7 budget exceeded, 8 timeout";

/// From brief to a working, tested product, many at once.
#[derive(Debug, Parser)]
#[command(name = "factory", version, after_help = AFTER_HELP, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print JSON on stdout; errors become JSON on stderr.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The portfolio's folder [default: the current folder or the nearest one above it].
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) portfolio: Option<PathBuf>,
    /// Log level on stderr: error, warn, info, debug, trace.
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
}

impl Cli {
    /// How answers and errors are printed.
    pub(crate) fn format(&self) -> Format {
        if self.json {
            Format::Json
        } else {
            Format::Text
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build the five example startups, without any key, to five verified products.
    Demo {
        /// Folder of the demo's portfolio [default: `--portfolio`, or factory-demo].
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Create a portfolio.
    Init {
        /// Folder to create it in; created if missing [default: `--portfolio`, or the current folder].
        dir: Option<PathBuf>,
    },
    /// Build startups from briefs; without a brief, resume the runs in progress.
    Run(Run),
    /// List, inspect, start and stop startups.
    #[command(subcommand)]
    Startup(Startup),
    /// List, inspect and cancel runs.
    #[command(subcommand)]
    Runs(Runs),
    /// List the tasks of a run and read their logs.
    #[command(subcommand)]
    Task(Task),
    /// Human approval gates.
    #[command(subcommand)]
    Gate(Gate),
    /// Show settings.
    #[command(subcommand)]
    Config(Config),
    /// Check this machine: tools, resources, and limits it cannot enforce.
    Doctor,
}

/// `factory run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// Briefs, as YAML files.
    #[arg(value_name = "BRIEF")]
    pub(crate) briefs: Vec<PathBuf>,
    /// Build this blueprint instead of briefs; skips the authors.
    #[arg(long, value_name = "FILE", conflicts_with = "briefs")]
    pub(crate) blueprint: Option<PathBuf>,
    /// Playbook: the sequence of phases.
    #[arg(long, value_name = "PLAYBOOK")]
    pub(crate) playbook: Option<String>,
    /// Template, overriding the brief's.
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) template: Option<String>,
    /// Approve every gate; recorded as decided by policy.
    #[arg(long)]
    pub(crate) auto_approve: bool,
}

/// `factory startup`.
#[derive(Debug, Subcommand)]
pub(crate) enum Startup {
    /// List all startups.
    Ls,
    /// Show everything about a startup.
    Show {
        /// Short name, such as `ledgerly`.
        slug: String,
    },
    /// Start its product on its ports.
    Up {
        /// Short name, such as `ledgerly`.
        slug: String,
    },
    /// Stop its product.
    Down {
        /// Short name, such as `ledgerly`.
        slug: String,
    },
}

/// `factory runs`.
#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// List all runs, newest first.
    Ls,
    /// Show a run with its tasks, checks and stories.
    Show {
        /// Run, such as `ledgerly.1`; a startup means its newest run.
        run: String,
    },
    /// Cancel a run.
    Cancel {
        /// Run, such as `ledgerly.1`; a startup means its run in progress.
        run: String,
        /// Recorded with the cancellation.
        #[arg(long, default_value = "cancelled by a person")]
        reason: String,
        /// Do not ask for confirmation on a terminal.
        #[arg(short, long)]
        yes: bool,
    },
}

/// `factory task`.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// List the tasks of a run, oldest first.
    Ls {
        /// Run, such as `ledgerly.1`; a startup means its newest run.
        run: String,
    },
    /// Print the output of a task's attempts.
    Logs {
        /// Task, such as `ledgerly.1/verify`; `ledgerly/verify` means the newest run, `ledgerly` all its tasks.
        task: String,
    },
}

/// `factory gate`.
#[derive(Debug, Subcommand)]
pub(crate) enum Gate {
    /// List the gates that wait for a decision.
    Ls {
        /// Include decided gates.
        #[arg(long)]
        all: bool,
    },
    /// Show a gate and the artifacts it decides on.
    Show {
        /// Gate, such as `ledgerly.1.niche_validation`; a startup means its only open gate.
        gate: String,
    },
    /// Approve: the run continues.
    Approve(Decision),
    /// Reject: the run ends.
    Reject(Decision),
    /// Send the phase back with a question.
    #[command(
        override_usage = "factory gate ask [OPTIONS] <GATE>... --comment <TEXT>\n       \
                                factory gate ask [OPTIONS] <GATE> <TEXT>"
    )]
    Ask(Decision),
}

/// Which gates are decided, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Decision {
    /// Gates, such as `ledgerly.1.niche_validation`; a startup means its only open gate.
    #[arg(value_name = "GATE", required = true)]
    pub(crate) gates: Vec<String>,
    /// Recorded with the decision; the question itself for `ask`.
    #[arg(short = 'm', long, value_name = "TEXT")]
    pub(crate) comment: Option<String>,
    /// The round that was reviewed; refused if the gate has been reopened since.
    #[arg(long, value_name = "N")]
    pub(crate) round: Option<u32>,
    /// Do not ask for confirmation on a terminal.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `factory config`.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Print every setting.
    Show {
        /// Say where each value comes from.
        #[arg(long)]
        origin: bool,
    },
}
