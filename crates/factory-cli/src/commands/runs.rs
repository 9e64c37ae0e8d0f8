//! `factory runs`.

use factory_app::error::AppError;
use factory_app::factory::RunDetail;
use factory_core::id::RunId;
use serde_json::json;

use super::names::run_named;
use super::task;
use crate::args::Runs;
use crate::call::Call;
use crate::{exit, output};

/// Performs `factory runs`.
pub(crate) async fn perform(call: &Call, what: Runs) -> Result<u8, AppError> {
    let session = call.session().await?;
    let factory = session.factory();
    match what {
        Runs::Ls => {
            let runs = factory.runs().await?;
            output::answer(call.format, &runs, || {
                if runs.is_empty() {
                    output::words("no runs yet; start one with `factory run BRIEF.yaml`");
                    return String::new();
                }
                let head = [
                    "run", "state", "landed", "merges", "stories", "started", "finished",
                ];
                output::table(
                    &head,
                    runs.iter().map(|run| {
                        vec![
                            run.run_id.to_string(),
                            run.state.to_string(),
                            format!("{}/{}", run.landed, run.tasks),
                            run.merges.to_string(),
                            format!("{}/{}", run.stories_built, run.stories_total),
                            run.started_at.to_string(),
                            output::or_dash(run.finished_at.as_ref()),
                        ]
                    }),
                )
            });
        }
        Runs::Show { run } => {
            let detail = factory.run(&run_named(factory, &run).await?).await?;
            output::answer(call.format, &detail, || {
                format!("{}\n\n{}", page(&detail), task::table(&detail.tasks))
            });
        }
        Runs::Cancel { run, reason } => {
            let run_id = RunId::parse(run)?;
            factory.cancel_run(&run_id, reason).await?;
            output::answer(
                call.format,
                &json!({ "run_id": run_id, "state": "cancelled" }),
                || format!("run {run_id} is cancelled"),
            );
        }
    }
    Ok(exit::OK)
}

/// A run in a few lines.
pub(super) fn page(detail: &RunDetail) -> String {
    let run = &detail.run;
    let mut lines = vec![
        format!("run {}", run.run_id),
        format!("  state      {}", run.state),
        format!("  playbook   {}, onto branch {}", run.playbook, run.branch),
        format!("  tasks      {}, {} changes landed", run.tasks, run.landed),
        format!(
            "  merges     {} ({} automatic)",
            run.merges, run.merges_automatic
        ),
        format!(
            "  stories    {} of {} built",
            run.stories_built, run.stories_total
        ),
    ];
    if let Some(reason) = &run.reason {
        lines.push(format!("  reason     {reason}"));
    }
    for check in &detail.checks {
        lines.push(format!(
            "  {:<10} {}: {}",
            check.check_name, check.result, check.detail
        ));
    }
    lines.join("\n")
}
