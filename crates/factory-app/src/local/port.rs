//! [`Local`] as the port [`Factory`].

use factory_core::event::Recorded;
use factory_core::id::{GateId, RunId, Seq, Slug, TaskId};
use factory_core::projection::{
    self, GateState, GateView, ProductView, RunView, Select, StartupView,
};

use super::context::Local;
use crate::error::{AppError, Code};
use crate::factory::{
    Answer, Factory, GateAnswer, GateDetail, RunDetail, StartedProduct, StartupDetail, Submission,
    Submitted, TaskLog,
};
use crate::refusal::broken;

impl Factory for Local {
    fn submit(&self, submissions: Vec<Submission>) -> Answer<'_, Vec<Submitted>> {
        Box::pin(self.submit_all(submissions))
    }

    fn startups(&self) -> Answer<'_, Vec<StartupView>> {
        Box::pin(self.rows(Select::all(&projection::STARTUPS)))
    }

    fn startup<'a>(&'a self, slug: &'a Slug) -> Answer<'a, StartupDetail> {
        Box::pin(self.startup_detail(slug))
    }

    fn products(&self) -> Answer<'_, Vec<ProductView>> {
        Box::pin(self.rows(Select::all(&projection::PRODUCTS)))
    }

    fn start_product<'a>(&'a self, slug: &'a Slug) -> Answer<'a, StartedProduct> {
        Box::pin(self.product_up(slug))
    }

    fn stop_product<'a>(&'a self, slug: &'a Slug) -> Answer<'a, bool> {
        Box::pin(self.product_down(slug))
    }

    fn runs(&self) -> Answer<'_, Vec<RunView>> {
        let newest = Select {
            descending: true,
            ..Select::all(&projection::RUNS).by("started_at")
        };
        Box::pin(self.rows(newest))
    }

    fn run<'a>(&'a self, run_id: &'a RunId) -> Answer<'a, RunDetail> {
        Box::pin(async move {
            self.run_detail(run_id).await?.ok_or_else(|| {
                AppError::new(Code::NoRun, format!("there is no run `{run_id}`"))
                    .hint("`factory runs ls` lists them")
            })
        })
    }

    fn cancel_run<'a>(&'a self, run_id: &'a RunId, reason: String) -> Answer<'a, ()> {
        Box::pin(self.end_run(run_id, reason))
    }

    fn task_logs<'a>(&'a self, run_id: &'a RunId, task_id: &'a TaskId) -> Answer<'a, Vec<TaskLog>> {
        Box::pin(self.logs(run_id, task_id))
    }

    fn gates(&self, open_only: bool) -> Answer<'_, Vec<GateView>> {
        let all = Select::all(&projection::GATES).by("opened_at");
        Box::pin(self.rows(if open_only {
            all.with("state", GateState::Open.as_str())
        } else {
            all
        }))
    }

    fn gate<'a>(&'a self, gate_id: &'a GateId) -> Answer<'a, GateDetail> {
        Box::pin(self.gate_detail(gate_id))
    }

    fn decide<'a>(&'a self, gate_id: &'a GateId, answer: GateAnswer) -> Answer<'a, ()> {
        Box::pin(self.answer_gate(gate_id, answer))
    }

    fn head(&self) -> Answer<'_, Seq> {
        Box::pin(async move { self.driver.ports().log.head().await.map_err(broken) })
    }

    fn events(&self, after: Seq, limit: usize) -> Answer<'_, Vec<Recorded>> {
        Box::pin(async move {
            self.driver
                .ports()
                .log
                .read_all(after, limit)
                .await
                .map_err(broken)
        })
    }

    fn wait(&self, seq: Seq) -> Answer<'_, Seq> {
        Box::pin(async move {
            self.driver
                .ports()
                .log
                .wait_beyond(seq)
                .await
                .map_err(broken)
        })
    }
}
