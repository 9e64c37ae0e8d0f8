//! How a command reaches a portfolio: as its driver, or as a client of the driver that is alive.
//!
//! The portfolio's lock decides. Whoever holds it opens the store and listens on the control socket; everybody
//! else speaks to that socket.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use factory_app::config::{self, Config, ConfigError, Durability, LoadError};
use factory_app::driver::{Driver, Limits, Ports};
use factory_app::error::{AppError, Code};
use factory_app::factory::Factory;
use factory_app::local::Local;
use factory_app::portfolio_dir::PortfolioDir;
use factory_app::{Parts, doctor, machine};
use factory_core::clock::Clock as _;
use factory_engine::runner::Retry;
use factory_sandbox::Sandbox;
use factory_server::client::Remote;
use factory_server::control;
use factory_store::sqlite::{self, OpenError, SqliteStore};
use tokio::task::JoinHandle;

use factory_app::clock::SystemClock;

/// How long a command waits for another one that holds the lock without listening.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time between two tries.
const CONNECT_PERIOD: Duration = Duration::from_millis(100);

/// Settings and the environment, read once.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The settings.
    pub(crate) config: Config,
    /// Every setting with its origin.
    pub(crate) entries: Vec<config::Entry>,
    /// The environment that the program was started with.
    pub(crate) environment: BTreeMap<String, String>,
}

/// A portfolio that was reached.
#[derive(Debug)]
pub(crate) struct Session {
    /// The portfolio's folder.
    pub(crate) portfolio_dir: PortfolioDir,
    /// Its settings.
    pub(crate) context: Context,
    reached: Reached,
}

#[derive(Debug)]
enum Reached {
    Driver {
        local: Local,
        served: JoinHandle<()>,
        socket: PathBuf,
        _lock: File,
    },
    Remote(Remote),
}

impl Context {
    /// Reads all layers of settings.
    pub(crate) fn load(
        portfolio_dir: Option<&PortfolioDir>,
        environment: BTreeMap<String, String>,
        flags: config::Layer,
    ) -> Result<Self, AppError> {
        let loaded = config::load(
            portfolio_dir.map(PortfolioDir::root),
            environment.clone(),
            flags,
        )
        .map_err(|error| wrong_setting(&error))?;
        Ok(Self {
            config: loaded.config,
            entries: loaded.entries,
            environment,
        })
    }
}

impl Session {
    /// Reaches the portfolio, as its driver if nobody else drives it.
    pub(crate) async fn open(
        portfolio_dir: PortfolioDir,
        context: Context,
    ) -> Result<Self, AppError> {
        let hidden = portfolio_dir.make_hidden();
        hidden.map_err(|error| {
            AppError::internal(
                format!("make `{}`", portfolio_dir.hidden().display()),
                error,
            )
        })?;
        let runtime = context
            .environment
            .get("XDG_RUNTIME_DIR")
            .map(PathBuf::from);
        let socket = control::socket_path(&portfolio_dir.socket(), runtime.as_deref());
        let reached = match connect(&portfolio_dir, &socket).await? {
            Connection::Drive(lock) => drive(&portfolio_dir, &context, socket, lock).await?,
            Connection::Ask(remote) => Reached::Remote(remote),
        };
        Ok(Self {
            portfolio_dir,
            context,
            reached,
        })
    }

    /// The port, wherever the driver is.
    pub(crate) fn factory(&self) -> &dyn Factory {
        match &self.reached {
            Reached::Driver { local, .. } => local,
            Reached::Remote(remote) => remote,
        }
    }

    /// The use cases of the driver, if it is this process.
    pub(crate) fn local(&self) -> Option<&Local> {
        match &self.reached {
            Reached::Driver { local, .. } => Some(local),
            Reached::Remote(_) => None,
        }
    }

