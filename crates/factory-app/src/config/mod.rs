//! The layered configuration: what the factory does by default, and who set it
//! otherwise.
//!
//! Built-in defaults, the user's file, the portfolio's `factory.toml`, `FACTORY_*` variables and flags
//! each become a [`Layer`] of options; [`Sources::merge`] lays them over each other, remembers for
//! every value where it came from, and yields a [`Config`] that has every value and was checked once.
//! It is handed to constructors; nobody reads files or the environment for settings later.

mod check;
mod keys;
mod layer;
mod merge;
mod origin;
mod parse;
mod read;
mod suggest;
#[cfg(test)]
mod tests;

pub use keys::{OTHER_VARIABLES, VARIABLES};
pub use layer::{
    Allocation, AllocationLayer, Concurrency, ConcurrencyLayer, Config, Durability, Layer, Log,
    LogLayer, LogLevel, Ports, PortsLayer, Retry, RetryLayer, Staging, StagingLayer, Store,
    StoreLayer, Templates, TemplatesLayer,
};
pub use merge::{Entry, Loaded, Sources};
pub use origin::{Origin, SettingsFile};
pub use parse::ConfigError;
pub use read::{LoadError, environment, load};
