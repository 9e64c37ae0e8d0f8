//! `factory startup down`.

use factory_core::id::Slug;
use factory_core::process::Stopped;

use super::Products;
use crate::error::{AppError, Code};

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
                Err(not_built(slug, startup.state.as_str()))
            };
        };
        let driver = &self.driver;
        let stopped = driver.stop_process(slug, &product.process, "it was stopped");
        Ok(stopped.await? != Stopped::WasNotRunning)
    }
}

/// Nothing can be started or stopped before there is a product.
pub(super) fn not_built(slug: &Slug, state: &str) -> AppError {
    let message = format!("startup `{slug}` is {state}: it has no product yet");
    AppError::new(Code::NotBuilt, message).hint(format!(
        "build it with `factory run`; `factory startup show {slug}` shows where it stands"
    ))
}
