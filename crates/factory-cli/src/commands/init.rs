//! `factory init`.

use std::path::Path;

use factory_app::error::AppError;
use factory_app::portfolio_dir::PortfolioDir;

use crate::call::Call;
use crate::exit;
use crate::output::{self, Format};

/// Creates a portfolio.
pub(crate) fn init(call: &Call, dir: Option<&Path>) -> Result<u8, AppError> {
    let portfolio_dir = PortfolioDir::init(&call.target(dir, ".")?)?;
    let made = serde_json::json!({ "portfolio": portfolio_dir.root() });
    output::answer(call.format, &made, || {
        format!(
            "created a portfolio in `{}`",
            portfolio_dir.root().display()
        )
    });
    if call.format == Format::Text {
        output::words("next: write a brief and build it with `factory run BRIEF.yaml`");
    }
    Ok(exit::OK)
}
