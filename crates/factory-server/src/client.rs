//! The port on the other side of the control socket.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use factory_app::error::{AppError, Code};
use factory_app::factory::{
    Answer, Factory, GateAnswer, GateDetail, RunDetail, StartedProduct, StartupDetail, Submission,
    Submitted, TaskLog,
};
use factory_core::clock::Clock;
use factory_core::event::Recorded;
use factory_core::id::{GateId, RunId, Seq, Slug, TaskId};
use factory_core::projection::{GateView, ProductView, RunView, StartupView};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use crate::problem::Problem;
use crate::routes::Reason;

/// Longest time that a live driver takes for the smallest of answers.
const ALIVE_MAX: Duration = Duration::from_secs(2);

/// A factory whose driver is another process.
#[derive(Clone)]
pub struct Remote {
    socket: PathBuf,
    token: Option<String>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote")
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}

impl Remote {
    /// Speaks to the driver that listens on this socket; without a token, it only reads.
    pub fn new(socket: PathBuf, token: Option<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            socket,
            token,
            clock,
        }
    }

    /// Whether a driver answers, and soon.
    pub async fn is_alive(&self) -> bool {
        let asked = self.send(Method::GET, "/livez", None);
        tokio::select! {
            answer = asked => answer.is_ok_and(|(status, _)| status == StatusCode::OK),
            () = self.clock.sleep_until(self.clock.now().plus(ALIVE_MAX)) => false,
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, AppError> {
        let (status, body) = self
            .send(Method::GET, &format!("/api/v1{path}"), None)
            .await?;
        understood(status, &body)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, AppError> {
        let body = serde_json::to_vec(body)
            .map_err(|error| AppError::internal("write a request", error))?;
        let (status, body) = self
            .send(Method::POST, &format!("/api/v1{path}"), Some(body))
            .await?;
        understood(status, &body)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Vec<u8>), AppError> {
        let stream = UnixStream::connect(&self.socket)
            .await
            .map_err(|error| self.unreachable(error))?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| self.unreachable(error))?;
        let connection = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "factory");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Body::from(body.unwrap_or_default()))
            .map_err(|error| AppError::internal("write a request", error))?;
        let answer = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            Ok((
                status,
                response.into_body().collect().await?.to_bytes().to_vec(),
            ))
        };
        let answer = answer
            .await
            .map_err(|error: hyper::Error| self.unreachable(error));
        connection.abort();
        answer
    }

    fn unreachable(&self, error: impl std::error::Error + Send + Sync + 'static) -> AppError {
        let message = format!("the driver does not answer on `{}`", self.socket.display());
        AppError::new(Code::DriverUnreachable, message)
            .because(error)
            .hint("check the `factory` process that drives this portfolio; nothing was changed")
    }
}

fn understood<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, AppError> {
    if status.is_success() {
        return serde_json::from_slice(body)
            .map_err(|error| AppError::internal("read the driver's answer", error));
    }
    let problem: Result<Problem, _> = serde_json::from_slice(body);
    Err(problem.map_or_else(
        |_| {
            let text = format!(
                "the driver answered {status}: {}",
                String::from_utf8_lossy(body)
            );
            AppError::new(Code::Unexpected, text)
        },
        Problem::into_error,
    ))
}

/// Bytes that are not escaped in a segment of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One segment of a path.
fn segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, PLAIN)
}

impl Factory for Remote {
    fn submit(&self, submissions: Vec<Submission>) -> Answer<'_, Vec<Submitted>> {
        Box::pin(async move { self.post("/startups", &submissions).await })
    }

    fn startups(&self) -> Answer<'_, Vec<StartupView>> {
        Box::pin(self.get("/startups"))
    }

    fn startup<'a>(&'a self, slug: &'a Slug) -> Answer<'a, StartupDetail> {
        Box::pin(async move {
            self.get(&format!("/startups/{}", segment(slug.as_str())))
                .await
        })
    }

    fn products(&self) -> Answer<'_, Vec<ProductView>> {
        Box::pin(self.get("/products"))
    }

    fn start_product<'a>(&'a self, slug: &'a Slug) -> Answer<'a, StartedProduct> {
        Box::pin(async move {
            let path = format!("/startups/{}/product", segment(slug.as_str()));
            self.post(&path, &()).await
        })
    }

    fn stop_product<'a>(&'a self, slug: &'a Slug) -> Answer<'a, bool> {
        Box::pin(async move {
            let path = format!("/api/v1/startups/{}/product", segment(slug.as_str()));
            let (status, body) = self.send(Method::DELETE, &path, None).await?;
            understood(status, &body)
        })
    }

    fn runs(&self) -> Answer<'_, Vec<RunView>> {
        Box::pin(self.get("/runs"))
    }

    fn run<'a>(&'a self, run_id: &'a RunId) -> Answer<'a, RunDetail> {
        Box::pin(async move {
            self.get(&format!("/runs/{}", segment(run_id.as_str())))
                .await
        })
    }

    fn cancel_run<'a>(&'a self, run_id: &'a RunId, reason: String) -> Answer<'a, ()> {
        Box::pin(async move {
            self.post(
                &format!("/runs/{}/cancel", segment(run_id.as_str())),
                &Reason { reason },
            )
            .await
        })
    }

    fn task_logs<'a>(&'a self, run_id: &'a RunId, task_id: &'a TaskId) -> Answer<'a, Vec<TaskLog>> {
        Box::pin(async move {
            let (run, task) = (segment(run_id.as_str()), segment(task_id.as_str()));
            self.get(&format!("/runs/{run}/tasks/{task}/logs")).await
        })
    }

    fn gates(&self, open_only: bool) -> Answer<'_, Vec<GateView>> {
        Box::pin(async move { self.get(&format!("/gates?open={open_only}")).await })
    }

    fn gate<'a>(&'a self, gate_id: &'a GateId) -> Answer<'a, GateDetail> {
        Box::pin(async move {
            self.get(&format!("/gates/{}", segment(gate_id.as_str())))
                .await
        })
    }

    fn decide<'a>(&'a self, gate_id: &'a GateId, answer: GateAnswer) -> Answer<'a, ()> {
        Box::pin(async move {
            self.post(
                &format!("/gates/{}/decision", segment(gate_id.as_str())),
                &answer,
            )
            .await
        })
    }

    fn head(&self) -> Answer<'_, Seq> {
        Box::pin(self.get("/events/head"))
    }

    fn events(&self, after: Seq, limit: usize) -> Answer<'_, Vec<Recorded>> {
        Box::pin(async move {
            self.get(&format!("/events?after={after}&limit={limit}"))
                .await
        })
    }

    fn wait(&self, seq: Seq) -> Answer<'_, Seq> {
        Box::pin(async move { self.get(&format!("/events/wait?after={seq}")).await })
    }
}
