//! `factory gate`.

use factory_app::error::{AppError, Code};
use factory_app::factory::{GateAnswer, GateDetail, RunDetail, decided};
use factory_core::id::GateId;
use factory_core::portfolio::Verdict;
use serde_json::json;

use super::confirm::{Confirmed, confirmed};
use super::names::gate_named;
use super::place::there;
use super::runs;
use crate::args::{Decision, Gate};
use crate::call::Call;
use crate::exit;
use crate::output::{self, Format};
use crate::session::Session;

/// Performs `factory gate`.
pub(crate) async fn perform(call: &Call, what: Gate) -> Result<u8, AppError> {
    let session = call.session().await?;
    let factory = session.factory();
    match what {
        Gate::Ls { all } => {
            let gates = factory.gates(!all).await?;
            output::answer(call.format, &gates, || {
                if gates.is_empty() {
                    output::words("no gate waits for a decision");
                    return String::new();
                }
                output::table(
                    &["gate", "round", "state", "decided by", "question"],
                    gates.iter().map(|gate| {
                        vec![
                            gate.gate_id.to_string(),
                            gate.round.to_string(),
                            gate.verdict.map_or(gate.state.as_str(), decided).to_owned(),
                            output::or_dash(gate.decided_by.as_ref()),
                            gate.question.clone(),
                        ]
                    }),
                )
            });
            Ok(exit::OK)
        }
        Gate::Show { gate } => {
            let detail = factory.gate(&gate_named(factory, &gate).await?).await?;
            let run = factory.run(&detail.gate.run_id).await?;
            output::answer(call.format, &detail, || page(&detail, &run));
            Ok(exit::OK)
        }
        Gate::Approve(decision) => decide(call, &session, decision, Verdict::Approve).await,
        Gate::Reject(decision) => decide(call, &session, decision, Verdict::Reject).await,
        Gate::Ask(decision) => decide(call, &session, decision, Verdict::Ask).await,
    }
}

/// Decides gates one by one, and each on its own; the exit code is that of the first failure.
async fn decide(
    call: &Call,
    session: &Session,
    decision: Decision,
    verdict: Verdict,
) -> Result<u8, AppError> {
    let decision = with_comment(decision, verdict)?;
    let factory = session.factory();
    let mut gates: Vec<GateId> = Vec::new();
    for name in &decision.gates {
        let gate_id = gate_named(factory, name).await?;
        if !gates.contains(&gate_id) {
            gates.push(gate_id);
        }
    }
    if gates.len() > 1 {
        // One name that means nothing is refused before anything is decided.
        for gate_id in &gates {
            factory.gate(gate_id).await?;
        }
    }
    if decision.round.is_some() && gates.len() > 1 {
        let message = "`--round` names the round of one gate".to_owned();
        return Err(
            AppError::new(Code::RequestInvalid, message).hint("decide each gate on its own")
        );
    }
    if needs_confirmation(verdict, gates.len()) && !decision.yes {
        match confirmed(&question(verdict, &gates)).await? {
            Confirmed::Yes => {}
            Confirmed::No => {
                output::words("nothing decided");
                return Ok(exit::FAILED);
            }
            Confirmed::Interrupted(code) => return Ok(code),
        }
    }
    let mut first_failure = None;
    for gate_id in &gates {
        let answer = GateAnswer {
            verdict,
            round: decision.round,
            by: person(call),
            comment: decision.comment.clone(),
        };
        match factory.decide(gate_id, answer).await {
            Ok(()) => {
                let answer = json!({ "gate_id": gate_id, "verdict": verdict });
                output::answer(call.format, &answer, || {
                    format!("{} {gate_id}", decided(verdict))
                });
            }
            Err(error) => {
                output::failure(call.format, &error);
                first_failure.get_or_insert_with(|| exit::code_of(error.kind()));
            }
        }
    }
    // Another process that drives the portfolio resumes by itself.
    let resumes = verdict != Verdict::Reject && session.driver().is_some();
    if call.format == Format::Text && resumes && first_failure.is_none() {
        let there = there(session.portfolio_dir.root());
        output::words(&format!("next: `factory run{there}` resumes the run"));
    }
    Ok(first_failure.unwrap_or(exit::OK))
}

