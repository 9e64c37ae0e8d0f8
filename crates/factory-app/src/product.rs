//! A built product as a running process: `startup up` and `startup down`.
//!
//! It runs on the ports of its allocation, from its own folder, and outlives the command that started it; a
//! record below `.factory/running/` names the process, so that a later command finds it again.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use factory_core::clock::{Clock, Timestamp};
use factory_core::id::Slug;
use factory_core::process::{Limits, ProcessRunner};
use factory_core::projection::AllocationView;
use factory_core::run::CheckName;
use factory_sandbox::{Sandbox, Stopped, is_alive, stop};
use factory_templates::Manifest;
use factory_templates::manifest::Start;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::error::{AppError, Code, chain};
use crate::factory::{Factory, StartupDetail};
use crate::place::Place;
use crate::workers::{Templates, process};

/// Longest time that a product may take until it answers.
const HEALTH_PATIENCE: Duration = Duration::from_mins(1);
/// Time between two questions.
const HEALTH_PERIOD: Duration = Duration::from_millis(200);
const LOG_MB: u64 = 64;

/// A product that was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunningProduct {
    /// Schema version of this record.
    pub schema_version: u16,
    /// The startup.
    pub slug: Slug,
    /// Its process.
    pub pid: u32,
    /// Start of that process in clock ticks since boot; tells it from a later one of the same number.
    pub start_time: u64,
    /// Its ports by name.
    pub ports: BTreeMap<String, u16>,
    /// Its address.
    pub url: String,
    /// Where its output goes.
    pub log: PathBuf,
    /// When it was started.
    pub started_at: Timestamp,
}

/// What products are started with.
#[derive(Debug)]
pub struct Products<'a> {
    /// The portfolio's folder.
    pub place: &'a Place,
    /// The environment that they start from.
    pub environment: &'a Environment,
    /// Their templates.
    pub templates: &'a Templates,
    /// Runs what must be done before.
    pub processes: &'a dyn ProcessRunner,
    /// Starts what stays.
    pub sandbox: &'a Sandbox,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// One start of a product.
struct Launch<'a> {
    slug: Slug,
    start: &'a Start,
    folder: &'a Path,
    env: &'a BTreeMap<String, String>,
    ports: BTreeMap<String, u16>,
    manifest: &'a Manifest,
    log: &'a Path,
}

