//! One question before what cannot be taken back.

use factory_app::error::AppError;

use crate::interrupt::Interrupts;
use crate::screen::{Dialog, Keyboard};

/// What a person said.
pub(super) enum Confirmed {
    Yes,
    No,
    /// The exit code.
    Interrupted(u8),
}

/// Asks on the terminal; whoever has none is not asked.
pub(super) async fn confirmed(question: &str) -> Result<Confirmed, AppError> {
    if !Keyboard::is_present() {
        return Ok(Confirmed::Yes);
    }
    let mut interrupts = Interrupts::listen()?;
    let mut keyboard =
        Keyboard::open().map_err(|error| AppError::internal("read from the terminal", error))?;
    let mut dialog = Dialog::open(&mut keyboard);
    Ok(tokio::select! {
        is_yes = dialog.confirm(question) => if is_yes { Confirmed::Yes } else { Confirmed::No },
        code = interrupts.recv() => Confirmed::Interrupted(code),
    })
}
