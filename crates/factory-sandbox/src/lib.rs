//! Runs one process under limits and says what it used.
//!
//! A [`Sandbox`] is the [`ProcessRunner`](factory_core::process::ProcessRunner) of this machine. A run
//! gets a session of its own, exactly the environment it was given and a bounded log; one thread supervises it
//! until its whole process tree is gone, whether it ended, ran out of time or memory, or its caller went away. A
//! record beside the log lets [`reap`] find and kill what is left after a crash of the factory. It is also
//! the [`Daemons`](factory_core::process::Daemons) of this machine: processes that outlive the factory. [`probe`] says
//! what is enforced here and what is not.
//!
//! The crate needs no async runtime: futures are completed from its own threads.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::time::Duration;
//!
//! use factory_core::process::{Limits, ProcessRunner as _, ProcessSpec};
//! use factory_sandbox::Sandbox;
//!
//! let dir = tempfile::tempdir()?;
//! let spec = ProcessSpec {
//!     argv: vec!["true".into()],
//!     dir: dir.path().into(),
//!     env: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
//!     limits: Limits { wall_clock: Duration::from_secs(5), memory_mib: 64, log_mib: 1 },
//!     log: dir.path().join("true.log"),
//!     network: false,
//! };
//! let sandbox = Sandbox::new();
//! let future = sandbox.run(&spec); // await it on any runtime
//! # drop(future);
//! # Ok::<(), std::io::Error>(())
//! ```

mod detached;
mod log;
mod lookup;
mod oneshot;
mod probe;
mod record;
mod sandbox;
mod spawner;
mod supervise;
mod time;
mod tree;

pub use probe::{Capability, State, probe};
pub use record::{Reaped, reap};
pub use sandbox::Sandbox;
