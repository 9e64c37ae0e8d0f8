//! Briefs and blueprints as files: read, completed from the settings, checked, and every fault reported with file,
//! line and column. The languages themselves belong to `factory-spec`; nothing in here creates anything.

mod defaults;
mod fault;
mod from_blueprint;
mod load;
#[cfg(test)]
mod tests;

pub use fault::FileFault;
pub use from_blueprint::{LoadedBlueprint, load_blueprint};
pub use load::{LoadedBrief, load_all};
