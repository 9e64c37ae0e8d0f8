//! Drives one repository: proposes, appends, and acts only after the append is durable.
//!
//! A [`Runner`] owns the folded state of one stream. It asks the [`Scheduler`](crate::scheduler::Scheduler), turns proposals into events,
//! appends them through the [`Journal`](crate::journal::Journal) and then starts what they say. Attempts and merges run beside it and
//! report over a channel; so do people, through a [`Handle`]. After a crash, [`Runner::open`] folds the stream,
//! gives up the attempts of the dead driver, settles intents by looking at the branch, and resumes.

mod attempt;
mod drive;
mod merging;
mod message;
mod people;
mod recovery;
mod retry;
mod spans;
mod state;

pub use self::message::RequestError;
pub use self::people::Handle;
pub use self::retry::Retry;
pub use self::state::{Rest, Runner, RunnerError, Shared, log_path};
