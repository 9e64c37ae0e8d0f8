//! What a startup is and which changes are legal. Pure.

pub mod anchored;
pub mod blueprint;
pub mod brief;
pub mod claim;
pub mod clock;
pub mod event;
pub mod id;
pub mod name;
pub mod playbook;
pub mod port;
pub mod portfolio;
pub mod process;
pub mod projection;
pub mod run;
