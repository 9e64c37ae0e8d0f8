//! One room per noun of the command line.

mod config;
mod demo;
mod doctor;
mod gate;
mod report;
mod run;
mod runs;
mod startup;
mod task;
mod wanted;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use factory_app::config::Layer;
use factory_app::error::{AppError, Code};
use factory_app::place::Place;

use crate::args::{Command, Words};
use crate::exit;
use crate::output::{self, Format};
use crate::session::{Context, Session};
use crate::telemetry;

/// What every command is given.
#[derive(Debug)]
pub(crate) struct Call {
    format: Format,
    portfolio: Option<PathBuf>,
    environment: BTreeMap<String, String>,
    flags: Layer,
}

impl Call {
    /// The portfolio that is meant: the one that is named, or the one around the current folder.
    fn place(&self) -> Result<Place, AppError> {
        let Some(named) = &self.portfolio else {
            return Place::find(Path::new("."));
        };
        let found = Place::find(named)?;
        // Whoever names a folder means that folder: a slip must not end in the portfolio around it.
        if !named.join("factory.toml").is_file() {
            let message = format!("`{}` is not a portfolio", named.display());
            let around = found.root().display();
            return Err(AppError::new(Code::NotAPortfolio, message).hint(format!(
                "the portfolio around it is `{around}`; name that one"
            )));
        }
        Ok(found)
    }

    /// The same, for what also works without a portfolio.
    fn place_if_any(&self) -> Result<Option<Place>, AppError> {
        match &self.portfolio {
            Some(_) => self.place().map(Some),
            None => Ok(Place::find(Path::new(".")).ok()),
        }
    }

    fn context(&self, place: Option<&Place>) -> Result<Context, AppError> {
        let context = Context::load(place, self.environment.clone(), self.flags.clone())?;
        let coloured = output::is_terminal() && !self.environment.contains_key("NO_COLOR");
        telemetry::start(context.config.log.level, coloured);
        Ok(context)
    }

    async fn session(&self) -> Result<Session, AppError> {
        let place = self.place()?;
        let context = self.context(Some(&place))?;
        Session::open(place, context).await
    }
}

/// Does what the words say; the exit code.
pub(crate) async fn perform(
    words: Words,
    environment: BTreeMap<String, String>,
) -> Result<u8, AppError> {
    let format = if words.json {
        Format::Json
    } else {
        Format::Text
    };
    let flags = flags(words.log.as_deref())?;
    let call = Call {
        format,
        portfolio: words.portfolio,
        environment,
        flags,
    };
    match words.command {
        Command::Demo { dir } => demo::demo(&call, &dir).await,
        Command::Init { dir } => init(&call, &dir),
        Command::Run(wanted) => run::run(&call, wanted).await,
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
        let message = format!("`--log {level}`: there is no such level");
        AppError::new(Code::ConfigInvalid, message).hint("levels: error, warn, info, debug, trace")
    })?;
    let mut layer = Layer::default();
    layer.log.level = Some(level);
    Ok(layer)
}

fn init(call: &Call, dir: &Path) -> Result<u8, AppError> {
    let place = Place::init(dir)?;
    let made = serde_json::json!({ "portfolio": place.root() });
    output::answer(call.format, &made, || {
        format!("made a portfolio in `{}`", place.root().display())
    });
    if call.format == Format::Text {
        output::words("next: write a brief and build it with `factory run BRIEF.yaml`");
    }
    Ok(exit::OK)
}
