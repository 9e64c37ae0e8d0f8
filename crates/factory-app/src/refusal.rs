//! What a refusal of the portfolio or of a runner means for whoever asked.

use factory_core::id::{GateId, RunId, Slug};
use factory_core::port::StoreError;
use factory_core::portfolio;
use factory_engine::journal::JournalError;
use factory_engine::runner::{RequestError, RunnerError};
use factory_engine::workshop::WorkshopError;

use crate::error::{AppError, Code};
use crate::factory::decided;

/// The store failed below a question.
pub(crate) fn broken(error: StoreError) -> AppError {
    AppError::new(Code::StoreBroken, "read the store").because(error)
}

/// There is no such startup.
pub(crate) fn no_startup(slug: &Slug) -> AppError {
    AppError::new(Code::NoStartup, format!("there is no startup `{slug}`"))
        .hint("`factory startup ls` lists them")
}

/// There is no such gate.
pub(crate) fn no_gate(gate_id: &GateId) -> AppError {
    AppError::new(Code::NoGate, format!("there is no gate `{gate_id}`"))
        .hint("`factory gate ls` lists the gates that wait for a decision")
}

/// The run ended while the gate waited.
pub(crate) fn gate_closed(gate_id: &GateId) -> AppError {
    let run_id = gate_id.run();
    let message = format!("gate `{gate_id}` was closed undecided: run `{run_id}` has ended");
    AppError::new(Code::RunOver, message)
        .hint(format!("`factory runs show {run_id}` shows how it ended"))
}

/// A question at a gate after which nothing is done by an author.
pub(crate) fn no_questions(gate_id: &GateId) -> AppError {
    let message = format!(
        "nobody would act on a question at gate `{gate_id}`: what comes before it is done by machine, and would be \
         done again in the same way"
    );
    AppError::new(Code::NoQuestions, message).hint(format!(
        "approve or reject it; a rejected startup is built again from a changed brief: `factory gate reject {gate_id}`"
    ))
}

/// An answer to a gate was refused.
pub(crate) fn request_error(gate_id: &GateId, error: RequestError) -> AppError {
    match error {
        RequestError::Portfolio(portfolio::Refusal::NoGate(_)) => no_gate(gate_id),
        RequestError::Portfolio(refused @ portfolio::Refusal::NoComment) => {
            AppError::new(Code::NeedsComment, refused.to_string())
                .hint("add it with `-m`: `factory gate ask GATE -m \"why so?\"`")
        }
        RequestError::Portfolio(refused) => AppError::new(Code::GateDecided, worded(&refused)),
        RequestError::Run(refused) => AppError::new(Code::GateDecided, refused.to_string()),
        RequestError::Ended => AppError::new(Code::RunOver, "the run has ended"),
        RequestError::Journal(problem) => not_recorded(&problem),
    }
}

/// The end of a run was refused.
pub(crate) fn run_is_over(run_id: &RunId, error: RequestError) -> AppError {
    let message = match error {
        RequestError::Ended => format!("run `{run_id}` has ended"),
        // Nothing but the run's own state can refuse to end it.
        RequestError::Portfolio(refused) => refused.to_string(),
        RequestError::Run(refused) => refused.to_string(),
        RequestError::Journal(problem) => return not_recorded(&problem),
    };
    AppError::new(Code::RunOver, message)
}

/// The startup moved on between the look at it and the decision.
fn run_is_open(slug: &Slug, state: &str) -> AppError {
    let message = format!("startup `{slug}` is {state} meanwhile, and cannot be begun anew");
    AppError::new(Code::RunOpen, message).hint(format!(
        "follow it with `factory run`, or end its run first: `factory runs cancel {slug}`"
    ))
}

/// A refusal in the words of the screens.
fn worded(refused: &portfolio::Refusal) -> String {
    match refused {
        portfolio::Refusal::Decided {
            gate_id,
            verdict,
            by,
        } => {
            let verdict = verdict.parse().map_or(*verdict, decided);
            format!("gate `{gate_id}` was already {verdict} by {by}")
        }
        refused => refused.to_string(),
    }
}

fn not_recorded(problem: &str) -> AppError {
    AppError::new(Code::StoreBroken, format!("record the decision: {problem}"))
}

impl From<JournalError> for AppError {
    fn from(error: JournalError) -> Self {
        use portfolio::Refusal as R;
        let JournalError::Refused(refused) = error else {
            return Self::internal("record in the event log", error);
        };
        let message = worded(&refused);
        match refused {
            R::NoStartup(slug) => no_startup(&slug),
            R::NoGate(gate_id) => no_gate(&gate_id),
            R::Decided { .. } | R::OtherRound { .. } => Self::new(Code::GateDecided, message),
            R::NoComment => Self::new(Code::NeedsComment, message),
            R::NotBuilt { .. } => Self::new(Code::NotBuilt, message).hint(
                "build it with `factory run`; `factory startup show SLUG` shows where it stands",
            ),
            R::ProductRuns(slug) => Self::new(Code::ProductRuns, message).hint(format!(
                "stop its product first: `factory startup down {slug}`"
            )),
            R::NotEnoughResources { .. } => Self::new(Code::NotEnoughResources, message)
                .hint("stop another product with `factory startup down SLUG`"),
            R::Exists(_) => Self::new(Code::StartupDiffers, message)
                .hint("give one of the briefs another `name`; nothing was created"),
            R::NotOver { slug, state } => run_is_open(&slug, state),
            R::NoAllocation(_) | R::NotQueued { .. } => {
                Self::internal("record in the event log", refused)
            }
        }
    }
}

impl From<RunnerError> for AppError {
    fn from(error: RunnerError) -> Self {
        match &error {
            RunnerError::Workshop(missing @ WorkshopError::LandedMissing { .. }) => Self::new(
                Code::LandedMissing,
                missing.to_string(),
            )
            .hint("put the branch back as it was, or merge that commit, and run the command again"),
            _ => Self::internal("drive a startup", error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_startup_that_moved_on_or_is_taken_is_a_conflict_that_says_what_to_do() {
        let slug = Slug::from_static("ledgerly");
        let state = "building";
        let not_over = portfolio::Refusal::NotOver {
            slug: slug.clone(),
            state,
        };
        let told = |refused| {
            let error = AppError::from(JournalError::Refused(refused));
            format!(
                "{} {} ({})",
                error.code,
                error,
                error.hint.as_deref().unwrap_or_default()
            )
        };
        assert_eq!(
            told(not_over),
            "F0314 startup `ledgerly` is building meanwhile, and cannot be begun anew (follow it with `factory run`, or \
             end its run first: `factory runs cancel ledgerly`)"
        );
        assert_eq!(
            told(portfolio::Refusal::Exists(slug)),
            "F0305 startup `ledgerly` already exists (give one of the briefs another `name`; nothing was created)"
        );
    }
}
