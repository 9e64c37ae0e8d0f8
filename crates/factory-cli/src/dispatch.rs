//! Hands the parsed command line to its command.

use std::collections::BTreeMap;

use factory_app::config::Layer;
use factory_app::error::{AppError, Code};

use crate::args::{Cli, Command};
use crate::call::Call;
use crate::commands::{config, demo, doctor, gate, init, run, runs, startup, task};

/// Performs the command; the exit code.
pub(crate) async fn dispatch(
    cli: Cli,
    environment: BTreeMap<String, String>,
) -> Result<u8, AppError> {
    let call = Call {
        format: cli.format(),
        portfolio: cli.portfolio,
        environment,
        flags: flags(cli.log.as_deref())?,
    };
    match cli.command {
        Command::Demo { dir } => demo::demo(&call, dir.as_deref()).await,
        Command::Init { dir } => init::init(&call, dir.as_deref()),
        Command::Run(args) => run::run(&call, args).await,
        Command::Startup(what) => startup::perform(&call, what).await,
        Command::Runs(what) => runs::perform(&call, what).await,
        Command::Task(what) => task::perform(&call, what).await,
        Command::Gate(what) => gate::perform(&call, what).await,
        Command::Config(what) => config::perform(&call, &what),
        Command::Doctor => doctor::doctor(&call),
    }
}

fn flags(log: Option<&str>) -> Result<Layer, AppError> {
    let Some(level) = log else {
        return Ok(Layer::default());
    };
    let level = serde_json::from_value(serde_json::json!(level)).map_err(|_| {
        let message = format!("`--log {level}`: unknown level");
        AppError::new(Code::ConfigInvalid, message).hint("levels: error, warn, info, debug, trace")
    })?;
    let mut layer = Layer::default();
    layer.log.level = Some(level);
    Ok(layer)
}
