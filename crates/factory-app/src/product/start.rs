//! `factory startup up`: installs what is missing, starts the product on the ports that it was given and waits until
//! it answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use factory_core::id::Slug;
use factory_core::portfolio::{self, Product, Startup};
use factory_core::process::{Limits, ProcessIdentity, SpawnError};
use factory_templates::manifest::{INSTALL, Start};
use factory_templates::{Manifest, Template};

use super::health::{Health, Question};
use super::{Products, ports};
use crate::error::{AppError, Code, chain};
use crate::workers::{ended, process};

/// Largest log of one step, in mebibytes.
const LOG_MIB: u64 = 64;
/// Lines of a log that are shown when a step fails.
const TAIL_LINES: usize = 12;

/// A product on its way up.
struct Launch {
    slug: Slug,
    template: Arc<Template>,
    start: Start,
    folder: PathBuf,
    logs: PathBuf,
}

impl Products {
    /// Starts the product; one that runs stays as it is. Whether it has answered. If it does not come up, nothing of it
    /// runs and nothing is held for it.
    pub async fn start(&self, slug: &Slug) -> Result<bool, AppError> {
        let lock = self.lock_of(slug);
        let _alone = lock.lock().await;
        let startup = self.startup(slug).await?;
        if let Some(product) = &startup.product {
            if self.driver.is_alive(&product.process).await? {
                return Ok(self.answers(&self.question_to(&startup, product)?).await);
            }
            self.record_end(slug, &product.process).await?;
        }
        let launch = self.prepare(slug, &startup).await?;
        self.driver.update_checkout(slug).await?;
        let held = self.driver.acquire(slug).await?;
        let started = self.launch(&launch, &held).await;
        if started.is_err()
            && let Err(error) = self.driver.release(slug).await
        {
            tracing::error!(startup.id = %slug, error = %error.chain(), "allocation stays held");
        }
        started
    }

    /// Has every start in progress come to its end soon: what is not running yet is not started any more, what runs
    /// goes on.
    pub fn give_up(&self) {
        self.given_up.send_replace(true);
    }

    async fn is_given_up(&self) {
        // The sender lives as long as this value.
        drop(
            self.given_up
                .subscribe()
                .wait_for(|given_up| *given_up)
                .await,
        );
    }

    /// What a product that runs is asked.
    fn question_to(&self, startup: &Startup, product: &Product) -> Result<Question, AppError> {
        let template = self.templates.open(&startup.plan.template)?;
        let manifest = template.manifest();
        Ok(Question {
            port: ports::first(manifest, &product.ports),
            health: manifest
                .start
                .as_ref()
                .and_then(|start| start.health.clone()),
        })
    }

    /// Everything that must be right before anything is acquired or made.
    async fn prepare(&self, slug: &Slug, startup: &Startup) -> Result<Launch, AppError> {
        if !startup.state.is_built() {
            return Err(self.not_built(slug, startup).await);
        }
        let portfolio_dir = self.driver.portfolio_dir();
        let folder = portfolio_dir.startup(slug);
        if !folder.join(".git").exists() {
            let message = format!("the product of `{slug}` is not in `{}`", folder.display());
            return Err(AppError::new(Code::NotBuilt, message)
                .hint("if it was moved, move it back; nothing was started"));
        }
        let name = &startup.plan.template;
        let template = self.templates.open(name)?;
        let start = template.manifest().start.clone().ok_or_else(|| {
            let message = format!("template `{name}` does not say how its product is started");
            AppError::new(Code::TemplateInvalid, message)
                .hint("add `[start]` to its `template.toml`")
        })?;
        Ok(Launch {
            slug: slug.clone(),
            template,
            start,
            folder,
            logs: portfolio_dir.logs().join(slug.as_str()),
        })
    }

    async fn launch(
        &self,
        launch: &Launch,
        held: &portfolio::Allocation,
    ) -> Result<bool, AppError> {
        let manifest = launch.template.manifest();
        ports::check_memory(manifest, held)?;
        let ports = ports::by_name(manifest, held)?;
        let env = ports::variables(manifest, &launch.start, &ports);
        ports::write_env_file(&launch.folder, &env)?;
        std::fs::create_dir_all(&launch.logs)
            .map_err(|error| AppError::internal("make the folder of logs", error))?;
        tokio::select! {
            prepared = self.before(launch, manifest, &env) => prepared?,
            () = self.is_given_up() => return Err(given_up(&launch.slug)),
        }
        let first = ports::first(manifest, &ports);
        let log = launch.logs.join("product.log");
        let process = self.spawn(launch, &env, &log).await?;
        let product = Product {
            process: process.clone(),
            ports,
            url: first.map(|port| format!("http://127.0.0.1:{port}")),
            log: log.display().to_string(),
        };
        self.record(&launch.slug, product).await?;
        let question = Question {
            port: first,
            health: launch.start.health.clone(),
        };
        let health = tokio::select! {
            health = self.health(&process, &question) => health?,
            () = self.is_given_up() => return Ok(false),
        };
        match (health, &question) {
            (Health::Answers, _) => Ok(true),
            (Health::Ended, _) => {
                let ended = self.record_end(&launch.slug, &process).await?;
                Err(failed(
                    &format!("the product did not stay up: {ended}"),
                    &log,
                ))
            }
            (
                Health::Silent,
                Question {
                    port: Some(port),
                    health: Some(path),
                },
            ) => {
                let message = format!(
                    "the product did not answer `{path}` with 200 on port {port}; it was stopped"
                );
                let failed = failed(&message, &log);
                let reason = "it did not answer after its start";
                let stopped = self.driver.stop_process(&launch.slug, &process, reason);
                stopped.await?;
                Err(failed)
            }
            (Health::Silent, _) => Ok(false),
        }
    }

