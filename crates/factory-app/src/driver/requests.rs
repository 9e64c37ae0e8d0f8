//! What people ask of a run, taken to the runner that owns it: decisions at gates, and its end.

use std::collections::BTreeMap;
use std::sync::Arc;

use factory_core::id::{GateId, RunId, Slug};
use factory_core::portfolio::{self, Decision};
use factory_engine::runner::{Handle, RequestError, Runner};
use tokio::sync::MutexGuard;

use super::state::{Driven, Driver, WakeLast, handle_of, uninterrupted};
use crate::error::AppError;
use crate::refusal::{no_gate, request_error, run_is_over};

impl Driver {
    /// Answers a gate, through the runner that owns it.
    pub async fn decide(
        self: &Arc<Self>,
        gate_id: GateId,
        round: Option<u32>,
        decision: Decision,
    ) -> Result<(), AppError> {
        let driver = Arc::clone(self);
        uninterrupted(async move { driver.decide_now(&gate_id, round, decision).await }).await
    }

    async fn decide_now(
        &self,
        gate_id: &GateId,
        round: Option<u32>,
        decision: Decision,
    ) -> Result<(), AppError> {
        if !self.portfolio().await.gates.contains_key(gate_id) {
            return Err(no_gate(gate_id));
        }
        let _wakes = WakeLast(&self.wake);
        let answer = loop {
            let slug = gate_id.run().slug();
            let (gate_id, decision) = (gate_id.clone(), decision.clone());
            match self.owner(&slug).await? {
                Owner::Driven(handle) => match handle.decide(gate_id, round, decision).await {
                    // It came to rest meanwhile: whoever owns it now is asked again.
                    Err(RequestError::Ended) => tokio::task::yield_now().await,
                    answer => break answer,
                },
                Owner::Nobody(mut runner, _held) => {
                    break runner.decide_now(gate_id, round, decision).await;
                }
            }
        };
        answer.map_err(|error| request_error(gate_id, error))
    }

    /// Ends a run, through the runner that owns it.
    pub async fn cancel(self: &Arc<Self>, run_id: RunId, reason: String) -> Result<(), AppError> {
        let driver = Arc::clone(self);
        uninterrupted(async move { driver.cancel_now(&run_id, reason).await }).await
    }

    async fn cancel_now(&self, run_id: &RunId, reason: String) -> Result<(), AppError> {
        let _wakes = WakeLast(&self.wake);
        let answer = loop {
            match self.owner(&run_id.slug()).await? {
                Owner::Driven(handle) => {
                    match handle.cancel(run_id.clone(), reason.clone()).await {
                        // The runner came to rest meanwhile: whoever owns it now is asked again.
                        Err(RequestError::Ended) if self.is_open(run_id).await => {
                            tokio::task::yield_now().await;
                        }
                        answer => break answer,
                    }
                }
                Owner::Nobody(mut runner, _held) => {
                    break runner.cancel_now(run_id, reason).await;
                }
            }
        };
        answer.map_err(|error| run_is_over(run_id, error))
    }

    /// Whether a run is in progress.
    async fn is_open(&self, run_id: &RunId) -> bool {
        let slug = run_id.slug();
        let portfolio = self.portfolio().await;
        portfolio.startups.get(&slug).is_some_and(|startup| {
            startup.state == portfolio::State::Building
                && startup.newest_run(&slug).as_ref() == Some(run_id)
        })
    }

    /// The runner of a startup. One that is not driven is opened, and nobody drives it while it is held.
    async fn owner(&self, slug: &Slug) -> Result<Owner<'_>, AppError> {
        let driven = self.driven.lock().await;
        if let Some(handle) = handle_of(&driven, slug) {
            return Ok(Owner::Driven(handle));
        }
        let (runner, _handle) = self.runner(slug, false).await?;
        Ok(Owner::Nobody(Box::new(runner), driven))
    }
}

/// Who can answer for a startup.
enum Owner<'a> {
    /// A runner that is being driven.
    Driven(Handle),
    /// A runner opened for this once; the guard keeps the driver from opening another.
    Nobody(Box<Runner>, MutexGuard<'a, BTreeMap<Slug, Driven>>),
}
