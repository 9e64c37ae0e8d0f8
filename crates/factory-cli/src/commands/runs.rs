//! `factory runs`.

use factory_app::error::AppError;
use factory_app::factory::RunDetail;
use factory_app::quantity::counted;
use factory_core::projection::RunState;
use serde_json::{Value, json};

use super::confirm::{Confirmed, confirmed};
use super::names::{open_run_named, run_named};
use super::place::there;
use super::task;
use crate::args::Runs;
use crate::call::Call;
use crate::exit;
use crate::output::{self, Format};
use crate::session::Session;

/// Performs `factory runs`.
pub(crate) async fn perform(call: &Call, what: Runs) -> Result<u8, AppError> {
    let session = call.session().await?;
    let factory = session.factory();
    match what {
        Runs::Ls => {
            let runs = factory.runs().await?;
            let mut states = Vec::new();
            for run in &runs {
                // Only one that is in progress may wait for a person.
                states.push(if run.state == RunState::Running {
                    factory.run(&run.run_id).await?.shown_state()
                } else {
                    run.state.as_str()
                });
            }
            let listed: Vec<_> = runs
                .iter()
                .zip(&states)
                .map(|(run, state)| with_state(json!(run), state))
                .collect();
            output::answer(call.format, &listed, || {
                if runs.is_empty() {
                    output::words("no runs yet; start one with `factory run BRIEF.yaml`");
                    return String::new();
                }
                let head = [
                    "run", "state", "landed", "merges", "stories", "started", "finished",
                ];
                output::table(
                    &head,
                    runs.iter().zip(&states).map(|(run, state)| {
                        vec![
                            run.run_id.to_string(),
                            (*state).to_owned(),
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
            let mut shown = json!(detail);
            shown["run"]["state"] = json!(detail.shown_state());
            output::answer(call.format, &shown, || {
                format!("{}\n\n{}", page(&detail), task::table(&detail.tasks))
            });
        }
        Runs::Cancel { run, reason, yes } => {
            return cancel(call, &session, &run, reason, yes).await;
        }
    }
    Ok(exit::OK)
}

/// Ends a run, after a confirmation on a terminal.
async fn cancel(
    call: &Call,
    session: &Session,
    name: &str,
    reason: String,
    yes: bool,
) -> Result<u8, AppError> {
    let factory = session.factory();
    let run_id = open_run_named(factory, name).await?;
    let run = factory.run(&run_id).await?;
    let startup = factory.startup(&run.run.slug).await?.startup.name;
    let over = run.tasks.iter().filter(|task| task.state.is_final());
    let (over, total) = (over.count(), run.tasks.len());
    let what = format!("run {run_id} of {startup}, {over} of {total} tasks over");
    if !yes && run.run.state == RunState::Running {
        match confirmed(&format!("Cancel {what}? A cancelled run ends.")).await? {
            Confirmed::Yes => {}
            Confirmed::No => {
                output::words("nothing cancelled");
                return Ok(exit::FAILED);
            }
            Confirmed::Interrupted(code) => return Ok(code),
        }
    }
    factory.cancel_run(&run_id, reason.clone()).await?;
    let value =
        json!({ "run_id": run_id, "slug": run.run.slug, "state": "cancelled", "reason": reason });
    output::answer(call.format, &value, || {
        format!("cancelled {what}: {reason}")
    });
    if call.format == Format::Text {
        let there = there(session.portfolio_dir.root());
        output::words(&format!(
            "what it has built stays; to build it again: factory run BRIEF.yaml{there}"
        ));
    }
    Ok(exit::OK)
}

/// A run as JSON, in the state that people see.
fn with_state(mut run: Value, state: &str) -> Value {
    run["state"] = json!(state);
    run
}

/// A run in a few lines.
pub(super) fn page(detail: &RunDetail) -> String {
    let run = &detail.run;
    let mut lines = vec![
        format!("run {}", run.run_id),
        format!("  state      {}", detail.shown_state()),
        format!("  playbook   {}, onto branch {}", run.playbook, run.branch),
        format!(
            "  tasks      {}, {} landed",
            run.tasks,
            counted(run.landed, "change")
        ),
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

/// How each story ended, as a table below a page.
pub(super) fn stories(run: &RunDetail) -> String {
    if run.stories.is_empty() {
        return String::new();
    }
    let rows = run.stories.iter().map(|story| {
        let ending = match &story.why {
            Some(why) => format!("not built: {why}"),
            None => story.state.as_str().replace('_', " "),
        };
        vec![story.story_id.clone(), ending, story.text.clone()]
    });
    format!(
        "\n{}",
        output::table(&["story", "how it ended", "text"], rows)
    )
}
