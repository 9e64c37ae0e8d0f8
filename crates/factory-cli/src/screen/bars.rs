//! Stderr: lines that stay, and live progress bars below them.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::MakeWriter;

use super::plain::plain;
use super::width::dialog_columns;

/// Redraws per second at most.
const REDRAW_HZ: u8 = 10;
const TICK: Duration = Duration::from_millis(250);
/// A terminal with fewer columns gets bars without padding.
const NARROW: usize = 80;
/// Widest name of a bar.
const NAME_WIDTH_MAX: usize = 16;

/// A process has one stderr; whoever writes to it shares this.
static SCREEN: Mutex<Screen> = Mutex::new(Screen {
    bars: None,
    is_taken: false,
    held: Vec::new(),
});

struct Screen {
    bars: Option<Bars>,
    /// Whether a dialog has the screen.
    is_taken: bool,
    /// What others wrote meanwhile.
    held: Vec<u8>,
}

struct Bars {
    all: MultiProgress,
    by_name: BTreeMap<String, ProgressBar>,
}

fn screen() -> MutexGuard<'static, Screen> {
    // A panic while something was drawn leaves nothing that matters half done.
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a line for a person.
pub(crate) fn words(text: &str) {
    styled_words(&plain(text));
}

/// Writes a line of our own that may hold colours.
pub(crate) fn styled_words(text: &str) {
    screen().write(format!("{text}\n").as_bytes());
}

/// Sets the text of a live bar; the first text starts it. `ends` freezes it.
pub(crate) fn show(name: &str, text: &str, ends: bool) {
    let text = plain(text);
    let mut screen = screen();
    let is_taken = screen.is_taken;
    let Bars { all, by_name } = screen.bars.get_or_insert_with(|| Bars::new(is_taken));
    let bar = by_name.entry(name.to_owned()).or_insert_with(|| {
        let bar = new_bar(all, name);
        if !is_taken {
            bar.enable_steady_tick(TICK);
        }
        bar
    });
    // Columns of a table that does not fit anyway only push its end out of sight.
    let is_narrow = dialog_columns() < NARROW;
    bar.set_message(if is_narrow {
        squeezed(&text)
    } else {
        text.into_owned()
    });
    if ends {
        bar.finish();
    }
}

/// Leaves the live bars as they are, for good.
pub(crate) fn settle() {
    if let Some(bars) = screen().bars.take() {
        for bar in bars.by_name.values() {
            bar.abandon();
        }
        // The cursor stands behind the last bar.
        write_now("\n");
    }
}

/// Takes the screen: the bars vanish, lines of others are held back.
pub(super) fn take() {
    let mut screen = screen();
    screen.is_taken = true;
    if let Some(bars) = &screen.bars {
        // Stops the drawing threads first: one that draws after `clear` would leave its line behind.
        for bar in bars.by_name.values() {
            bar.disable_steady_tick();
        }
        drop(bars.all.clear());
        bars.all.set_draw_target(ProgressDrawTarget::hidden());
    }
}

/// Gives the screen back: held lines are printed, the bars return.
pub(super) fn give_back() {
    let mut screen = screen();
    screen.is_taken = false;
    let held = std::mem::take(&mut screen.held);
    drop(io::stderr().lock().write_all(&held));
    if let Some(bars) = &screen.bars {
        bars.all.set_draw_target(draw_target());
        for bar in bars.by_name.values() {
            if bar.is_finished() {
                bar.tick();
            } else {
                bar.enable_steady_tick(TICK);
            }
        }
    }
}

/// Writes for the dialog that has the screen.
pub(super) fn write_now(text: &str) {
    let mut stderr = io::stderr().lock();
    drop(stderr.write_all(text.as_bytes()));
    drop(stderr.flush());
}

impl Screen {
    fn write(&mut self, bytes: &[u8]) {
        // A stderr that nobody reads any more is no reason to stop.
        let write = || drop(io::stderr().lock().write_all(bytes));
        match &self.bars {
            _ if self.is_taken => self.held.extend_from_slice(bytes),
            Some(bars) => bars.all.suspend(write),
            None => write(),
        }
    }
}

impl Bars {
    fn new(is_taken: bool) -> Self {
        let target = if is_taken {
            ProgressDrawTarget::hidden()
        } else {
            draw_target()
        };
        Self {
            all: MultiProgress::with_draw_target(target),
            by_name: BTreeMap::new(),
        }
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn draw_target() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr_with_hz(REDRAW_HZ)
}

fn new_bar(all: &MultiProgress, name: &str) -> ProgressBar {
    // Added before anything is set: a bar on its own would draw a line that nobody clears.
    let bar = all.add(ProgressBar::new_spinner());
    let template = format!("{{spinner}} {{prefix:<{NAME_WIDTH_MAX}}} {{elapsed:>4}} {{wide_msg}}");
    let style = ProgressStyle::with_template(&template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_prefix(name.to_owned());
    bar
}

/// Where the log goes: above the bars, and never into a question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogWriter;

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        Self
    }
}

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        screen().write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
