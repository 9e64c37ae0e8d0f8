//! Who answers the gates of `factory run`.

use factory_app::error::{AppError, Kind};
use factory_app::factory::{Factory, GateAnswer};
use factory_core::id::Slug;
use factory_core::portfolio::Verdict;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answers {
    /// Nobody: gates wait.
    Nobody,
    /// A person at this terminal.
    Person,
    /// A policy that approves; its name is recorded.
    Policy(String),
}

/// Approves the open gates of these startups by policy; whether there was one.
pub(super) async fn approve_all(
    factory: &dyn Factory,
    slugs: &[Slug],
    policy: &str,
) -> Result<bool, AppError> {
    let mut approved = false;
    for gate in factory.gates(true).await? {
        let gate_id = gate.gate_id;
        if !slugs.contains(&gate_id.run().slug()) {
            continue;
        }
        let answer = GateAnswer {
            verdict: Verdict::Approve,
            round: None,
            by: format!("policy: {policy}"),
            comment: None,
        };
        match factory.decide(&gate_id, answer).await {
            // Somebody was faster.
            Err(error) if error.kind() == Kind::Conflict => {}
            decided => decided?,
        }
        approved = true;
    }
    Ok(approved)
}
