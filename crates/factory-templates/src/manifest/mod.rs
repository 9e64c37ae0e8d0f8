//! `template.toml`: what the factory needs to know about a template besides its files.

mod read;
mod slices;
mod table;
mod types;
mod version;

pub use factory_core::run::CheckName;
pub use semver::{Version, VersionReq};
pub use types::{
    BuildLimits, CHECKS, COVERAGE, Check, Database, EditRule, FastCheck, ForEach, INSTALL,
    Manifest, Needs, Port, Slice, Start,
};
pub use version::printed_version;

pub(crate) use read::parse;
pub(crate) use table::FILE;
