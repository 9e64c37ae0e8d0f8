//! `factory startup`.

use factory_app::environment::Environment;
use factory_app::error::AppError;
use factory_app::factory::{RunDetail, StartupDetail};
use factory_app::product::{Products, RunningProduct};
use factory_app::workers::Templates;
use factory_core::id::Slug;
use factory_sandbox::Sandbox;
use serde_json::json;

use super::{Call, runs};
use crate::args::Startup;
use crate::clock::SystemClock;
use crate::exit;
use crate::output::{self, Format};
use crate::session::Session;

pub(super) async fn perform(call: &Call, what: Startup) -> Result<u8, AppError> {
    let session = call.session().await?;
    match what {
        Startup::Ls => ls(call, &session).await,
        Startup::Show { slug } => show(call, &session, &Slug::new(slug)).await,
        Startup::Up { slug } => up(call, &session, &Slug::new(slug)).await,
        Startup::Down { slug } => down(call, &session, &Slug::new(slug)).await,
    }
}

/// What products of a session's portfolio are started with.
struct Means<'a> {
    session: &'a Session,
    environment: Environment,
    templates: Templates,
    sandbox: Sandbox,
}

impl<'a> Means<'a> {
    fn of(session: &'a Session) -> Result<Self, AppError> {
        Ok(Self {
            session,
            environment: session.processes_environment()?,
            templates: session.templates(),
            sandbox: Sandbox::new(),
        })
    }

    fn products(&self) -> Products<'_> {
        Products {
            place: &self.session.place,
            environment: &self.environment,
            templates: &self.templates,
            processes: &self.sandbox,
            sandbox: &self.sandbox,
            clock: &SystemClock,
        }
    }
}

async fn ls(call: &Call, session: &Session) -> Result<u8, AppError> {
    let startups = session.factory().startups().await?;
    let means = Means::of(session)?;
    let products = means.products();
    let url = |slug: &str| {
        products
            .running(&Slug::new(slug))
            .map(|running| running.url)
    };
    let urls: Vec<_> = startups.iter().map(|startup| url(&startup.slug)).collect();
    let listed: Vec<_> = startups
        .iter()
        .zip(&urls)
        .map(|(startup, url)| {
            json!({ "slug": startup.slug, "name": startup.name, "state": startup.state,
                "run_id": startup.run_id, "created_at": startup.created_at, "url": url })
        })
        .collect();
    output::answer(call.format, &listed, || {
        if startups.is_empty() {
            output::words("no startups yet; build one with `factory run BRIEF.yaml`");
            return String::new();
        }
        output::table(
            &["startup", "name", "state", "run", "running at"],
            startups.iter().zip(&urls).map(|(startup, url)| {
                vec![
                    startup.slug.clone(),
                    startup.name.clone(),
                    startup.state.clone(),
                    startup.run_id.clone().unwrap_or_else(|| "-".to_owned()),
                    url.clone().unwrap_or_else(|| "-".to_owned()),
                ]
            }),
        )
    });
    Ok(exit::OK)
}

async fn show(call: &Call, session: &Session, slug: &Slug) -> Result<u8, AppError> {
    let detail = session.factory().startup(slug).await?;
    let running = Means::of(session)?.products().running(slug);
    output::answer(
        call.format,
        &json!({ "startup": detail, "running": running }),
        || page(&detail, running.as_ref()),
    );
    Ok(exit::OK)
}

fn page(detail: &StartupDetail, running: Option<&RunningProduct>) -> String {
    let startup = &detail.startup;
    let mut lines = vec![
        format!("{} ({})", startup.name, startup.slug),
        format!("  state      {}", startup.state),
        format!("  product    {}", detail.path.display()),
    ];
    if let Some(running) = running {
        lines.push(format!(
            "  running    {} (process {})",
            running.url, running.pid
        ));
    }
    if let Some(held) = &detail.allocation {
        lines.push(format!(
            "  allocation ports {}, {} MB memory, {:.2} cores, {} MB disk, database `{}`",
            held.ports.trim_matches(['[', ']']).replace(',', ", "),
            held.memory_mib,
            cores(held.cpu_millicores),
            held.disk_mib,
            held.db_name
        ));
        lines.push(format!(
            "  enforced   not on this machine: {}",
            detail.unenforced.join(", ")
        ));
    }
    for gate in &detail.gates {
        let answer = gate.verdict.as_deref().unwrap_or("waits");
        let by = gate
            .decided_by
            .as_deref()
            .map_or_else(String::new, |by| format!(" by {by}"));
        lines.push(format!("  gate       {} {answer}{by}", gate.gate_id));
    }
    if let Some(run) = &detail.run {
        lines.push(String::new());
        lines.push(runs::page(run));
        lines.push(stories(run));
    }
    lines.join("\n")
}

fn stories(run: &RunDetail) -> String {
    if run.stories.is_empty() {
        return String::new();
    }
    let rows = run.stories.iter().map(|story| {
        let ending = match &story.why {
            Some(why) => format!("not built: {why}"),
            None => story.state.replace('_', " "),
        };
        vec![story.story.clone(), ending, story.text.clone()]
    });
    format!(
        "\n{}",
        output::table(&["story", "how it ended", "text"], rows)
    )
}

/// Thousandths of a core as cores.
fn cores(millis: u64) -> f64 {
    f64::from(u32::try_from(millis).unwrap_or(u32::MAX)) / 1000.0
}

async fn up(call: &Call, session: &Session, slug: &Slug) -> Result<u8, AppError> {
    let means = Means::of(session)?;
    let products = means.products();
    let running = products
        .up(session.factory(), slug, &|step| {
            output::words(&format!("{slug}: {step}"));
        })
        .await?;
    output::answer(call.format, &running, || {
        format!("{slug} answers at {}", running.url)
    });
    if call.format == Format::Text {
        output::words(&format!("stop it with: factory startup down {slug}"));
    }
    Ok(exit::OK)
}

async fn down(call: &Call, session: &Session, slug: &Slug) -> Result<u8, AppError> {
    let means = Means::of(session)?;
    let products = means.products();
    let stopped = products.down(session.factory(), slug).await?;
    output::answer(
        call.format,
        &json!({ "slug": slug, "stopped": stopped }),
        || {
            if stopped {
                format!("{slug} is stopped")
            } else {
                format!("{slug} was not running")
            }
        },
    );
    Ok(exit::OK)
}
