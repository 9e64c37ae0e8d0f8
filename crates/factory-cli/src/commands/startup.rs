//! `factory startup`.

use factory_app::error::{AppError, Code, Kind};
use factory_app::factory::{Answer, Factory, StartedProduct, StartupDetail, decided};
use factory_app::quantity::cores;
use factory_core::id::Slug;
use factory_core::projection::{
    GateState, GateView, ProductState, ProductView, StartupState, StartupView,
};
use serde_json::json;

use super::place::there;
use super::runs;
use crate::args::Startup;
use crate::call::Call;
use crate::exit;
use crate::interrupt::Interrupts;
use crate::output::{self, Format};
use crate::session::Session;

/// Performs `factory startup`.
pub(crate) async fn perform(call: &Call, what: Startup) -> Result<u8, AppError> {
    let session = call.session().await?;
    match what {
        Startup::Ls => ls(call, &session).await,
        Startup::Show { slug } => show(call, &session, &Slug::parse(slug)?).await,
        Startup::Up { slug } => up(call, session, &Slug::parse(slug)?).await,
        Startup::Down { slug } => down(call, session, &Slug::parse(slug)?).await,
    }
}

async fn ls(call: &Call, session: &Session) -> Result<u8, AppError> {
    let startups = session.factory().startups().await?;
    let products = session.factory().products().await?;
    let url = |slug: &Slug| {
        let running = products
            .iter()
            .find(|product| product.slug == *slug && product.state == ProductState::Running);
        running.and_then(|product| product.url.clone())
    };
    let urls: Vec<_> = startups.iter().map(|startup| url(&startup.slug)).collect();
    let states = shown_states(session.factory(), &startups).await?;
    let listed: Vec<_> = startups
        .iter()
        .zip(&urls)
        .zip(&states)
        .map(|((startup, url), state)| {
            json!({ "slug": startup.slug, "name": startup.name, "state": state,
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
            startups
                .iter()
                .zip(&urls)
                .zip(&states)
                .map(|((startup, url), state)| {
                    vec![
                        startup.slug.to_string(),
                        startup.name.clone(),
                        state.to_string(),
                        output::or_dash(startup.run_id.as_ref()),
                        output::or_dash(url.as_ref()),
                    ]
                }),
        )
    });
    Ok(exit::OK)
}

/// The states of startups as people read them. Only those with an open gate need a closer look.
async fn shown_states(
    factory: &dyn Factory,
    startups: &[StartupView],
) -> Result<Vec<StartupState>, AppError> {
    let open = factory.gates(true).await?;
    let mut states = Vec::new();
    for startup in startups {
        let has_gate = |gate: &GateView| startup.run_id.as_ref() == Some(&gate.run_id);
        states.push(if open.iter().any(has_gate) {
            let detail = factory.startup(&startup.slug).await?;
            detail.shown_state()
        } else {
            startup.state.into()
        });
    }
    Ok(states)
}

async fn show(call: &Call, session: &Session, slug: &Slug) -> Result<u8, AppError> {
    let detail = session.factory().startup(slug).await?;
    let mut shown = json!(detail);
    shown["startup"]["state"] = json!(detail.shown_state());
    let value = json!({ "startup": shown, "running": running(&detail) });
    output::answer(call.format, &value, || page(&detail));
    Ok(exit::OK)
}

fn page(detail: &StartupDetail) -> String {
    let startup = &detail.startup;
    let mut lines = vec![
        format!("{} ({})", startup.name, startup.slug),
        format!("  state      {}", detail.shown_state()),
        format!("  product    {}", detail.path.display()),
    ];
    if let Some(product) = &detail.product {
        lines.push(product_line(product));
    }
    if let Some(held) = &detail.allocation {
        let ports: Vec<String> = held.ports.iter().map(ToString::to_string).collect();
        lines.push(format!(
            "  allocation ports {}, memory {} MiB, {}, disk {} MiB, database `{}`",
            ports.join(", "),
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
        let answer = match gate.state {
            GateState::Open => "waits",
            GateState::Closed => "closed undecided",
            GateState::Decided => gate.verdict.map_or("decided", decided),
        };
        let by = gate
            .decided_by
            .as_deref()
            .map_or_else(String::new, |by| format!(" by {by}"));
        lines.push(format!("  gate       {} {answer}{by}", gate.gate_id));
    }
    if let Some(run) = &detail.run {
        lines.push(String::new());
        lines.push(runs::page(run));
        lines.push(runs::stories(run));
    }
    lines.join("\n")
}

/// Reaches the portfolio anew: the driver that was asked has ended in the midst of it, and what it had not recorded is
/// asked for again.
async fn again(session: Session) -> Result<Session, AppError> {
    Session::open(session.portfolio_dir.clone(), session.context.clone()).await
}

fn running(detail: &StartupDetail) -> Option<&ProductView> {
    let product = detail.product.as_ref();
    product.filter(|product| product.state == ProductState::Running)
}

fn product_line(product: &ProductView) -> String {
    if let Some(reason) = &product.reason {
        let at = output::or_dash(product.stopped_at.as_ref());
        return format!("  stopped    {reason} ({at}); its log is `{}`", product.log);
    }
    let address = product.url.as_deref().unwrap_or("without an address");
    format!("  running    {address} (process {})", product.pid)
}

async fn up(call: &Call, mut session: Session, slug: &Slug) -> Result<u8, AppError> {
    let mut interrupts = Interrupts::listen()?;
    let factory = session.factory();
    let detail = factory.startup(slug).await?;
    let is_down = detail.startup.state.is_built() && running(&detail).is_none();
    if call.format == Format::Text && is_down {
        let logs = session.portfolio_dir.logs().join(slug.as_str());
        output::words(&format!(
            "{slug}: installing its dependencies and starting it; logs are in `{}`",
            logs.display()
        ));
    }
    let started = loop {
        let mut starting = session.factory().start_product(slug);
        let answer = tokio::select! {
            answer = &mut starting => answer,
            code = interrupts.recv() => {
                let told = interrupted(&session, slug, starting).await;
                match call.format {
                    Format::Text => output::words(&told),
                    Format::Json => output::failure_json(None, Kind::Unavailable, &told, None),
                }
                return Ok(code);
            }
        };
        drop(starting);
        match answer {
            Err(error) if error.code == Code::DriverUnreachable => session = again(session).await?,
            answer => break answer?,
        }
    };
    output::answer(call.format, &started, || standing(slug, &started));
    if call.format == Format::Text {
        let there = there(session.portfolio_dir.root());
        output::words(&format!("stop it with: factory startup down {slug}{there}"));
    }
    Ok(exit::OK)
}

/// How a product stands that was started.
fn standing(slug: &Slug, started: &StartedProduct) -> String {
    match (&started.product.url, started.answers) {
        (Some(url), true) => format!("{slug} answers at {url}"),
        (Some(url), false) => format!("{slug} is started at {url}, not answering yet"),
        (None, _) => format!("{slug} is started"),
    }
}

/// What becomes of the product when whoever asked for it is interrupted.
async fn interrupted(
    session: &Session,
    slug: &Slug,
    starting: Answer<'_, StartedProduct>,
) -> String {
    let there = there(session.portfolio_dir.root());
    let Some(local) = session.local() else {
        return format!(
            "interrupted; the process that drives the portfolio goes on starting {slug}; \
             see it with: factory startup show {slug}{there}"
        );
    };
    local.give_up_starts();
    match starting.await {
        Ok(started) => format!(
            "interrupted; {}; its process {} goes on running; stop it with: factory startup down {slug}{there}",
            standing(slug, &started),
            started.product.pid
        ),
        Err(_) => format!(
            "interrupted; {slug} is not started and nothing of it runs; \
             start it again with: factory startup up {slug}{there}"
        ),
    }
}

async fn down(call: &Call, mut session: Session, slug: &Slug) -> Result<u8, AppError> {
    let stopped = loop {
        match session.factory().stop_product(slug).await {
            Err(error) if error.code == Code::DriverUnreachable => session = again(session).await?,
            answer => break answer?,
        }
    };
    let value = json!({ "slug": slug, "stopped": stopped });
    output::answer(call.format, &value, || {
        if stopped {
            format!("{slug} is stopped")
        } else {
            format!("{slug} was not running")
        }
    });
    Ok(exit::OK)
}
