//! What a startup is and which changes are legal. Pure.

pub mod blueprint;
pub mod brief;
pub mod claim;
pub mod name;
pub mod process;
