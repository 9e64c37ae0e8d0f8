//! The repository of a startup: opened for a runner, never begun anew, its checkout kept up to date.

use std::sync::Arc;

use factory_core::id::Slug;
use factory_core::run::{StartPoint, Subject};
use factory_engine::runner::{Handle, Runner};
use factory_engine::workshop::{Workshop, WorkshopSpec};

use super::state::{BRANCH, Driver};
use crate::error::{AppError, Code};

impl Driver {
    pub(super) async fn runner(
        &self,
        slug: &Slug,
        stay: bool,
    ) -> Result<(Runner, Handle), AppError> {
        self.refuse_lost_product(slug).await?;
        let workshop = Arc::new(self.workshop(slug).await?);
        let shared = Arc::clone(&self.shared);
        let subject = Subject::Startup { slug: slug.clone() };
        let opened = Runner::open(shared, subject, workshop, stay).await;
        opened.map_err(AppError::from)
    }

    /// A product that has landed changes and whose folder is gone is never begun anew in an empty repository.
    async fn refuse_lost_product(&self, slug: &Slug) -> Result<(), AppError> {
        let folder = self.portfolio_dir.startup(slug);
        if folder.join(".git").exists()
            || self.shared.journal.repo(slug).await?.state.head.is_none()
        {
            return Ok(());
        }
        let message = format!(
            "the product of startup `{slug}` is not in its folder `{}` any more",
            folder.display()
        );
        Err(AppError::new(Code::NotBuilt, message).hint(
            "move the folder back; to build it again from nothing, give the brief another `name`",
        ))
    }

    async fn workshop(&self, slug: &Slug) -> Result<Workshop, AppError> {
        let spec = WorkshopSpec {
            repository: self.portfolio_dir.startup(slug),
            staging: self.portfolio_dir.staging().join(slug.as_str()),
            branch: BRANCH.to_owned(),
            start: StartPoint::Empty,
            file_bytes_max: self.limits.file_bytes_max,
        };
        tokio::task::spawn_blocking(move || Workshop::open(spec))
            .await
            .map_err(|error| AppError::internal("open the repository", error))?
            .map_err(|error| AppError::internal(format!("open the repository of `{slug}`"), error))
    }

    /// Updates the checkout of a startup to its head; refused while uncommitted edits or another git process are in the way.
    pub async fn update_checkout(&self, slug: &Slug) -> Result<(), AppError> {
        let workshop = self.workshop(slug).await?;
        let updated = tokio::task::spawn_blocking(move || workshop.update_checkout())
            .await
            .map_err(|error| AppError::internal("update the checkout", error))?;
        match updated {
            Ok(None) => Ok(()),
            Ok(Some(reason)) => {
                let message = format!("the checkout of `{slug}` is behind its branch: {reason}");
                Err(AppError::new(Code::CheckoutBehind, message)
                    .hint(
                        "do not commit there: the index is behind too, and a commit would undo what landed; \
                         copy your edits elsewhere, undo them with `git restore FILE`, and run the command again",
                    ))
            }
            Err(error) => Err(AppError::internal("update the checkout", error)),
        }
    }
}
