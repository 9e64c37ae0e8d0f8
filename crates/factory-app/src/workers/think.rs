//! The thinking phases: the authors in their order of preference write artifacts.

use factory_core::run::Phase;
use factory_engine::worker::{Assignment, Report, WorkError};

use super::FactoryWorker;

/// File name of the blueprint among the artifacts.
pub(super) const BLUEPRINT: &str = "blueprint.json";

impl FactoryWorker {
    pub(super) async fn think(&self, assignment: &Assignment, phase: Phase) -> Result<Report, WorkError> {
        let _ = (self.brief(&assignment.plan).await?, phase);
        Err(WorkError::Hopeless("no author".to_owned()))
    }
}
