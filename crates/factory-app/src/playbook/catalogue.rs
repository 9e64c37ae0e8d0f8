//! The playbooks that this program carries.

use super::phases::Playbook;

use crate::error::{AppError, Code};

/// A playbook by its name.
pub fn open(name: &str) -> Result<Playbook, AppError> {
    let mvp = Playbook::mvp();
    if name == mvp.name {
        return Ok(mvp);
    }
    Err(AppError::new(
        Code::ConfigInvalid,
        format!("there is no playbook `{name}`"),
    )
    .hint(format!("playbooks of this program: {}", mvp.name)))
}

/// The playbook of a run's reference, as in `mvp@1`; the default one if this program does not know it.
pub fn named(reference: &str) -> Playbook {
    let name = reference.split('@').next().unwrap_or(reference);
    open(name).unwrap_or_else(|_| Playbook::mvp())
}
