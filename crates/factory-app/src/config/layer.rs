//! The settings: once with every value, as the program uses them, and once as a layer in which each
//! may be absent.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Declares a section with all its values, and its twin of options.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident, $layer:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        #[doc = concat!("One layer of [`", stringify!($name), "`].")]
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $layer {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
        }
    };
}

section! {
    /// How much is done at the same time.
    Concurrency, ConcurrencyLayer {
        /// Startups that are built at once; the others wait.
        startups: u32,
        /// Tasks that run at once, over all startups; 0 for the number of cores.
        tasks: u32,
        /// Verifications that run at once; 0 for what memory and cores allow.
        verifications: u32,
    }
}

section! {
    /// The ports that are handed out to running products.
    Ports, PortsLayer {
        /// The lowest port.
        first: u16,
        /// The highest port, inclusive.
        last: u16,
    }
}

section! {
    /// What a startup gets unless its brief asks for something else.
    Allocation, AllocationLayer {
        /// Memory of the running product, in mebibytes.
        memory_mb: u64,
        /// Processor time of the running product, in cores.
        cpu_cores: f64,
        /// Disk, in gibibytes.
        storage_gb: u64,
        /// Number of ports.
        ports: u16,
        /// Calls to models in an hour.
        calls_per_hour: u32,
        /// Money for models in a day, in US dollars.
        per_day_usd: f64,
    }
}

section! {
    /// What happens after an attempt has failed.
    Retry, RetryLayer {
        /// Attempts in all, the first included.
        attempts: u32,
        /// Pause before the second attempt; it doubles from attempt to attempt.
        delay_ms: u64,
        /// The longest pause.
        delay_ms_max: u64,
    }
}

section! {
    /// The isolated copies in which tasks work.
    Staging, StagingLayer {
        /// A larger file in a change fails the attempt, in mebibytes.
        max_file_mb: u64,
    }
}

/// Where templates come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    /// A folder of templates that goes before those built in.
    pub dir: Option<PathBuf>,
}

/// One layer of [`Templates`].
pub type TemplatesLayer = Templates;

section! {
    /// The event log.
    Store, StoreLayer {
        /// What a commit survives.
        durability: Durability,
    }
}

section! {
    /// What the program logs.
    Log, LogLayer {
        /// The least important messages that are shown.
        level: LogLevel,
    }
}

/// What a commit to the store survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// A loss of power.
    Strict,
    /// The death of the program.
    Relaxed,
}

/// Importance of a log message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Someone must act.
    Error,
    /// Degraded, but work continues.
    Warn,
    /// One line for each event in the life of a run.
    Info,
    /// Decisions.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The word for it, as settings and log filters spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// All settings, each with a value that was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The recipe of phases for new startups.
    pub playbook: String,
    /// How much is done at the same time.
    pub concurrency: Concurrency,
    /// The ports that are handed out to running products.
    pub ports: Ports,
    /// What a startup gets unless its brief asks for something else.
    pub allocation: Allocation,
    /// What happens after an attempt has failed.
    pub retry: Retry,
    /// The isolated copies in which tasks work.
    pub staging: Staging,
    /// Where templates come from.
    #[serde(default)]
    pub templates: Templates,
    /// The event log.
    pub store: Store,
    /// What the program logs.
    pub log: Log,
}

/// What one source says; the rest is absent. Flags are given as one of these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layer {
    /// Version of the file's format. Not a setting: it is checked and then forgotten.
    pub schema_version: Option<i64>,
    /// The recipe of phases for new startups.
    pub playbook: Option<String>,
    /// How much is done at the same time.
    pub concurrency: ConcurrencyLayer,
    /// The ports that are handed out to running products.
    pub ports: PortsLayer,
    /// What a startup gets unless its brief asks for something else.
    pub allocation: AllocationLayer,
    /// What happens after an attempt has failed.
    pub retry: RetryLayer,
    /// The isolated copies in which tasks work.
    pub staging: StagingLayer,
    /// Where templates come from.
    pub templates: TemplatesLayer,
    /// The event log.
    pub store: StoreLayer,
    /// What the program logs.
    pub log: LogLayer,
}
