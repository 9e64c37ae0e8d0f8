//! What every command is given, and how it reaches the portfolio that is meant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use factory_app::config::Layer;
use factory_app::error::{AppError, Code};
use factory_app::portfolio_dir::PortfolioDir;

use crate::output::{self, Format};
use crate::session::{Context, Session};
use crate::telemetry;

/// One invocation of the program: the global flags and the environment.
#[derive(Debug)]
pub(crate) struct Call {
    /// How answers are given.
    pub(crate) format: Format,
    /// The folder named by `--portfolio`.
    pub(crate) portfolio: Option<PathBuf>,
    /// The environment that the program was started with.
    pub(crate) environment: BTreeMap<String, String>,
    /// Settings from flags, the strongest layer.
    pub(crate) flags: Layer,
}

impl Call {
    /// The portfolio that is meant: the one that is named, or the one around the current folder.
    pub(crate) fn portfolio_dir(&self) -> Result<PortfolioDir, AppError> {
        let Some(named) = &self.portfolio else {
            return PortfolioDir::find(Path::new("."));
        };
        if !named.exists() {
            let message = format!("`{}` does not exist", named.display());
            return Err(AppError::new(Code::NotAPortfolio, message)
                .hint("name an existing portfolio, or create one with `factory init DIR`"));
        }
        let found = PortfolioDir::find(named)?;
        // Whoever names a folder means that folder: a slip must not end in the portfolio around it.
        if !named.join("factory.toml").is_file() {
            let message = format!("`{}` is not a portfolio", named.display());
            let around = found.root().display();
            return Err(AppError::new(Code::NotAPortfolio, message).hint(format!(
                "it lies inside the portfolio `{around}`; name that one"
            )));
        }
        Ok(found)
    }

    /// The same, for what also works without a portfolio.
    pub(crate) fn portfolio_dir_if_any(&self) -> Result<Option<PortfolioDir>, AppError> {
        match &self.portfolio {
            Some(_) => self.portfolio_dir().map(Some),
            None => match PortfolioDir::find(Path::new(".")) {
                Ok(found) => Ok(Some(found)),
                Err(error) if error.code == Code::NotAPortfolio => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    /// The folder that a portfolio is created in: `dir` or `--portfolio`, which must not contradict each other.
    pub(crate) fn target(&self, dir: Option<&Path>, default: &str) -> Result<PathBuf, AppError> {
        match (dir, &self.portfolio) {
            (Some(dir), Some(named)) if !same_folder(dir, named) => {
                let message = format!(
                    "`{}` and `--portfolio {}` are different folders",
                    dir.display(),
                    named.display()
                );
                Err(AppError::new(Code::RequestInvalid, message).hint("name the folder once"))
            }
            (Some(dir), _) => Ok(dir.to_owned()),
            (None, Some(named)) => Ok(named.clone()),
            (None, None) => Ok(PathBuf::from(default)),
        }
    }

    /// The settings that apply in `portfolio_dir`; logging starts with them.
    pub(crate) fn context(
        &self,
        portfolio_dir: Option<&PortfolioDir>,
    ) -> Result<Context, AppError> {
        let context = Context::load(portfolio_dir, self.environment.clone(), self.flags.clone())?;
        let coloured = output::is_terminal() && !self.environment.contains_key("NO_COLOR");
        telemetry::start(context.config.log.level, coloured);
        Ok(context)
    }

    /// Opens the portfolio that is meant, as its driver or as a client of the process that drives it.
    pub(crate) async fn session(&self) -> Result<Session, AppError> {
        let portfolio_dir = self.portfolio_dir()?;
        let context = self.context(Some(&portfolio_dir))?;
        Session::open(portfolio_dir, context).await
    }
}

/// Whether two paths lead to the same folder; one that is not there yet is compared as it is written.
fn same_folder(left: &Path, right: &Path) -> bool {
    let resolved = |path: &Path| {
        path.canonicalize()
            .or_else(|_| std::path::absolute(path))
            .unwrap_or_else(|_| path.to_owned())
    };
    resolved(left) == resolved(right)
}
