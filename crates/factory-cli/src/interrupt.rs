//! Signals that ask the program to stop: Ctrl-C, `kill`, a terminal that is closed.

use factory_app::error::AppError;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit;

/// Listens from its creation on: a signal that comes while something else is done is not lost.
#[derive(Debug)]
pub(crate) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Interrupts {
    /// Takes the signals over from the system, which would end the process on the spot.
    pub(crate) fn listen() -> Result<Self, AppError> {
        let listen =
            |kind| signal(kind).map_err(|error| AppError::internal("listen for interrupts", error));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    /// The next signal, as the exit code it asks for.
    pub(crate) async fn recv(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => exit::INTERRUPTED,
            _ = self.terminate.recv() => exit::TERMINATED,
            _ = self.hangup.recv() => exit::HUNG_UP,
        }
    }
}
