//! The end of `factory run`: exit code, table, and what to type next.

use std::path::Path;

use factory_app::factory::{StartupSummary, Summary};
use factory_core::id::GateId;
use factory_core::projection::StartupState;
use factory_core::run::CheckState;

use crate::exit;
use crate::output::{self, Format};
use crate::session::Session;

/// Whether it waits for a person's decision.
fn waits(startup: &StartupSummary) -> bool {
    startup.state == StartupState::Waiting
}

/// The exit code of a run that ended like this.
pub(super) fn code(summary: &Summary) -> u8 {
    let all = |state: StartupState| {
        summary
            .startups
            .iter()
            .all(|startup| startup.state == state)
    };
    let some_wait = summary.startups.iter().any(waits);
    let ended_badly = summary
        .startups
        .iter()
        .any(|startup| startup.state.is_final() && startup.state != StartupState::Verified);
    if all(StartupState::Verified) {
        exit::OK
    } else if some_wait && !ended_badly {
        exit::WAITING
    } else {
        exit::FAILED
    }
}

/// The summary, and what to type next.
pub(super) fn report(
    format: Format,
    session: &Session,
    summary: &Summary,
    interrupted: Option<u8>,
) {
    if format == Format::Json {
        output::data(&output::json(summary));
        return;
    }
    if summary.startups.is_empty() {
        return;
    }
    output::data("");
    output::data(&table(summary));
    for startup in &summary.startups {
        if let Some(reason) = &startup.reason {
            output::words(&format!("{}: {reason}", startup.slug));
        }
    }
    let there = there(session.portfolio_dir.root());
    if interrupted.is_some() {
        output::words(&format!(
            "\ninterrupted; nothing is lost. Resume with: factory run{there}"
        ));
        return;
    }
    let waiting: Vec<&GateId> = summary
        .startups
        .iter()
        .filter(|startup| waits(startup))
        .flat_map(|startup| &startup.gates)
        .collect();
    if let Some(first) = waiting.first() {
        let count = match waiting.len() {
            1 => "a gate waits for your decision".to_owned(),
            count => format!("{count} gates wait for your decision"),
        };
        output::words(&format!(
            "\n{count}; see it with: factory gate show {first}{there}"
        ));
    } else if let Some(built) = summary
        .startups
        .iter()
        .find(|startup| startup.state == StartupState::Verified)
    {
        output::words(&format!("\nnext: factory startup up {}{there}", built.slug));
    } else if let Some(first) = summary.startups.first() {
        output::words(&format!(
            "\nnext: factory startup show {}{there}",
            first.slug
        ));
    }
}

fn table(summary: &Summary) -> String {
    let head = [
        "startup", "state", "tasks", "landed", "merges", "stories", "checks", "cost", "time",
        "product",
    ];
    output::table(
        &head,
        summary.startups.iter().map(|startup| {
            let passed = startup
                .verified
                .iter()
                .filter(|check| check.result == CheckState::Passed)
                .count();
            vec![
                startup.slug.to_string(),
                startup.state.to_string(),
                startup.tasks.to_string(),
                startup.landed.to_string(),
                format!(
                    "{} ({} automatic)",
                    startup.merges, startup.merges_automatic
                ),
                format!("{}/{}", startup.stories.built, startup.stories.total),
                format!("{passed}/{}", startup.verified.len()),
                format!("${:.2}", startup.cost_usd),
                format!("{:.0} s", startup.seconds),
                brief_path(&startup.path),
            ]
        }),
    )
}

/// The flag that names the portfolio, where it is needed.
fn there(root: &Path) -> String {
    match brief_path(root).as_str() {
        "." => String::new(),
        path => format!(" --portfolio {path}"),
    }
}

/// A path as a person would type it here.
fn brief_path(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here
        .as_deref()
        .and_then(|here| path.strip_prefix(here).ok());
    match below {
        Some(below) if below.as_os_str().is_empty() => ".".to_owned(),
        Some(below) => below.display().to_string(),
        None => path.display().to_string(),
    }
}
