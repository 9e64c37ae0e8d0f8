//! The port on the store itself: in the driver's process, or where no driver is alive.
//!
//! [`Local`] answers every question of the port. `submission` turns briefs into commands of the portfolio, `queries` reads the
//! projections, products are started and stopped by
//! [`Products`](crate::product::Products).

mod context;
mod decisions;
mod port;
mod products;
mod queries;
mod submission;

pub use self::context::Local;
