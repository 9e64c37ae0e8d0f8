//! `factory doctor`.

use factory_app::doctor::{Health, examine};
use factory_app::error::AppError;

use crate::call::Call;
use crate::{exit, output};

/// Performs `factory doctor`.
pub(crate) fn doctor(call: &Call) -> Result<u8, AppError> {
    let portfolio_dir = call.portfolio_dir_if_any()?;
    call.context(portfolio_dir.as_ref())?;
    let path = call.environment.get("PATH").cloned().unwrap_or_default();
    let findings = examine(portfolio_dir.as_ref(), &path);
    output::answer(call.format, &findings, || {
        output::table(
            &["state", "check", "detail"],
            findings.iter().map(|finding| {
                let mark = match finding.state {
                    Health::Ok => "ok",
                    Health::Limited => "limited",
                    Health::Missing if finding.name.ends_with(" limit") => "not enforced",
                    Health::Missing => "missing",
                };
                vec![
                    mark.to_owned(),
                    finding.name.clone(),
                    finding.detail.clone(),
                ]
            }),
        )
    });
    let essential = |name: &str| name == "git" || name.starts_with("template ");
    let broken = findings
        .iter()
        .any(|finding| finding.state == Health::Missing && essential(&finding.name));
    Ok(if broken { exit::FAILED } else { exit::OK })
}
