//! `factory gate`, and gates asked inline on a terminal.

use std::io::{BufRead as _, IsTerminal as _};

use factory_app::error::{AppError, Kind};
use factory_app::factory::{Factory, GateAnswer, GateDetail, RunDetail};
use factory_core::id::{GateId, RunId, Slug};
use factory_core::portfolio::Verdict;
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;

use super::runs;
use crate::args::{Decision, Gate};
use crate::call::Call;
use crate::{exit, output};

pub(crate) async fn perform(call: &Call, what: Gate) -> Result<u8, AppError> {
    let session = call.session().await?;
    let factory = session.factory();
    match what {
        Gate::Ls { all } => {
            let gates = factory.gates(!all).await?;
            output::answer(call.format, &gates, || {
                if gates.is_empty() {
                    output::words("no gate waits");
                    return String::new();
                }
                output::table(
                    &["gate", "round", "state", "decided by", "question"],
                    gates.iter().map(|gate| {
                        vec![
                            gate.gate_id.clone(),
                            gate.round.to_string(),
                            gate.verdict.clone().unwrap_or_else(|| gate.state.clone()),
                            gate.decided_by.clone().unwrap_or_else(|| "-".to_owned()),
                            gate.question.clone(),
                        ]
                    }),
                )
            });
        }
        Gate::Show { gate } => {
            let detail = factory.gate(&GateId::new(gate)).await?;
            let run = factory
                .run(&RunId::new(detail.gate.run_id.as_str()))
                .await?;
            output::answer(call.format, &detail, || page(&detail, &run));
        }
        Gate::Approve(decision) => decide(call, factory, decision, Verdict::Approve).await?,
        Gate::Reject(decision) => decide(call, factory, decision, Verdict::Reject).await?,
        Gate::Ask(decision) => decide(call, factory, decision, Verdict::Ask).await?,
    }
    Ok(exit::OK)
}

async fn decide(
    call: &Call,
    factory: &dyn Factory,
    words: Decision,
    verdict: Verdict,
) -> Result<(), AppError> {
    let gate_id = GateId::new(words.gate);
    let answer = GateAnswer {
        verdict,
        round: words.round,
        by: person(call),
        comment: words.comment,
    };
    factory.decide(&gate_id, answer).await?;
    output::answer(
        call.format,
        &json!({ "gate_id": gate_id, "verdict": verdict }),
        || format!("gate {gate_id}: {}", verdict.as_str()),
    );
    output::words("hint: `factory run` goes on, unless another `factory` does so already");
    Ok(())
}

/// Who sits at the terminal, as the system knows them.
fn person(call: &Call) -> String {
    let login = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| call.environment.get(*name));
    login
        .cloned()
        .unwrap_or_else(|| "a person at the command line".to_owned())
}

/// A gate with everything that is to be decided on.
fn page(detail: &GateDetail, run: &RunDetail) -> String {
    let gate = &detail.gate;
    let mut parts = vec![format!(
        "{} (round {})\n{}\n",
        gate.gate_id, gate.round, gate.question
    )];
    if let Some(verdict) = &gate.verdict {
        let by = gate.decided_by.as_deref().unwrap_or("somebody");
        let said = gate
            .comment
            .as_deref()
            .map_or_else(String::new, |comment| format!(": {comment}"));
        parts.push(format!("decided: {verdict} by {by}{said}\n"));
    }
    for (file, text) in &detail.artifacts {
        parts.push(format!("\n── {file} ──\n{text}\n"));
    }
    if !run.checks.is_empty() {
        parts.push(format!("\n{}\n", runs::page(run)));
    }
    parts.concat()
}

/// Whether a person can be asked: they see stderr and type on stdin.
pub(super) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && output::is_terminal()
}

/// Who answers the gates of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answers {
    /// Nobody: they wait.
    Nobody,
    /// A person at this terminal.
    Person,
    /// A policy that approves; its name is recorded.
    Policy(String),
}

/// Asks about every gate that comes in, one after the other. Never comes back, unless that fails.
pub(super) async fn ask_inline(
    factory: &dyn Factory,
    mut gates: UnboundedReceiver<GateId>,
    asks: bool,
) -> Result<(), AppError> {
    if asks {
        while let Some(gate_id) = gates.recv().await {
            if ask(factory, &gate_id).await? == Asked::NobodyIsThere {
                return Ok(());
            }
        }
    }
    std::future::pending().await
}

/// Approves the open gates of these startups by policy; whether there was one.
pub(super) async fn approve_all(
    factory: &dyn Factory,
    slugs: &[Slug],
    policy: &str,
) -> Result<bool, AppError> {
    let mut approved = false;
    for gate in factory.gates(true).await? {
        let gate_id = GateId::new(gate.gate_id);
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

/// Whether it makes sense to ask on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// A person answered, or the gate needs no answer any more.
    Settled,
    /// The input has ended.
    NobodyIsThere,
}

async fn ask(factory: &dyn Factory, gate_id: &GateId) -> Result<Asked, AppError> {
    loop {
        let detail = factory.gate(gate_id).await?;
        if detail.gate.state != "open" {
            return Ok(Asked::Settled);
        }
        output::words(&format!("\n{gate_id}: {}", detail.gate.question));
        output::words("  a approve · r reject · q QUESTION ask · s show · Ctrl-C leaves it open");
        let Some(line) = read_line().await else {
            output::words("the input has ended; the gate stays open");
            return Ok(Asked::NobodyIsThere);
        };
        let (word, rest) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        let verdict = match word {
            "a" | "approve" => Verdict::Approve,
            "r" | "reject" => Verdict::Reject,
            "q" | "ask" => Verdict::Ask,
            "s" | "show" => {
                let run_id = RunId::new(detail.gate.run_id.as_str());
                output::words(&page(&detail, &factory.run(&run_id).await?));
                continue;
            }
            _ => continue,
        };
        let round = u32::try_from(detail.gate.round).ok();
        let comment = Some(rest.trim().to_owned()).filter(|text| !text.is_empty());
        let by = "a person at the terminal".to_owned();
        match factory
            .decide(
                gate_id,
                GateAnswer {
                    verdict,
                    round,
                    by,
                    comment,
                },
            )
            .await
        {
            Ok(()) => return Ok(Asked::Settled),
            Err(error) => output::failure(&error),
        }
    }
}

/// One line from the terminal; nothing at its end.
async fn read_line() -> Option<String> {
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let count = std::io::stdin().lock().read_line(&mut line).ok()?;
        (count > 0).then(|| line.trim().to_owned())
    });
    read.await.ok().flatten()
}