    /// Records that a process has ended by itself, and how; in words.
    async fn record_end(&self, slug: &Slug, process: &ProcessIdentity) -> Result<String, AppError> {
        let ended = self.driver.how_it_ended(process).await?;
        self.driver.stop_process(slug, process, &ended).await?;
        Ok(ended)
    }

    /// Installs its dependencies and does what the template wants done before each start.
    async fn before(
        &self,
        launch: &Launch,
        manifest: &Manifest,
        env: &BTreeMap<String, String>,
    ) -> Result<(), AppError> {
        let slug = &launch.slug;
        if let Some(install) = manifest.check(INSTALL) {
            tracing::info!(startup.id = %slug, "product's dependencies are installed");
            let log = launch.logs.join("install.log");
            self.step(launch, &install.run, env, &log).await?;
        }
        for (number, before) in launch.start.before.iter().enumerate() {
            tracing::info!(startup.id = %slug, step = before.join(" "), "product is prepared");
            let log = launch.logs.join(format!("before-{number}.log"));
            self.step(launch, before, env, &log).await?;
        }
        Ok(())
    }

    async fn step(
        &self,
        launch: &Launch,
        run: &[String],
        env: &BTreeMap<String, String>,
        log: &Path,
    ) -> Result<(), AppError> {
        let build = launch.template.manifest().build;
        let limits = Limits {
            wall_clock: Duration::from_secs(build.timeout_s),
            memory_mib: build.memory_mb,
            log_mib: LOG_MIB,
        };
        let (environment, folder) = (&self.environment, &launch.folder);
        let mut spec = process(environment, run, folder, env, limits, log.to_owned());
        spec.network = true;
        let finished = self.driver.ports().processes.run(&spec).await;
        let finished = finished
            .map_err(|error| failed(&format!("run `{}`: {}", run.join(" "), chain(&error)), log))?;
        if finished.exit.is_success() {
            return Ok(());
        }
        Err(failed(
            &format!("`{}` failed: {}", run.join(" "), ended(&finished.exit)),
            log,
        ))
    }

    async fn spawn(
        &self,
        launch: &Launch,
        env: &BTreeMap<String, String>,
        log: &Path,
    ) -> Result<ProcessIdentity, AppError> {
        let limits = Limits {
            wall_clock: Duration::MAX,
            memory_mib: launch.template.manifest().needs.memory_mb,
            log_mib: LOG_MIB,
        };
        let (environment, folder) = (&self.environment, &launch.folder);
        let run = &launch.start.run;
        let spec = process(environment, run, folder, env, limits, log.to_owned());
        let daemons = Arc::clone(&self.driver.ports().daemons);
        let unrecorded = self.driver.unrecorded(&launch.slug);
        let spawn = move || {
            let process = daemons.spawn_detached(&spec)?;
            unrecorded.note(&process);
            Ok(process)
        };
        tokio::task::spawn_blocking(spawn)
            .await
            .map_err(|error| AppError::internal("start the product", error))?
            .map_err(|error: SpawnError| {
                failed(&format!("start the product: {}", chain(&error)), log)
            })
    }

    /// Says in the log that it runs. A process that nobody could find again is ended.
    async fn record(&self, slug: &Slug, product: Product) -> Result<(), AppError> {
        let process = product.process.clone();
        let command = portfolio::Command::StartProduct {
            slug: slug.clone(),
            product,
        };
        let recorded = self.driver.change(vec![command]).await;
        if recorded.is_err() {
            let daemons = Arc::clone(&self.driver.ports().daemons);
            tokio::task::spawn_blocking(move || daemons.stop(&process))
                .await
                .map_err(|error| AppError::internal("stop a process", error))?;
        }
        recorded?;
        self.driver.unrecorded(slug).forget();
        Ok(())
    }
}

/// Whoever asked through another process asks again, and is served by the next driver.
fn given_up(slug: &Slug) -> AppError {
    let message = format!("the start of `{slug}` was interrupted before its product ran");
    AppError::new(Code::DriverUnreachable, message)
        .hint(format!("start it again: `factory startup up {slug}`"))
}

fn failed(message: &str, log: &Path) -> AppError {
    let printed = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = printed.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(TAIL_LINES)..);
    let tail = tail.unwrap_or_default().join("\n");
    let message = if tail.is_empty() {
        message.to_owned()
    } else {
        format!("{message}\n{tail}")
    };
    AppError::new(Code::ProductFailed, message).hint(format!("its log is `{}`", log.display()))
}
