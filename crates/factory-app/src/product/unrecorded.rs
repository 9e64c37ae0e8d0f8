//! Processes of products between their start and its record in the event log.
//!
//! A file beside the log says which process was started. It is removed once the log says so, too; if the driver dies
//! before that, the next one finds the file and ends a process that nobody would ever know of.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use factory_core::id::Slug;
use factory_core::process::ProcessIdentity;

use crate::driver::Driver;
use crate::error::AppError;

/// The file of one startup.
#[derive(Debug)]
pub(super) struct Unrecorded {
    path: PathBuf,
}

impl Unrecorded {
    /// Says that a process was started. If this fails the start continues: the file matters only if this program dies
    /// before the start is recorded.
    pub(super) fn note(&self, process: &ProcessIdentity) {
        let draft = self.path.with_extension("json.new");
        let written = serde_json::to_vec(process)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(&draft, text))
            .and_then(|()| fs::rename(&draft, &self.path));
        if let Err(error) = written {
            tracing::warn!(path = %self.path.display(), %error, "started process is not noted");
        }
    }

    fn noted(&self) -> Option<ProcessIdentity> {
        let text = fs::read(&self.path).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// The log knows it.
    pub(super) fn forget(&self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "note of a process is not removed");
        }
    }
}

impl Driver {
    pub(super) fn unrecorded(&self, slug: &Slug) -> Unrecorded {
        let folder = self.portfolio_dir().logs().join(slug.as_str());
        Unrecorded {
            path: folder.join("product.process.json"),
        }
    }

    /// Ends the processes of products that a driver started and did not live to record.
    pub(super) async fn stop_unrecorded(&self) -> Result<(), AppError> {
        for (slug, startup) in self.portfolio().await.startups {
            let unrecorded = self.unrecorded(&slug);
            let Some(process) = unrecorded.noted() else {
                continue;
            };
            let recorded = startup.product.map(|product| product.process);
            if recorded.as_ref() != Some(&process) {
                tracing::warn!(startup.id = %slug, process = process.pid, "product was started and not recorded; it is stopped");
                let daemons = Arc::clone(&self.ports().daemons);
                tokio::task::spawn_blocking(move || daemons.stop(&process))
                    .await
                    .map_err(|error| AppError::internal("stop a process", error))?;
            }
            unrecorded.forget();
        }
        Ok(())
    }
}