impl Products<'_> {
    /// The process of a startup's product, if it is alive.
    pub fn running(&self, slug: &Slug) -> Option<RunningProduct> {
        self.recorded(slug)
            .filter(|running| is_alive(running.pid, running.start_time))
    }

    fn recorded(&self, slug: &Slug) -> Option<RunningProduct> {
        let text = std::fs::read(self.record(slug)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn record(&self, slug: &Slug) -> PathBuf {
        self.place.running().join(format!("{slug}.json"))
    }

    /// Installs what is missing, starts the product on the ports that it was given and waits until it answers.
    /// `say` hears each step.
    pub async fn up(
        &self,
        factory: &dyn Factory,
        slug: &Slug,
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<RunningProduct, AppError> {
        let detail = factory.startup(slug).await?;
        if let Some(running) = self.running(slug) {
            return Ok(running);
        }
        let started = self.start(factory, slug, &detail, say).await;
        if started.is_err() {
            factory.release(slug).await?;
        }
        started
    }

    async fn start(
        &self,
        factory: &dyn Factory,
        slug: &Slug,
        detail: &StartupDetail,
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<RunningProduct, AppError> {
        let run = detail
            .run
            .as_ref()
            .filter(|_| matches!(detail.startup.state.as_str(), "verified" | "unverified"));
        let run = run.ok_or_else(|| {
            let message = format!(
                "startup `{slug}` is {}: it has no product yet",
                detail.startup.state
            );
            AppError::new(Code::NotBuilt, message).hint("go on building it with `factory run`")
        })?;
        let template = self.templates.open(&run.run.template)?;
        let manifest = template.manifest();
        let start = manifest.start.as_ref().ok_or_else(|| {
            let message = format!(
                "template `{}` does not say how its product is started",
                run.run.template
            );
            AppError::new(Code::TemplateInvalid, message)
                .hint("add `[start]` to its `template.toml`")
        })?;
        // What an earlier start held may be taken by somebody else meanwhile: ports are probed anew.
        factory.release(slug).await?;
        let held = factory.acquire(slug).await?;
        fits(manifest, &held)?;
        let ports = ports(manifest, &held)?;
        let folder = &detail.path;
        let env = variables(manifest, start, &ports);
        write_env_file(folder, &env)?;
        let logs = self.place.logs().join(slug.as_str());
        std::fs::create_dir_all(&logs)
            .map_err(|error| AppError::internal("make the folder of logs", error))?;
        if let Some(install) = manifest
            .verify
            .iter()
            .find(|check| check.check == CheckName::Install)
        {
            say("installing its dependencies");
            self.step(
                &install.run,
                folder,
                &env,
                manifest,
                &logs.join("install.log"),
            )
            .await?;
        }
        for (place, before) in start.before.iter().enumerate() {
            say(&before.join(" "));
            let log = logs.join(format!("before-{place}.log"));
            self.step(before, folder, &env, manifest, &log).await?;
        }
        say("starting it");
        let log = &logs.join("product.log");
        self.launch(Launch {
            slug: slug.clone(),
            start,
            folder,
            env: &env,
            ports,
            manifest,
            log,
        })
        .await
    }

    async fn step(
        &self,
        run: &[String],
        folder: &Path,
        env: &BTreeMap<String, String>,
        manifest: &Manifest,
        log: &Path,
    ) -> Result<(), AppError> {
        let wall_clock = Duration::from_secs(manifest.build.timeout_s);
        let limits = Limits {
            wall_clock,
            memory_mb: manifest.build.memory_mb,
            log_mb: LOG_MB,
        };
        let mut spec = process(self.environment, run, folder, env, limits, log.to_owned());
        spec.network = true;
        let finished = self.processes.run(&spec).await;
        let finished = finished
            .map_err(|error| failed(&format!("run `{}`: {}", run.join(" "), chain(&error)), log))?;
        if finished.exit.is_success() {
            return Ok(());
        }
        Err(failed(
            &format!("`{}` failed: {:?}", run.join(" "), finished.exit),
            log,
        ))
    }

    async fn launch(&self, launch: Launch<'_>) -> Result<RunningProduct, AppError> {
        let Launch {
            slug,
            start,
            folder,
            env,
            ports,
            manifest,
            log,
        } = launch;
        let limits = Limits {
            wall_clock: Duration::MAX,
            memory_mb: manifest.needs.memory_mb,
            log_mb: LOG_MB,
        };
        let spec = process(
            self.environment,
            &start.run,
            folder,
            env,
            limits,
            log.to_owned(),
        );
        let started = self.sandbox.spawn_detached(&spec);
        let started = started
            .map_err(|error| failed(&format!("start the product: {}", chain(&error)), log))?;
        let first = manifest
            .ports
            .first()
            .and_then(|port| ports.get(&port.name))
            .copied();
        let url = first.map_or_else(String::new, |port| format!("http://127.0.0.1:{port}"));
        let running = RunningProduct {
            schema_version: 1,
            slug: slug.clone(),
            pid: started.pid,
            start_time: started.start_time,
            ports,
            url,
            log: log.to_owned(),
            started_at: self.clock.now(),
        };
        let text = serde_json::to_vec_pretty(&running)
            .map_err(|error| AppError::internal("write a record", error))?;
        std::fs::write(self.record(&slug), text)
            .map_err(|error| AppError::internal("write a record", error))?;
        let (Some(health), Some(port)) = (&start.health, first) else {
            return Ok(running);
        };
        if self.healthy(&running, port, health).await {
            return Ok(running);
        }
        self.stop(&slug)?;
        Err(failed(
            &format!(
                "the product did not answer `{health}` with 200 on port {port}; it was stopped"
            ),
            log,
        ))
    }

    async fn healthy(&self, running: &RunningProduct, port: u16, health: &str) -> bool {
        let until = self.clock.now().plus(HEALTH_PATIENCE);
        while self.clock.now() < until && is_alive(running.pid, running.start_time) {
            let path = health.to_owned();
            let asked = tokio::task::spawn_blocking(move || answers_200(port, &path)).await;
            if asked.unwrap_or(false) {
                // Whoever answered: it counts only if ours is there.
                return is_alive(running.pid, running.start_time);
            }
            self.clock
                .sleep_until(self.clock.now().plus(HEALTH_PERIOD))
                .await;
        }
        false
    }

    /// Stops the product and gives back what it held; whether it was running.
    pub async fn down(&self, factory: &dyn Factory, slug: &Slug) -> Result<bool, AppError> {
        factory.startup(slug).await?;
        let stopped = self.stop(slug)?;
        factory.release(slug).await?;
        Ok(stopped)
    }

    fn stop(&self, slug: &Slug) -> Result<bool, AppError> {
        // Also when its first process has ended: others of its tree may hold the port.
        let Some(recorded) = self.recorded(slug) else {
            return Ok(false);
        };
        let stopped = stop(recorded.pid, recorded.start_time);
        std::fs::remove_file(self.record(slug))
            .map_err(|error| AppError::internal("remove a record", error))?;
        Ok(stopped != Stopped::WasNotRunning)
    }
}

fn failed(message: &str, log: &Path) -> AppError {
    let said = std::fs::read_to_string(log).unwrap_or_default();
    let tail: Vec<&str> = said.lines().rev().take(12).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    let message = if tail.is_empty() {
        message.to_owned()
    } else {
        format!("{message}\n{}", tail.join("\n"))
    };
    AppError::new(Code::ProductFailed, message).hint(format!("its log is `{}`", log.display()))
}

/// Refuses to start a product in less than its template says that it needs.
fn fits(manifest: &Manifest, held: &AllocationView) -> Result<(), AppError> {
    let needed = manifest.needs.memory_mb;
    if held.memory_mib >= needed {
        return Ok(());
    }
    let message = format!(
        "the product needs {needed} MB of memory, its allocation has {} MB",
        held.memory_mib
    );
    Err(AppError::new(Code::NotEnoughResources, message)
        .hint("raise `resources.memory_mb` in its brief and run it again"))
}

fn ports(manifest: &Manifest, held: &AllocationView) -> Result<BTreeMap<String, u16>, AppError> {
    let held: Vec<u16> = serde_json::from_str(&held.ports)
        .map_err(|error| AppError::internal("read the allocation", error))?;
    if held.len() < manifest.ports.len() {
        let message = format!(
            "the product needs {} ports, its allocation has {}",
            manifest.ports.len(),
            held.len()
        );
        return Err(AppError::new(Code::NotEnoughResources, message)
            .hint("raise `resources.ports` in its brief and run it again"));
    }
    Ok(manifest
        .ports
        .iter()
        .map(|port| port.name.clone())
        .zip(held)
        .collect())
}

fn variables(
    manifest: &Manifest,
    start: &Start,
    ports: &BTreeMap<String, u16>,
) -> BTreeMap<String, String> {
    let mut env = start.env.clone();
    for port in &manifest.ports {
        if let Some(number) = ports.get(&port.name) {
            env.insert(port.env.clone(), number.to_string());
        }
    }
    env
}

/// The ignored file that lets a person start the product by hand on the same ports.
fn write_env_file(folder: &Path, env: &BTreeMap<String, String>) -> Result<(), AppError> {
    let lines: Vec<String> = env
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let text = lines.join("\n") + "\n";
    let path = folder.join(".env");
    std::fs::write(&path, text)
        .map_err(|error| AppError::internal(format!("write `{}`", path.display()), error))
}

/// Asks once; anything but a status 200 in time is no.
fn answers_200(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )?;
        let mut head = [0_u8; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
