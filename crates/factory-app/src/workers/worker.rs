//! What every kind of work needs: blobs, processes, the environment, templates.

use std::sync::Arc;

use factory_core::id::BlobId;
use factory_core::port::Blobs;
use factory_core::process::ProcessRunner;
use factory_engine::worker::WorkError;

use super::templates::Templates;
use crate::environment::Environment;
use crate::error::chain;

/// Performs every kind of task that the playbooks know.
#[derive(Debug)]
pub struct FactoryWorker {
    blobs: Arc<dyn Blobs>,
    pub(super) processes: Arc<dyn ProcessRunner>,
    pub(super) environment: Environment,
    pub(super) templates: Arc<Templates>,
}

impl FactoryWorker {
    /// A worker on these ports.
    pub fn new(
        blobs: Arc<dyn Blobs>,
        processes: Arc<dyn ProcessRunner>,
        environment: Environment,
        templates: Arc<Templates>,
    ) -> Self {
        Self {
            blobs,
            processes,
            environment,
            templates,
        }
    }

    pub(super) async fn blob(&self, id: &BlobId, what: &str) -> Result<Vec<u8>, WorkError> {
        let found = self.blobs.get(id).await;
        let found = found
            .map_err(|error| WorkError::Transient(format!("read {what}: {}", chain(&error))))?;
        found.ok_or_else(|| WorkError::Permanent(format!("{what} `{id}` is not in the store")))
    }

    pub(super) async fn keep(&self, bytes: Vec<u8>, what: &str) -> Result<BlobId, WorkError> {
        let kept = self.blobs.put(bytes).await;
        kept.map_err(|error| WorkError::Transient(format!("keep {what}: {}", chain(&error))))
    }
}
