//! The port on the store itself: in the driver's process, or where no driver is alive.
//!
//! [`Local`] answers every question of the port. What is handed in goes through `submission`, what is read comes from
//! the projections by `queries`, products are started and stopped by
//! [`Products`](crate::product::Products).

mod port;
mod products;
mod queries;
mod submission;

pub use self::port::Local;
