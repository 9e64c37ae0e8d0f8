//! `factory startup down`.

use factory_core::id::Slug;
use factory_core::portfolio::{Startup, State};
use factory_core::process::Stopped;

use super::Products;
use crate::error::{AppError, Code};
use crate::playbook;

impl Products {
    /// Stops the product and gives back what it held; whether it was running.
    pub async fn stop(&self, slug: &Slug) -> Result<bool, AppError> {
        let lock = self.lock_of(slug);
        let _alone = lock.lock().await;
        let startup = self.startup(slug).await?;
        let Some(product) = startup.product else {
            return if startup.state.is_built() {
                Ok(false)
            } else {
                Err(self.not_built(slug, &startup).await)
            };
        };
        let driver = &self.driver;
        let stopped = driver.stop_process(slug, &product.process, "it was stopped");
        Ok(stopped.await? != Stopped::WasNotRunning)
    }

    /// Nothing can be started or stopped before there is a product.
    pub(super) async fn not_built(&self, slug: &Slug, startup: &Startup) -> AppError {
        let run_id = slug.run(startup.runs);
        let gates = self.driver.portfolio().await.gates;
        let mut of_run = gates.into_iter().filter(|(id, _)| id.run() == run_id);
        let open = of_run.find(|(_, gate)| gate.decision.is_none());
        let error = |message: String| AppError::new(Code::NotBuilt, message);
        match (startup.state, open) {
            (State::Building, Some((gate_id, _))) => {
                let playbook = playbook::named(&startup.plan.playbook);
                let name = gate_id.as_str().strip_prefix(run_id.as_str());
                let name = name.unwrap_or_default().trim_start_matches('.');
                let then = if playbook.judges_product(name) {
                    "its product is verified, and can be started once that is approved"
                } else {
                    "it has no product yet"
                };
                error(format!("startup `{slug}` waits for a decision at its gate `{gate_id}`: {then}"))
                    .hint(format!(
                        "look at it with `factory gate show {gate_id}`, decide with `factory gate approve {gate_id}`, \
                         then go on with `factory run`"
                    ))
            }
            (state, _) if state.is_final() => {
                error(format!("startup `{slug}` is {state}: it has no product")).hint(format!(
                    "build it again from its brief: `factory run BRIEF.yaml`; \
                     `factory startup show {slug}` shows how it ended"
                ))
            }
            (state, _) => error(format!("startup `{slug}` is {state}: it has no product yet")).hint(
                format!(
                    "go on building it with `factory run`; `factory startup show {slug}` shows where it stands"
                ),
            ),
        }
    }
}
