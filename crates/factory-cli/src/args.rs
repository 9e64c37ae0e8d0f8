//! The command line: subcommands, arguments, flags and their help.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

const EXIT_CODES: &str = "\
Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 waiting for a person,
7 budget exceeded, 8 timeout, 130 interrupted";

/// From brief to a working, tested product, many at once.
#[derive(Debug, Parser)]
#[command(name = "factory", version, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Answer in JSON on stdout.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The portfolio's folder; by default the current one or one above it.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) portfolio: Option<PathBuf>,
    /// How much is logged to stderr: error, warn, info, debug, trace.
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
}

/// What to do.
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
    /// Startups of the portfolio.
    #[command(subcommand)]
    Startup(Startup),
    /// Runs of startups.
    #[command(subcommand)]
    Runs(Runs),
    /// Tasks of runs.
    #[command(subcommand)]
    Task(Task),
    /// Checks by people.
    #[command(subcommand)]
    Gate(Gate),
    /// Settings.
    #[command(subcommand)]
    Config(Config),
    /// What this machine offers, and what it cannot enforce.
    Doctor,
}

/// `factory run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// Briefs, as YAML files.
    #[arg(value_name = "BRIEF")]
    pub(crate) briefs: Vec<PathBuf>,
    /// Build this blueprint; no author is asked.
    #[arg(long, value_name = "FILE", conflicts_with = "briefs")]
    pub(crate) blueprint: Option<PathBuf>,
    /// The recipe of phases.
    #[arg(long, value_name = "PLAYBOOK")]
    pub(crate) playbook: Option<String>,
    /// The template, instead of the brief's.
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) template: Option<String>,
    /// Approve every gate by a policy that is recorded.
    #[arg(long)]
    pub(crate) auto_approve: bool,
}

/// `factory startup`.
#[derive(Debug, Subcommand)]
pub(crate) enum Startup {
    /// All startups.
    Ls,
    /// Everything about one.
    Show {
        /// Its short name.
        slug: String,
    },
    /// Start its product on its ports.
    Up {
        /// Its short name.
        slug: String,
    },
    /// Stop its product.
    Down {
        /// Its short name.
        slug: String,
    },
}

/// `factory runs`.
#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// All runs, newest first.
    Ls,
    /// One run with its tasks, checks and stories.
    Show {
        /// Its name, as in `ledgerly.1`.
        run: String,
    },
    /// End a run.
    Cancel {
        /// Its name, as in `ledgerly.1`.
        run: String,
        /// Why; kept in the record.
        #[arg(long, default_value = "cancelled by a person")]
        reason: String,
    },
}

/// `factory task`.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Tasks of a run, oldest first.
    Ls {
        /// The run, as in `ledgerly.1`, or a startup for its newest run.
        run: String,
    },
    /// What a task's attempts printed.
    Logs {
        /// The task, as in `ledgerly.1/verify`, or `ledgerly/verify` for the newest run.
        task: String,
    },
}

/// `factory gate`.
#[derive(Debug, Subcommand)]
pub(crate) enum Gate {
    /// Gates that wait for a decision.
    Ls {
        /// Decided ones too.
        #[arg(long)]
        all: bool,
    },
    /// A gate with what is to be decided on.
    Show {
        /// Its name, as in `ledgerly.1.niche_validation`.
        gate: String,
    },
    /// Go on.
    Approve(Decision),
    /// End the run.
    Reject(Decision),
    /// Repeat the phase with a question.
    Ask(Decision),
}

/// The words of a decision.
#[derive(Debug, clap::Args)]
pub(crate) struct Decision {
    /// The gate's name, as in `ledgerly.1.niche_validation`.
    pub(crate) gate: String,
    /// What is said with it.
    pub(crate) comment: Option<String>,
    /// The round that was seen; refused if the gate has been opened again since.
    #[arg(long)]
    pub(crate) round: Option<u32>,
}

/// `factory config`.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Every setting.
    Show {
        /// Say where each comes from.
        #[arg(long)]
        origin: bool,
    },
}
