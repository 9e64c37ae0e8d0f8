//! What a startup is and which changes are legal. Pure.

pub mod anchored;
pub mod blueprint;
pub mod brief;
pub mod claim;
pub mod name;
pub mod process;
pub mod clock;
pub mod event;
pub mod id;
pub mod portfolio;
pub mod port;
pub mod projection;
pub mod run;
pub mod playbook;
