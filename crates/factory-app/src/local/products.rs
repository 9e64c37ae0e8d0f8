//! Products behind the port.

use std::sync::Arc;

use factory_core::id::Slug;
use factory_core::projection;

use super::context::Local;
use crate::error::{AppError, Code};
use crate::factory::StartedProduct;

impl Local {
    /// Has starts in progress come to their end soon, because this process is about to end.
    pub fn give_up_starts(&self) {
        self.products.give_up();
    }

    /// In a task of its own: whoever asked may go meanwhile, and nothing is left half started.
    pub(super) async fn product_up(&self, slug: &Slug) -> Result<StartedProduct, AppError> {
        let (products, starting) = (Arc::clone(&self.products), slug.clone());
        let answers = tokio::spawn(async move { products.start(&starting).await })
            .await
            .map_err(|error| AppError::internal("start the product", error))??;
        let product = self.row(&projection::PRODUCTS, slug.as_str()).await?;
        let product = product.ok_or_else(|| {
            let message = format!("the product of `{slug}` runs and is not in the tables");
            AppError::new(Code::StoreBroken, message)
        })?;
        Ok(StartedProduct { product, answers })
    }

    /// In a task of its own, for the same reason.
    pub(super) async fn product_down(&self, slug: &Slug) -> Result<bool, AppError> {
        let (products, stopping) = (Arc::clone(&self.products), slug.clone());
        tokio::spawn(async move { products.stop(&stopping).await })
            .await
            .map_err(|error| AppError::internal("stop the product", error))?
    }
}
