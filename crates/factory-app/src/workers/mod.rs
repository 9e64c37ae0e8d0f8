//! Those who perform tasks: rule authors for the thinking phases, templates for scaffold and slices, processes
//! for verification. One [`FactoryWorker`] is the engine's port; each kind of [`Work`] has its own file.

mod checks;
mod perform;
mod plan;
mod process;
mod product;
mod record;
mod scaffold;
mod slice;
mod templates;
mod think;
mod work;
mod worker;

pub use self::process::{ended, process};
pub use self::product::answers;
pub use self::templates::Templates;
pub use self::work::{ProductInput, Work};
pub use self::worker::FactoryWorker;
