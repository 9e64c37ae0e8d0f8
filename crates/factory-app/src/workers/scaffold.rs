//! The first commit of a product: its template and the artifacts of the phases before.

use factory_core::run::Author;
use factory_engine::staging::TreeChange;
use factory_engine::worker::{Report, WorkError};
use factory_spec::blueprint::Blueprint;
use serde_json::json;

use super::product::{
    ARTIFACTS, BLUEPRINT, Job, answers, by_rules, change, changed, permanent, rendering, text_file,
    to_value,
};
use super::worker::FactoryWorker;
use crate::error::chain;
use crate::quantity::counted;

impl FactoryWorker {
    /// Renders the template in place of whatever an earlier run has built: what was there stays in the repository's
    /// history.
    pub(super) async fn scaffold(&self, job: &Job<'_>) -> Result<Report, WorkError> {
        let template = self.template(&job.input.template)?;
        let blueprint = self.blueprint(job).await?;
        let artifacts = self.artifacts(job, &blueprint).await?;
        let rendered = rendering(move || {
            template
                .scaffold(&answers(&template, &blueprint), &to_value(&blueprint)?)
                .map_err(|error| permanent("render the template", &error))
        });
        let mut change = change(rendered.await?, true);
        let note = format!(
            "{} from template `{}`",
            counted(change.files.len() as u64, "file"),
            job.input.template
        );
        change.files.extend(artifacts.files);
        Ok(changed(by_rules(note), change))
    }

    /// What the phases have written, with the record of who wrote it.
    async fn artifacts(
        &self,
        job: &Job<'_>,
        blueprint: &Blueprint,
    ) -> Result<TreeChange, WorkError> {
        let mut change = TreeChange::default();
        let mut provenance = serde_json::Map::new();
        let mut put = |file: &str, text: String| {
            let path = format!("{ARTIFACTS}/{file}");
            change.files.insert(path, Some(text_file(text)));
        };
        for outcome in job.assignment.outcomes.values() {
            for artifact in &outcome.artifacts {
                let bytes = self.blob(&artifact.blob, &artifact.file).await?;
                let text = String::from_utf8(bytes).map_err(|error| {
                    let doing = format!("read artifact `{}`", artifact.file);
                    WorkError::Permanent(format!("{doing}: {}", chain(&error)))
                })?;
                put(&artifact.file, text);
                let record = json!({ "author": outcome.author, "provider": null, "model": null, "prompt": null });
                provenance.insert(artifact.file.clone(), record);
            }
        }
        if job.input.blueprint.is_some() {
            put(BLUEPRINT, blueprint.to_json());
            let record = json!({ "author": Author::Given });
            provenance.insert(BLUEPRINT.to_owned(), record);
        }
        provenance.sort_keys();
        let record = json!({ "schema_version": 1, "artifacts": provenance });
        let text = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
        put("provenance.json", text);
        Ok(change)
    }
}
