//! Who writes commits.

use serde::{Deserialize, Serialize};

/// Who writes commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Shown name.
    pub name: String,
    /// Address; need not exist.
    pub email: String,
}

impl Identity {
    /// The program itself, for users to whom git has given no identity.
    pub fn program() -> Self {
        Self {
            name: "Startup Factory".to_owned(),
            email: "factory@localhost".to_owned(),
        }
    }

    /// The identity in the repository's configuration, else in the user's, else the program's.
    pub(super) fn of_user(repo: &gix::Repository) -> Self {
        let globals = gix::config::File::from_globals().ok();
        let value = |key: &str| {
            let own = repo.config_snapshot().string(key);
            own.or_else(|| globals.as_ref()?.string(key))
                .map(|value| value.to_string())
        };
        match (value("user.name"), value("user.email")) {
            (Some(name), Some(email)) => Self { name, email },
            _ => Self::program(),
        }
    }
}
