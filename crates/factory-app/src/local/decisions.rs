//! What people decide, checked before it is handed on: gates are answered, runs are ended.

use factory_core::id::{GateId, RunId};
use factory_core::portfolio::{Decision, Verdict};
use factory_core::projection::{self, GateState, GateView};

use super::context::Local;
use crate::error::{AppError, Code};
use crate::factory::{Factory as _, GateAnswer};
use crate::refusal::{gate_closed, no_questions};

impl Local {
    pub(super) async fn answer_gate(
        &self,
        gate_id: &GateId,
        answer: GateAnswer,
    ) -> Result<(), AppError> {
        if let Some(comment) = &answer.comment {
            refuse_control_characters("comment", comment)?;
        }
        let gate: Option<GateView> = self.row(&projection::GATES, gate_id.as_str()).await?;
        if gate.is_some_and(|gate| gate.state == GateState::Closed) {
            return Err(gate_closed(gate_id));
        }
        if answer.verdict == Verdict::Ask && !self.takes_questions(gate_id).await? {
            return Err(no_questions(gate_id));
        }
        let decision = Decision {
            verdict: answer.verdict,
            by: answer.by,
            comment: answer.comment,
        };
        self.driver
            .decide(gate_id.clone(), answer.round, decision)
            .await
    }

    pub(super) async fn end_run(&self, run_id: &RunId, reason: String) -> Result<(), AppError> {
        refuse_control_characters("reason", &reason)?;
        self.run(run_id).await?;
        self.driver.cancel(run_id.clone(), reason).await
    }
}

/// What people write is shown on other people's terminals and goes into documents: it is text and nothing else.
fn refuse_control_characters(what: &str, text: &str) -> Result<(), AppError> {
    let forbidden = |char: &char| char.is_control() && !matches!(char, '\n' | '\t');
    let Some(found) = text.chars().find(forbidden) else {
        return Ok(());
    };
    let message = format!(
        "the {what} holds the control character `{}`",
        found.escape_unicode()
    );
    Err(AppError::new(Code::RequestInvalid, message).hint("write plain text; nothing was decided"))
}