    /// The driver, if it is this process.
    pub(crate) fn driver(&self) -> Option<&Arc<Driver>> {
        match &self.reached {
            Reached::Driver { local, .. } => Some(local.driver()),
            Reached::Remote(_) => None,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Reached::Driver { served, socket, .. } = &self.reached {
            served.abort();
            drop(std::fs::remove_file(socket));
        }
    }
}

/// What is wrong with a setting, with the place in its file and what was probably meant.
fn wrong_setting(error: &LoadError) -> AppError {
    let position = match error {
        LoadError::Config(
            ConfigError::Malformed { position, .. } | ConfigError::UnknownKey { position, .. },
        ) => *position,
        _ => None,
    };
    let portfolio_dir = position.map_or_else(String::new, |position| {
        format!(" (line {}, column {})", position.line, position.column)
    });
    let message = factory_app::error::chain(error) + &portfolio_dir;
    let hint = match error {
        LoadError::Config(ConfigError::UnknownKey {
            suggestion: Some(suggestion),
            ..
        }) => format!("did you mean `{suggestion}`?"),
        _ => "fix the setting and run the command again".to_owned(),
    };
    AppError::new(Code::ConfigInvalid, message).hint(hint)
}

/// How a portfolio can be reached at this moment.
enum Connection {
    /// Nobody drives it: whoever holds this lock does.
    Drive(File),
    /// Somebody drives it and answers.
    Ask(Remote),
}

/// Tries until the portfolio can be reached: a driver may just have begun, or be about to end.
async fn connect(portfolio_dir: &PortfolioDir, socket: &Path) -> Result<Connection, AppError> {
    let until = SystemClock.now().plus(PATIENCE);
    loop {
        if let Some(lock) = lock(portfolio_dir)? {
            return Ok(Connection::Drive(lock));
        }
        let remote = |token| Remote::new(socket.to_owned(), token, Arc::new(SystemClock));
        if remote(None).is_alive().await {
            // Read only now: a driver that has just begun writes it before it answers.
            let token = std::fs::read_to_string(portfolio_dir.token()).ok();
            let token = token.map(|token| token.trim().to_owned());
            return Ok(Connection::Ask(remote(token)));
        }
        let now = SystemClock.now();
        if now >= until {
            return Err(unreachable(portfolio_dir));
        }
        SystemClock.sleep_until(now.plus(CONNECT_PERIOD)).await;
    }
}

fn lock(portfolio_dir: &PortfolioDir) -> Result<Option<File>, AppError> {
    let path = portfolio_dir.lock();
    let failed = |error| AppError::internal(format!("lock `{}`", path.display()), error);
    let mut file = File::options()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(failed)?;
            writeln!(file, "{}", std::process::id()).map_err(failed)?;
            Ok(Some(file))
        }
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn unreachable(portfolio_dir: &PortfolioDir) -> AppError {
    let holder = std::fs::read_to_string(portfolio_dir.lock()).unwrap_or_default();
    let message = format!(
        "another `factory` (process {}) holds the portfolio `{}` and does not answer on its control socket",
        holder.trim(),
        portfolio_dir.root().display()
    );
    AppError::new(Code::DriverUnreachable, message)
        .hint("wait for it, or end that process; nothing was changed and nothing is lost")
}

async fn drive(
    portfolio_dir: &PortfolioDir,
    context: &Context,
    socket: PathBuf,
    lock: File,
) -> Result<Reached, AppError> {
    let reaped = factory_sandbox::reap(&portfolio_dir.logs());
    for left in
        reaped.map_err(|error| AppError::internal("look for processes of a dead driver", error))?
    {
        tracing::info!(
            process = left.pid,
            killed = left.killed_count,
            "processes of a dead driver are gone"
        );
    }
    let config = &context.config;
    let durability = match config.store.durability {
        Durability::Strict => sqlite::Durability::Strict,
        Durability::Relaxed => sqlite::Durability::Relaxed,
    };
    let store = SqliteStore::open(&portfolio_dir.hidden(), durability)
        .map_err(|error| refused(portfolio_dir, error))?;
    let store = Arc::new(store);
    let parts = Parts {
        portfolio_dir: portfolio_dir.clone(),
        ports: Ports {
            log: Arc::<SqliteStore>::clone(&store),
            query: Arc::<SqliteStore>::clone(&store),
            blobs: Arc::<SqliteStore>::clone(&store),
            terms: store,
            processes: Arc::new(Sandbox),
            daemons: Arc::new(Sandbox),
            clock: Arc::new(SystemClock),
        },
        limits: limits(config),
        templates: config.templates.dir.clone(),
        environment: context.environment.clone(),
        unenforced: doctor::unenforced(),
        holder: format!("process {}", std::process::id()),
    };
    let local = factory_app::assemble(parts).await?;
    let served = serve(portfolio_dir, &socket, &local)?;
    Ok(Reached::Driver {
        local,
        served,
        socket,
        _lock: lock,
    })
}

fn serve(
    portfolio_dir: &PortfolioDir,
    socket: &Path,
    local: &Local,
) -> Result<JoinHandle<()>, AppError> {
    let failed = |error| AppError::internal(format!("listen on `{}`", socket.display()), error);
    let token = control::owner_token(&portfolio_dir.token()).map_err(failed)?;
    let listener = control::listen(socket).map_err(failed)?;
    let factory: Arc<dyn Factory> = Arc::new(local.clone());
    Ok(tokio::spawn(async move {
        if let Err(error) = control::serve(listener, factory, &token, Arc::new(SystemClock)).await {
            tracing::error!(%error, "the control socket stops");
        }
    }))
}

fn limits(config: &Config) -> Limits {
    let or = |number: u32, usual: usize| match usize::try_from(number) {
        Ok(number) if number > 0 => number,
        _ => usual,
    };
    let cores = machine::cores();
    let by_memory = usize::try_from(machine::memory_total_mib() / 2048)
        .unwrap_or(1)
        .max(1);
    Limits {
        startups: or(config.concurrency.startups, 5),
        tasks: or(config.concurrency.tasks, cores.max(2)),
        verifications: or(config.concurrency.verifications, cores.min(by_memory)),
        ports: config.ports.first..=config.ports.last,
        attempts_max: config.retry.attempts,
        retry: Retry {
            delay: Duration::from_millis(config.retry.delay_ms),
            delay_max: Duration::from_millis(config.retry.delay_ms_max),
        },
        file_bytes_max: config.staging.max_file_mb * 1024 * 1024,
    }
}

fn refused(portfolio_dir: &PortfolioDir, error: OpenError) -> AppError {
    let message = format!("open the store of `{}`", portfolio_dir.root().display());
    let newer = matches!(error, OpenError::Newer { .. });
    let (code, hint) = if newer {
        (
            Code::StoreNewer,
            "use the version of `factory` that wrote it, or a newer one; nothing was changed",
        )
    } else {
        (
            Code::StoreBroken,
            "nothing was changed; look at the disk, or go back to a backup of `.factory/`",
        )
    };
    AppError::new(code, message).because(error).hint(hint)
}
