//! Logs for operators, on stderr.

use factory_app::config::LogLevel;
use tracing_subscriber::EnvFilter;

use crate::screen::LogWriter;

/// Sends what the libraries log to stderr, from `level` on; colours only where they are wanted.
pub(crate) fn start(level: LogLevel, coloured: bool) {
    let filter = EnvFilter::new(format!(
        "off,factory={0},factory_app={0},factory_engine={0},factory_store={0},factory_server={0},factory_sandbox={0},factory_templates={0}",
        level.as_str()
    ));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(LogWriter)
        .without_time();
    // A second subscriber in one process is a test's; the first stays.
    drop(subscriber.with_target(false).with_ansi(coloured).try_init());
}
