//! The one owner of the terminal: every line on stderr and every key from stdin passes through here.
//!
//! [`words`] prints a line above the live progress bars, [`show`] moves one of them, [`LogWriter`] takes the log. A
//! [`Dialog`] takes the screen over: it hides the bars, holds back everybody else's lines, and reads answers from the
//! [`Keyboard`]. When it is dropped the held lines are printed and the bars return.
//!
//! **Invariant:** an answer is read only after its question was shown; whatever was typed before is discarded.

mod bars;
mod dialog;
mod editor;
mod keyboard;
mod plain;
mod width;

pub(crate) use bars::{LogWriter, settle, show, styled_words, words};
pub(crate) use dialog::{Dialog, Reply};
pub(crate) use keyboard::Keyboard;
pub(crate) use plain::{plain, steers};
pub(crate) use width::{columns, dialog_columns, first_columns, last_columns, wrap};
