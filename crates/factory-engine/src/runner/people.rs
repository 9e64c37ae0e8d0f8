//! What people ask of a runner, and policies in their place: answers to gates, and the end of a run.

use factory_core::id::{GateId, RunId, TaskId};
use factory_core::portfolio::{self, Decision, Verdict};
use factory_core::run::{self, Command, State, Task, TaskCommand};
use tokio::sync::{mpsc, oneshot};

use super::message::{Request, RequestError};
use super::state::{Runner, RunnerError};
use crate::journal::JournalError;

/// Speaks to a runner from other tasks.
#[derive(Debug, Clone)]
pub struct Handle {
    requests: mpsc::Sender<Request>,
}

impl Handle {
    pub(super) fn new(requests: mpsc::Sender<Request>) -> Self {
        Self { requests }
    }

    /// Answers a gate of this repository's run.
    pub async fn decide(
        &self,
        gate_id: GateId,
        round: Option<u32>,
        decision: Decision,
    ) -> Result<(), RequestError> {
        let (reply, answer) = oneshot::channel();
        self.ask(
            Request::Decide {
                gate_id,
                round,
                decision,
                reply,
            },
            answer,
        )
        .await
    }

    /// Ends the run.
    pub async fn cancel(&self, run_id: RunId, reason: String) -> Result<(), RequestError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Cancel {
            run_id,
            reason,
            reply,
        };
        self.ask(request, answer).await
    }

    async fn ask(
        &self,
        request: Request,
        answer: oneshot::Receiver<Result<(), RequestError>>,
    ) -> Result<(), RequestError> {
        self.requests
            .send(request)
            .await
            .map_err(|_| RequestError::Ended)?;
        answer.await.map_err(|_| RequestError::Ended)?
    }
}

impl Runner {
    /// Answers a gate in a runner that is not being driven.
    pub async fn decide_now(
        &mut self,
        gate_id: GateId,
        round: Option<u32>,
        decision: Decision,
    ) -> Result<(), RequestError> {
        self.decide(gate_id, round, decision)
            .await
            .map_err(Decide::into_request)
    }

    /// Ends the run of a runner that is not being driven.
    pub async fn cancel_now(&mut self, run_id: &RunId, reason: String) -> Result<(), RequestError> {
        self.cancel(run_id, reason)
            .await
            .map_err(Decide::into_request)
    }

    pub(super) async fn approve(
        &mut self,
        task_id: &TaskId,
        policy: &str,
    ) -> Result<(), RunnerError> {
        let Some((gate_id, round)) = self.gate_of(task_id) else {
            return Ok(());
        };
        let decision = Decision {
            verdict: Verdict::Approve,
            by: format!("policy: {policy}"),
            comment: Some("approved by a recorded policy; no person has looked at it".to_owned()),
        };
        match self.decide(gate_id, Some(round), decision).await {
            Ok(()) => Ok(()),
            Err(Decide::Runner(error)) => Err(error),
            // Somebody was quicker.
            Err(Decide::Refused(refused)) => {
                tracing::debug!(task.id = %task_id, %refused, "the policy's approval is refused");
                Ok(())
            }
        }
    }

    fn gate_of(&self, task_id: &TaskId) -> Option<(GateId, u32)> {
        let (run, task) = self.open_task(task_id)?;
        let gate = task.spec.gate.as_ref()?;
        Some((GateId::of(&run.run_id, &gate.name), task.round))
    }

    fn task_at(&self, gate_id: &GateId) -> Option<&Task> {
        let run = self.repo.state.open_run()?;
        let at_gate = |task: &&Task| {
            task.state == State::Waiting
                && task
                    .spec
                    .gate
                    .as_ref()
                    .is_some_and(|gate| GateId::of(&run.run_id, &gate.name) == *gate_id)
        };
        run.tasks.values().find(at_gate)
    }

    async fn decide(
        &mut self,
        gate_id: GateId,
        round: Option<u32>,
        decision: Decision,
    ) -> Result<(), Decide> {
        let no_gate = || portfolio::Refusal::NoGate(gate_id.clone());
        let task_id = self.task_at(&gate_id).map(|task| task.spec.id.clone());
        let Some(task_id) = task_id else {
            // Decided already, or unknown: the portfolio's answer says which.
            let command = portfolio::Command::DecideGate {
                gate_id: gate_id.clone(),
                round,
                decision,
            };
            let state = self.shared.journal.portfolio().await;
            let refused = portfolio::decide(&state, command)
                .err()
                .unwrap_or_else(no_gate);
            return Err(Decide::Refused(refused.into()));
        };
        let comment = decision.comment.clone().unwrap_or_default();
        let command = match decision.verdict {
            Verdict::Approve => TaskCommand::PassGate,
            Verdict::Ask => TaskCommand::AskGate { comment },
            Verdict::Reject => {
                let said = if comment.is_empty() {
                    String::new()
                } else {
                    format!(": {comment}")
                };
                let reason = format!("rejected at gate `{gate_id}` by {}{said}", decision.by);
                TaskCommand::RejectGate { reason }
            }
        };
        let events = run::decide(&self.repo.state, command.on(task_id))
            .map_err(|refused| Decide::Refused(refused.into()))?;
        let command = portfolio::Command::DecideGate {
            gate_id,
            round,
            decision,
        };
        match self.append(events, vec![command]).await {
            Ok(()) => Ok(()),
            Err(RunnerError::Journal(JournalError::Refused(refused))) => {
                Err(Decide::Refused(refused.into()))
            }
            Err(error) => Err(Decide::Runner(error)),
        }
    }

    pub(super) async fn follow(&mut self, request: Request) -> Result<(), RunnerError> {
        let (reply, outcome) = match request {
            Request::Decide {
                gate_id,
                round,
                decision,
                reply,
            } => (reply, self.decide(gate_id, round, decision).await),
            Request::Cancel {
                run_id,
                reason,
                reply,
            } => (reply, self.cancel(&run_id, reason).await),
        };
        let (answer, result) = match outcome {
            Ok(()) => (Ok(()), Ok(())),
            Err(Decide::Refused(refused)) => (Err(refused), Ok(())),
            Err(Decide::Runner(error)) => (
                Err(RequestError::Journal(crate::workshop::chain(&error))),
                Err(error),
            ),
        };
        // Whoever asked may be gone; the decision counts all the same.
        drop(reply.send(answer));
        result
    }

    async fn cancel(&mut self, run_id: &RunId, reason: String) -> Result<(), Decide> {
        let open = self.repo.state.open_run();
        if open.is_none_or(|run| run.run_id != *run_id) {
            return Err(Decide::Refused(RequestError::Ended));
        }
        let events = run::decide(&self.repo.state, Command::Cancel { reason })
            .map_err(|refused| Decide::Refused(refused.into()))?;
        self.append(events, Vec::new())
            .await
            .map_err(Decide::Runner)
    }
}

enum Decide {
    Refused(RequestError),
    Runner(RunnerError),
}

impl Decide {
    fn into_request(self) -> RequestError {
        match self {
            Self::Refused(refused) => refused,
            Self::Runner(error) => RequestError::Journal(crate::workshop::chain(&error)),
        }
    }
}
