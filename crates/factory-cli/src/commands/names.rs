//! What the names on the command line stand for: a startup's short name may stand for its run or its gate.

use factory_app::error::{AppError, Code};
use factory_app::factory::Factory;
use factory_core::id::{GateId, RunId, Slug};
use factory_core::projection::{GateState, RunState};

/// A run by its name, or the newest run of a startup.
pub(super) async fn run_named(factory: &dyn Factory, name: &str) -> Result<RunId, AppError> {
    if name.contains('.') {
        return Ok(RunId::parse(name)?);
    }
    let detail = factory.startup(&Slug::parse(name)?).await?;
    detail.run.map(|run| run.run.run_id).ok_or_else(|| {
        AppError::new(Code::NoRun, format!("startup `{name}` has no run yet"))
            .hint("`factory run` starts it")
    })
}

/// A run by its name, or the one of a startup that is in progress.
pub(super) async fn open_run_named(factory: &dyn Factory, name: &str) -> Result<RunId, AppError> {
    let run_id = run_named(factory, name).await?;
    let run = factory.run(&run_id).await?.run;
    if name.contains('.') || run.state == RunState::Running {
        return Ok(run_id);
    }
    let message = format!(
        "startup `{name}` has no run in progress: its newest run `{run_id}` is {}",
        run.state
    );
    Err(AppError::new(Code::RunOver, message).hint("`factory runs ls` lists all runs"))
}

/// A gate by its name, or the only open gate of a startup.
pub(super) async fn gate_named(factory: &dyn Factory, name: &str) -> Result<GateId, AppError> {
    if name.contains('.') {
        return Ok(GateId::parse(name)?);
    }
    let detail = factory.startup(&Slug::parse(name)?).await?;
    let open = detail
        .gates
        .iter()
        .filter(|gate| gate.state == GateState::Open);
    let open: Vec<GateId> = open.map(|gate| gate.gate_id.clone()).collect();
    match open.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let state = detail.startup.state;
            let error = |message| AppError::new(Code::NoGate, message);
            Err(if state.is_final() {
                error(format!("startup `{name}` is {state} and has no open gate"))
                    .hint(format!("`factory startup show {name}` shows how it ended"))
            } else {
                error(format!("startup `{name}` has no open gate"))
                    .hint("`factory gate ls` lists the gates that wait for a decision")
            })
        }
        several => {
            let message = format!("startup `{name}` has {} open gates", several.len());
            let names: Vec<&str> = several.iter().map(GateId::as_str).collect();
            let hint = format!("name one of them: {}", names.join(", "));
            Err(AppError::new(Code::NameInvalid, message).hint(hint))
        }
    }
}
