//! `factory demo`: the five example briefs, in a portfolio of their own.

use std::path::{Path, PathBuf};

use factory_app::doctor;
use factory_app::error::AppError;
use factory_app::portfolio_dir::PortfolioDir;
use factory_core::run::GatePolicy;

use super::answers::Answers;
use super::run::build;
use super::run_request::RunRequest;
use crate::call::Call;
use crate::session::Session;

/// The example briefs: file name and text.
const BRIEFS: [(&str, &str); 5] = include!(concat!(env!("OUT_DIR"), "/briefs.rs"));

/// Builds the example briefs in `dir`.
pub(crate) async fn demo(call: &Call, dir: Option<&Path>) -> Result<u8, AppError> {
    let dir = &call.target(dir, "factory-demo")?;
    doctor::require_git()?;
    let portfolio_dir = if dir.join("factory.toml").is_file() {
        PortfolioDir::find(dir)?
    } else {
        PortfolioDir::init(dir)?
    };
    let briefs = write_briefs(&portfolio_dir).map_err(|error| {
        AppError::internal(
            format!("write the example briefs below `{}`", dir.display()),
            error,
        )
    })?;
    let context = call.context(Some(&portfolio_dir))?;
    let request = RunRequest {
        briefs,
        blueprint: None,
        playbook: None,
        template: None,
        gates: GatePolicy::Approve {
            policy: "demo".to_owned(),
        },
    };
    let submissions = request
        .read(&context.config.allocation)?
        .submissions(&context.config)?;
    let session = Session::open(portfolio_dir, context).await?;
    build(
        call,
        session,
        submissions,
        Answers::Policy("demo".to_owned()),
    )
    .await
}

fn write_briefs(portfolio_dir: &PortfolioDir) -> std::io::Result<Vec<PathBuf>> {
    let folder = portfolio_dir.root().join("briefs");
    std::fs::create_dir_all(&folder)?;
    let mut files = Vec::new();
    for (name, text) in BRIEFS {
        let file = folder.join(name);
        // A brief that a person has changed stays as it is.
        if !file.exists() {
            std::fs::write(&file, text)?;
        }
        files.push(file);
    }
    Ok(files)
}
