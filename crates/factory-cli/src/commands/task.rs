//! `factory task`.

use factory_app::error::{AppError, Code};
use factory_app::factory::{Factory, TaskLog};
use factory_core::id::{RunId, Slug, TaskId};
use factory_core::projection::TaskView;

use crate::args::Task;
use crate::call::Call;
use crate::{exit, output};

pub(crate) async fn perform(call: &Call, what: Task) -> Result<u8, AppError> {
    let session = call.session().await?;
    let factory = session.factory();
    match what {
        Task::Ls { run } => {
            let run_id = newest(factory, &run).await?;
            let tasks = factory.run(&run_id).await?.tasks;
            output::answer(call.format, &tasks, || table(&tasks));
        }
        Task::Logs { task } => {
            let (run, task_id) = task.split_once('/').ok_or_else(|| {
                AppError::new(Code::NameInvalid, format!("`{task}` does not name a task"))
                    .hint("name it by run and task, as in `ledgerly.1/verify`")
            })?;
            let run_id = newest(factory, run).await?;
            let logs = factory.task_logs(&run_id, &TaskId::new(task_id)).await?;
            output::answer(call.format, &logs, || text(&logs));
        }
    }
    Ok(exit::OK)
}

/// A run by its name, or the newest run of a startup.
async fn newest(factory: &dyn Factory, name: &str) -> Result<RunId, AppError> {
    if name.contains('.') {
        return Ok(RunId::new(name));
    }
    let detail = factory.startup(&Slug::new(name)).await?;
    detail
        .run
        .map(|run| RunId::new(run.run.run_id))
        .ok_or_else(|| {
            AppError::new(Code::NoRun, format!("startup `{name}` has no run yet"))
                .hint("begin it with `factory run`")
        })
}

/// Tasks as a table.
pub(super) fn table(tasks: &[TaskView]) -> String {
    output::table(
        &["task", "phase", "state", "attempts", "what"],
        tasks.iter().map(|task| {
            let detail = task.reason.as_ref().or(task.note.as_ref());
            let what = detail.map_or_else(
                || task.title.clone(),
                |detail| format!("{}: {detail}", task.title),
            );
            vec![
                task.task_id.clone(),
                task.phase.clone(),
                task.state.clone(),
                task.epoch.to_string(),
                what,
            ]
        }),
    )
}

fn text(logs: &[TaskLog]) -> String {
    if logs.is_empty() {
        output::words("no attempt has been started yet");
    }
    let mut parts = Vec::new();
    for log in logs {
        let (epoch, state) = (log.attempt.epoch, &log.attempt.state);
        let reason = log
            .attempt
            .reason
            .as_deref()
            .map_or_else(String::new, |reason| format!(": {reason}"));
        parts.push(format!("== attempt {epoch} {state}{reason}\n"));
        for (file, text) in &log.files {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            parts.push(format!("-- {file}\n{text}{end}"));
        }
    }
    parts.concat()
}
