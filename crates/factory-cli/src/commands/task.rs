//! `factory task`.

use factory_app::error::AppError;
use factory_app::factory::{Factory, TaskLog};
use factory_core::id::TaskId;
use factory_core::projection::TaskView;

use super::names::run_named;
use crate::args::Task;
use crate::call::Call;
use crate::{exit, output};

/// Performs `factory task`.
pub(crate) async fn perform(call: &Call, what: Task) -> Result<u8, AppError> {
    let session = call.session().await?;
    let factory = session.factory();
    match what {
        Task::Ls { run } => {
            let run_id = run_named(factory, &run).await?;
            let tasks = factory.run(&run_id).await?.tasks;
            output::answer(call.format, &tasks, || table(&tasks));
        }
        Task::Logs { task } => {
            let logs = logs(factory, &task).await?;
            output::answer(call.format, &logs, || text(&logs));
        }
    }
    Ok(exit::OK)
}

/// The logs of a task, or of every task of a run.
async fn logs(factory: &dyn Factory, name: &str) -> Result<Vec<TaskLog>, AppError> {
    if let Some((run, task_id)) = name.split_once('/') {
        let run_id = run_named(factory, run).await?;
        return factory.task_logs(&run_id, &TaskId::parse(task_id)?).await;
    }
    let named = run_named(factory, name).await;
    let run_id = named
        .map_err(|error| error.hint("name a task by run and task, such as `ledgerly.1/verify`"))?;
    let mut logs = Vec::new();
    for task in factory.run(&run_id).await?.tasks {
        logs.extend(factory.task_logs(&run_id, &task.task_id).await?);
    }
    Ok(logs)
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
                task.task_id.to_string(),
                task.phase.clone(),
                task.state.to_string(),
                task.epoch.to_string(),
                what,
            ]
        }),
    )
}

fn text(logs: &[TaskLog]) -> String {
    if logs.is_empty() {
        output::words("no attempts yet");
    }
    let mut parts = Vec::new();
    for log in logs {
        let (task_id, epoch, state) = (&log.attempt.task_id, log.attempt.epoch, &log.attempt.state);
        let reason = log
            .attempt
            .reason
            .as_deref()
            .map_or_else(String::new, |reason| format!(": {reason}"));
        parts.push(format!("== {task_id}, attempt {epoch}: {state}{reason}\n"));
        for (file, text) in &log.files {
            let end = if text.ends_with('\n') { "" } else { "\n" };
            parts.push(format!("-- {file}\n{text}{end}"));
        }
    }
    parts.concat()
}
