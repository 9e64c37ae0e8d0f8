//! `factory config`.

use factory_app::error::AppError;
use serde_json::json;

use crate::args::Config;
use crate::call::Call;
use crate::{exit, output};

/// Performs `factory config`.
pub(crate) fn perform(call: &Call, what: &Config) -> Result<u8, AppError> {
    let Config::Show { origin } = what;
    let context = call.context(call.portfolio_dir_if_any()?.as_ref())?;
    let rows: Vec<_> = context
        .entries
        .iter()
        .map(|entry| json!({ "key": entry.key, "value": entry.value, "origin": entry.origin.to_string() }))
        .collect();
    output::answer(call.format, &rows, || {
        let head: &[&str] = if *origin {
            &["setting", "value", "origin"]
        } else {
            &["setting", "value"]
        };
        output::table(
            head,
            context.entries.iter().map(|entry| {
                let value = output::or_dash(entry.value.as_ref());
                let mut row = vec![entry.key.to_owned(), value];
                if *origin {
                    row.push(entry.origin.to_string());
                }
                row
            }),
        )
    });
    Ok(exit::OK)
}
