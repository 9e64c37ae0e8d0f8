//! The processes of products, as the driver keeps them: what they hold, whether they live, how they end.

use std::sync::Arc;

use factory_core::id::Slug;
use factory_core::portfolio;
use factory_core::process::{Exit, ProcessIdentity, Stopped};

use crate::driver::Driver;
use crate::error::{AppError, Code};

impl Driver {
    /// Grants what the product of a startup needs to run. What an earlier start left is given back first: its ports
    /// may be taken by somebody else meanwhile.
    pub async fn acquire(self: &Arc<Self>, slug: &Slug) -> Result<portfolio::Allocation, AppError> {
        let (machine, free_ports) = self.measure().await?;
        let commands = vec![
            portfolio::Command::Release { slug: slug.clone() },
            portfolio::Command::Acquire {
                slug: slug.clone(),
                machine,
                free_ports,
            },
        ];
        let events = self.change(commands).await?;
        let granted = events.into_iter().find_map(|event| match event {
            portfolio::Event::AllocationGranted { allocation, .. } => Some(allocation),
            _ => None,
        });
        granted.ok_or_else(|| AppError::new(Code::Unexpected, "nothing was granted"))
    }

    /// Takes back what a startup without a running product holds.
    pub async fn release(self: &Arc<Self>, slug: &Slug) -> Result<(), AppError> {
        let slug = slug.clone();
        self.change(vec![portfolio::Command::Release { slug }])
            .await?;
        Ok(())
    }

    /// Takes back what a driver granted that died before it had started the product.
    pub(crate) async fn release_leftovers(self: &Arc<Self>) -> Result<(), AppError> {
        self.stop_unrecorded().await?;
        for (slug, startup) in self.portfolio().await.startups {
            let held = startup.allocation.is_some() && startup.product.is_none();
            if startup.state.is_final() && held {
                self.release(&slug).await?;
            }
        }
        Ok(())
    }

    /// Records products whose process has ended, and ends what it left behind.
    pub async fn record_ended_products(self: &Arc<Self>) -> Result<(), AppError> {
        for (slug, startup) in self.portfolio().await.startups {
            let Some(product) = startup.product else {
                continue;
            };
            if !self.is_alive(&product.process).await? {
                tracing::warn!(startup.id = %slug, process = product.process.pid, "product has ended");
                let ended = self.how_it_ended(&product.process).await?;
                self.stop_process(&slug, &product.process, &ended).await?;
            }
        }
        Ok(())
    }

    /// Whether the process of a product is alive.
    pub async fn is_alive(&self, process: &ProcessIdentity) -> Result<bool, AppError> {
        let (daemons, process) = (Arc::clone(&self.ports().daemons), process.clone());
        tokio::task::spawn_blocking(move || daemons.is_alive(&process))
            .await
            .map_err(|error| AppError::internal("look at a process", error))
    }

    /// How the process of a product has ended by itself, in words. Only the program that started it is told more than
    /// that it did.
    pub(super) async fn how_it_ended(&self, process: &ProcessIdentity) -> Result<String, AppError> {
        let (daemons, process) = (Arc::clone(&self.ports().daemons), process.clone());
        let exit = tokio::task::spawn_blocking(move || daemons.exit_of(&process))
            .await
            .map_err(|error| AppError::internal("look at a process", error))?;
        Ok(match exit {
            Some(Exit::Code { code }) => format!("it exited with code {code}"),
            Some(Exit::Signal { signal }) => format!("it was ended by signal {signal}"),
            _ => "its process ended".to_owned(),
        })
    }

    /// Ends the processes of a product, records that and gives its allocation back.
    pub async fn stop_process(
        self: &Arc<Self>,
        slug: &Slug,
        process: &ProcessIdentity,
        reason: &str,
    ) -> Result<Stopped, AppError> {
        let (daemons, ending) = (Arc::clone(&self.ports().daemons), process.clone());
        let stopped = tokio::task::spawn_blocking(move || daemons.stop(&ending))
            .await
            .map_err(|error| AppError::internal("stop a process", error))?;
        self.change(vec![portfolio::Command::StopProduct {
            slug: slug.clone(),
            process: process.clone(),
            reason: reason.to_owned(),
        }])
        .await?;
        Ok(stopped)
    }
}
