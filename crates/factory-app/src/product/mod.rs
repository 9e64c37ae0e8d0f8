//! A built product as a running process: `factory startup up` and `factory startup down`.
//!
//! It runs on the ports of its allocation, from its own folder, and outlives the driver that started it. The event
//! log is the record: [`Products`] starts and stops processes and says so there, the
//! [`Driver`](crate::driver::Driver) notices when one has ended by itself.

mod health;
mod ports;
mod processes;
mod products;
mod start;
mod stop;
mod unrecorded;

pub use self::products::Products;
