//! One process to run, its limits, and what came of it: the data between those who want a command run
//! and the sandbox that runs it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A process to run. Its environment is exactly `env`: nothing is inherited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessSpec {
    /// Program and arguments; the program is looked up in `env["PATH"]`. Never empty.
    pub argv: Vec<String>,
    /// Working folder; must exist.
    pub dir: PathBuf,
    /// The whole environment of the process.
    pub env: BTreeMap<String, String>,
    /// What the process may use.
    pub limits: Limits,
    /// File that receives stdout and stderr, interleaved as they come; created or truncated.
    pub log: PathBuf,
    /// Whether the process wants the network. What cannot be enforced is reported, see [`Usage::unenforced`].
    pub network: bool,
}

/// Upper bounds for one process and all its descendants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Wall-clock time; then the whole process tree is killed.
    pub wall_clock: Duration,
    /// Memory of the process tree together (resident set), in mebibytes.
    pub memory_mib: u64,
    /// Bytes kept of the log, in mebibytes; the rest is dropped and said in the log's last line.
    pub log_mib: u64,
}

/// Why a process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Exit {
    /// It returned this code.
    Code {
        /// Exit code, 0 to 255.
        code: i32,
    },
    /// A signal that we did not send ended it.
    Signal {
        /// Signal number.
        signal: i32,
    },
    /// It ran longer than its wall clock and was killed.
    TimedOut,
    /// Its tree used more memory than allowed and was killed.
    OutOfMemory,
    /// The caller dropped the run; the tree was killed.
    Cancelled,
}

impl Exit {
    /// Whether the process ended with code 0.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Code { code: 0 })
    }
}

/// What a finished process used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Wall-clock time from start to end.
    pub wall_clock: Duration,
    /// Highest memory seen of the tree together, in mebibytes (sampled).
    pub memory_mib_peak: u64,
    /// Limits that this machine could not enforce, by name (`network`, `writes`, …).
    pub unenforced: Vec<String>,
}

/// What came of one process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// Why it ended.
    pub exit: Exit,
    /// What it used.
    pub usage: Usage,
}

/// A process could not be started at all.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The program was not found in the given `PATH`.
    #[error("find program `{program}` in PATH")]
    NotFound {
        /// The program as named.
        program: String,
    },
    /// The operating system refused.
    #[error("start `{program}`")]
    Refused {
        /// The program as named.
        program: String,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
}

/// One process of this machine, told from every other that has its number, had it or will have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessIdentity {
    /// Its number; also that of its session and process group.
    pub pid: u32,
    /// When it started, in clock ticks since boot.
    pub start_time: u64,
    /// The boot that these ticks count from; empty where the system does not name it.
    pub boot_id: String,
}

/// What [`Daemons::stop`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing of it was alive.
    WasNotRunning,
    /// It ended when asked to.
    Terminated,
    /// It did not end in time and was killed.
    Killed,
}

/// Processes that outlive the program which starts them: started products. Every method blocks, `stop` for seconds.
pub trait Daemons: Send + Sync + std::fmt::Debug {
    /// Starts a process in a session of its own. Its output goes into `spec.log`; of `spec.limits` nothing is
    /// enforced, because nobody is left to watch.
    fn spawn_detached(&self, spec: &ProcessSpec) -> Result<ProcessIdentity, SpawnError>;

    /// Whether this very process is alive.
    fn is_alive(&self, process: &ProcessIdentity) -> bool;

    /// How it ended, if it did and was started by this very program; nobody else is told.
    fn exit_of(&self, _process: &ProcessIdentity) -> Option<Exit> {
        None
    }

    /// Ends it with all its descendants, also when it has ended itself and left others behind.
    fn stop(&self, process: &ProcessIdentity) -> Stopped;
}

/// A future that may be sent between threads; ports return it so that they stay usable as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs one process under limits. Dropping the future kills the whole process tree.
pub trait ProcessRunner: Send + Sync + std::fmt::Debug {
    /// Runs to the end. The log holds what it printed.
    fn run<'a>(&'a self, spec: &'a ProcessSpec) -> BoxFuture<'a, Result<Finished, SpawnError>>;
}