/// The comment is an option; only `ask GATE TEXT`, which cannot mean anything else, may leave out its name.
fn with_comment(mut decision: Decision, verdict: Verdict) -> Result<Decision, AppError> {
    let is_question = |text: &String| !text.contains('.') || text.contains(char::is_whitespace);
    if verdict == Verdict::Ask
        && decision.comment.is_none()
        && decision.gates.len() == 2
        && decision.gates.last().is_some_and(is_question)
    {
        decision.comment = decision.gates.pop();
    }
    if let Some(text) = decision
        .gates
        .iter()
        .find(|name| name.contains(char::is_whitespace))
    {
        let message = format!("`{text}` is not the name of a gate");
        return Err(AppError::new(Code::NameInvalid, message)
            .hint(format!("a comment is given with `-m`: `-m {text:?}`")));
    }
    Ok(decision)
}

/// Whether a slip would be costly: a rejected run is over, and several decisions are easily one too many.
fn needs_confirmation(verdict: Verdict, count: usize) -> bool {
    verdict == Verdict::Reject || count > 1
}

/// What is asked before it is done.
fn question(verdict: Verdict, gates: &[GateId]) -> String {
    let list: Vec<String> = gates.iter().map(|gate_id| format!("  {gate_id}")).collect();
    let (verb, consequence) = match verdict {
        Verdict::Approve => ("Approve", ""),
        Verdict::Reject => ("Reject", " A rejected run ends."),
        Verdict::Ask => ("Send the question to", ""),
    };
    let what = match gates.len() {
        1 => "this gate".to_owned(),
        count => format!("these {count} gates"),
    };
    format!("{}\n{verb} {what}?{consequence}", list.join("\n"))
}

/// The login name of the person at the terminal.
fn person(call: &Call) -> String {
    let login = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| call.environment.get(*name));
    login
        .cloned()
        .unwrap_or_else(|| "a person at the command line".to_owned())
}

/// A gate and everything it decides on.
pub(super) fn page(detail: &GateDetail, run: &RunDetail) -> String {
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
        let verdict = decided(*verdict);
        parts.push(format!("{verdict} by {by}{said}\n"));
    }
    for (file, text) in &detail.artifacts {
        parts.push(format!("\n── {file} ──\n{text}\n"));
    }
    if !run.checks.is_empty() {
        parts.push(format!("\n{}\n{}", runs::page(run), runs::stories(run)));
    }
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(
        verdict: Verdict,
        gates: &[&str],
        comment: Option<&str>,
    ) -> Result<(usize, Option<String>), Code> {
        let decision = Decision {
            gates: gates.iter().map(|name| (*name).to_owned()).collect(),
            comment: comment.map(str::to_owned),
            round: None,
            yes: false,
        };
        with_comment(decision, verdict)
            .map(|decision| (decision.gates.len(), decision.comment))
            .map_err(|error| error.code)
    }

    #[test]
    fn only_a_question_to_one_gate_may_stand_without_its_option() {
        let why = Some("why so?".to_owned());
        assert_eq!(
            parsed(Verdict::Ask, &["a.1.x", "why so?"], None),
            Ok((1, why.clone()))
        );
        assert_eq!(
            parsed(Verdict::Ask, &["a.1.x", "why"], None),
            Ok((1, Some("why".to_owned())))
        );
        assert_eq!(
            parsed(Verdict::Ask, &["a.1.x", "b.1.x"], None),
            Ok((2, None))
        );
        assert_eq!(
            parsed(Verdict::Ask, &["a", "b"], Some("why so?")),
            Ok((2, why))
        );
        assert_eq!(
            parsed(Verdict::Ask, &["a", "b", "why so?"], None),
            Err(Code::NameInvalid)
        );
        assert_eq!(parsed(Verdict::Approve, &["a", "b"], None), Ok((2, None)));
        assert_eq!(
            parsed(Verdict::Approve, &["a", "ship it"], None),
            Err(Code::NameInvalid)
        );
    }
}
