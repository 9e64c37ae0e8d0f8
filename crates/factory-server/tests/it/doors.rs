//! One factory behind both of its doors: in the process, and over a real Unix socket.

use std::path::PathBuf;
use std::sync::Arc;

use factory_app::clock::SystemClock;
use factory_app::error::AppError;
use factory_app::factory::Factory;
use factory_app::local::Local;
use factory_server::client::Remote;
use factory_server::control;
use factory_testkit::TestFactory;
use tokio::task::JoinHandle;

/// The token of the tests' owner.
pub(crate) const TOKEN: &str = "the-owner";

/// A factory that is served.
#[derive(Debug)]
pub(crate) struct Doors {
    pub(crate) local: Local,
    pub(crate) remote: Remote,
    pub(crate) socket: PathBuf,
    served: JoinHandle<()>,
    pub(crate) factory: TestFactory,
}

/// Which door somebody comes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Local,
    Remote,
}

impl Doors {
    /// A factory without startups.
    pub(crate) async fn open() -> Self {
        let factory = TestFactory::new();
        let local = factory.open().await.unwrap();
        let socket = factory.root().join("control.sock");
        let listener = control::listen(&socket).unwrap();
        let port: Arc<dyn Factory> = Arc::new(local.clone());
        let served = tokio::spawn(async move {
            control::serve(listener, port, TOKEN, Arc::new(SystemClock))
                .await
                .unwrap();
        });
        let remote = Remote::new(
            socket.clone(),
            Some(TOKEN.to_owned()),
            Arc::new(SystemClock),
        );
        Self {
            local,
            remote,
            socket,
            served,
            factory,
        }
    }

    /// The port as it is seen from a door.
    pub(crate) fn through(&self, door: Door) -> &dyn Factory {
        match door {
            Door::Local => &self.local,
            Door::Remote => &self.remote,
        }
    }

    /// Drives until everything rests.
    pub(crate) async fn drive(&self) {
        self.local.driver().drive(false).await.unwrap();
    }

    /// A text without this factory's folder.
    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(&self.factory.root().display().to_string(), "[FOLDER]")
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        self.served.abort();
    }
}

/// An error as both doors must tell it.
pub(crate) fn error_line(error: &AppError) -> String {
    let hint = error.hint.as_deref().unwrap_or("-");
    format!(
        "{:?} {} {} hint: {hint}",
        error.kind(),
        error.code,
        error.chain()
    )
}

/// An answer as both doors must give it.
pub(crate) fn outcome<T: std::fmt::Debug>(answer: Result<T, AppError>) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(error) => error_line(&error),
    }
}
