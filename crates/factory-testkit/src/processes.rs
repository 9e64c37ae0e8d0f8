//! Processes that are not run: each passes at once, unless a test said that it fails.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use factory_core::port::BoxFuture;
use factory_core::process::{Exit, Finished, ProcessRunner, ProcessSpec, SpawnError, Usage};

/// Passes every process and prints full coverage.
#[derive(Debug, Clone, Default)]
pub struct PassingProcesses {
    failing: Arc<Mutex<BTreeMap<String, u32>>>,
    panicking: Arc<Mutex<Option<String>>>,
}

impl PassingProcesses {
    /// Lets the next `times` processes fail whose words hold `word`.
    pub fn fail(&self, word: &str, times: u32) {
        self.failing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(word.to_owned(), times);
    }

    /// Lets every process whose words hold `word` panic, as a fault of ours would.
    pub fn panic_at(&self, word: &str) {
        *self
            .panicking
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(word.to_owned());
    }

    fn fails(&self, words: &str) -> bool {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        for (word, left) in failing.iter_mut() {
            if *left > 0 && words.contains(word.as_str()) {
                *left -= 1;
                return true;
            }
        }
        false
    }
}

impl ProcessRunner for PassingProcesses {
    fn run<'a>(&'a self, spec: &'a ProcessSpec) -> BoxFuture<'a, Result<Finished, SpawnError>> {
        Box::pin(async move {
            let words = spec.argv.join(" ");
            let at = self
                .panicking
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            let planned = at.is_some_and(|at| words.contains(&at));
            assert!(!planned, "a planned fault at `{words}`");
            let code = i32::from(self.fails(&spec.argv.join(" ")));
            let refused = |source| SpawnError::Refused {
                program: spec.argv.join(" "),
                source,
            };
            std::fs::write(&spec.log, "covered 100%\n").map_err(refused)?;
            let usage = Usage {
                wall_clock: Duration::ZERO,
                memory_mib_peak: 0,
                unenforced: Vec::new(),
            };
            Ok(Finished {
                exit: Exit::Code { code },
                usage,
            })
        })
    }
}
