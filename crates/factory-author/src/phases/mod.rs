//! The four thinking phases, one file each.

mod architecture;
mod founder;
mod market;
mod specification;

pub use architecture::architecture_design;
pub use founder::founder_analysis;
pub use market::market_research;
pub use specification::mvp_specification;
