//! Stdin as a keyboard: no echo, no line discipline, and an end to type-ahead on request.

use std::collections::VecDeque;
use std::io::{self, IsTerminal as _, Stdin};

use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcgetpgrp, tcsetattr,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The terminal's keys. While it lives nothing that is typed is echoed, so that it cannot tear the bars; Ctrl-C
/// still interrupts. Dropping it restores the terminal.
#[derive(Debug)]
pub(crate) struct Keyboard {
    stdin: AsyncFd<Stdin>,
    /// The terminal as it was.
    before: Termios,
    pub(super) typed: VecDeque<u8>,
}

impl Keyboard {
    /// Whether a person can be asked: they see stderr, type on stdin, and this process has the foreground.
    pub(crate) fn is_present() -> bool {
        let stdin = io::stdin();
        stdin.is_terminal()
            && io::stderr().is_terminal()
            && tcgetpgrp(&stdin).is_ok_and(|foreground| foreground == getpgrp())
    }

    /// Takes the keyboard.
    pub(crate) fn open() -> io::Result<Self> {
        #[expect(
            deprecated,
            reason = "its unsafe successor is for descriptors that may be closed meanwhile; stdin stays"
        )]
        let stdin = AsyncFd::with_interest(io::stdin(), Interest::READABLE)?;
        let before = tcgetattr(&stdin)?;
        let mut keys = before.clone();
        keys.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO);
        // A read returns at once with what there is: nobody ever blocks on it.
        keys.special_codes[SpecialCodeIndex::VMIN] = 0;
        keys.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&stdin, OptionalActions::Drain, &keys)?;
        Ok(Self {
            stdin,
            before,
            typed: VecDeque::new(),
        })
    }

    /// Forgets everything that was typed until now.
    pub(super) fn discard(&mut self) {
        self.typed.clear();
        // A terminal that has gone has nothing to discard, or to restore.
        tcflush(&self.stdin, QueueSelector::IFlush).ok();
    }

    /// Waits for keys; whether there are any, or the terminal has gone.
    pub(super) async fn wait(&mut self) -> bool {
        loop {
            let Ok(mut ready) = self.stdin.readable().await else {
                return false;
            };
            let mut buffer = [0; 256];
            match rustix::io::read(ready.get_inner(), &mut buffer) {
                Ok(0) if ready.ready().is_read_closed() => return false,
                Ok(0) | Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {
                    ready.clear_ready();
                }
                Ok(count) => {
                    ready.retain_ready();
                    self.typed.extend(buffer.iter().take(count));
                    return true;
                }
                Err(_) => return false,
            }
        }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        tcsetattr(&self.stdin, OptionalActions::Drain, &self.before).ok();
    }
}
