//! The routes of `/api/v1`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::header;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use factory_app::error::{AppError, Code};
use factory_app::factory::{Factory, GateAnswer, Submission};
use factory_core::clock::Clock;
use factory_core::id::{IdError, Seq};
use serde::{Deserialize, Serialize};

use crate::problem::{Failure, PROBLEM, Problem};

/// Longest time that a request waits for events.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// Most events of one answer.
const EVENTS_MAX: usize = 1000;
/// Largest body of a request: some hundred blueprints.
const BODY_BYTES_MAX: usize = 16 << 20;

#[derive(Debug, Clone)]
struct Shared {
    factory: Arc<dyn Factory>,
    token: Arc<str>,
    clock: Arc<dyn Clock>,
}

/// The router over a factory; requests that change something need `token`.
pub(crate) fn router(factory: Arc<dyn Factory>, token: &str, clock: Arc<dyn Clock>) -> Router {
    let shared = Shared {
        factory,
        token: token.into(),
        clock,
    };
    let changing = Router::new()
        .route("/startups", post(submit))
        .route(
            "/startups/{slug}/product",
            post(start_product).delete(stop_product),
        )
        .route("/runs/{run_id}/cancel", post(cancel))
        .route("/gates/{gate_id}/decision", post(decide))
        .route_layer(middleware::from_fn_with_state(shared.clone(), needs_token));
    let reading = Router::new()
        .route("/startups", get(startups))
        .route("/startups/{slug}", get(startup))
        .route("/products", get(products))
        .route("/runs", get(runs))
        .route("/runs/{run_id}", get(run))
        .route("/runs/{run_id}/tasks/{task_id}/logs", get(task_logs))
        .route("/gates", get(gates))
        .route("/gates/{gate_id}", get(gate))
        .route("/events", get(events))
        .route("/events/head", get(head))
        .route("/events/wait", get(wait));
    Router::new()
        .nest("/api/v1", reading.merge(changing))
        .route("/livez", get(|| async { "ok" }))
        .fallback(|| async {
            Failure(AppError::new(
                Code::NoAddress,
                "there is nothing at this address",
            ))
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::map_response(as_problem))
        .with_state(shared)
}

/// What the router refuses by itself (no JSON, too large, wrong method) becomes a document like every other.
async fn as_problem(response: Response) -> Response {
    let (status, headers) = (response.status(), response.headers());
    let is_problem = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == PROBLEM);
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let allowed = headers.get(header::ALLOW).cloned();
    let text = axum::body::to_bytes(response.into_body(), BODY_BYTES_MAX).await;
    let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
    let detail = match text.trim() {
        "" => status
            .canonical_reason()
            .unwrap_or("refused")
            .to_lowercase(),
        text => text.to_owned(),
    };
    let mut answer = Problem::refused(status, detail).into_response();
    if let Some(allowed) = allowed {
        answer.headers_mut().insert(header::ALLOW, allowed);
    }
    answer
}

async fn needs_token(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let given = given
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    if !same(given.as_bytes(), shared.token.as_bytes()) {
        let error = AppError::new(Code::TokenMissing, "this needs the owner's token")
            .hint("it is in `.factory/owner.token`, which only the portfolio's owner can read");
        return Failure(error).into_response();
    }
    next.run(request).await
}

/// Compares in a time that does not depend on where two texts differ.
fn same(given: &[u8], token: &[u8]) -> bool {
    given.len() == token.len()
        && given
            .iter()
            .zip(token)
            .fold(0, |sum, (left, right)| sum | (left ^ right))
            == 0
}

type Reply<T> = Result<Json<T>, Failure>;

async fn reply<T: Serialize>(answer: impl Future<Output = Result<T, AppError>>) -> Reply<T> {
    Ok(Json(answer.await?))
}

/// A name in an address.
fn parsed<T: TryFrom<String, Error = IdError>>(text: String) -> Result<T, AppError> {
    Ok(T::try_from(text)?)
}

async fn submit(
    State(shared): State<Shared>,
    Json(submissions): Json<Vec<Submission>>,
) -> Response {
    reply(shared.factory.submit(submissions))
        .await
        .into_response()
}

async fn startups(State(shared): State<Shared>) -> Response {
    reply(shared.factory.startups()).await.into_response()
}

async fn startup(State(shared): State<Shared>, Path(slug): Path<String>) -> Response {
    reply(async { shared.factory.startup(&parsed(slug)?).await })
        .await
        .into_response()
}

async fn products(State(shared): State<Shared>) -> Response {
    reply(shared.factory.products()).await.into_response()
}

async fn start_product(State(shared): State<Shared>, Path(slug): Path<String>) -> Response {
    reply(async { shared.factory.start_product(&parsed(slug)?).await })
        .await
        .into_response()
}

async fn stop_product(State(shared): State<Shared>, Path(slug): Path<String>) -> Response {
    reply(async { shared.factory.stop_product(&parsed(slug)?).await })
        .await
        .into_response()
}

async fn runs(State(shared): State<Shared>) -> Response {
    reply(shared.factory.runs()).await.into_response()
}

async fn run(State(shared): State<Shared>, Path(run_id): Path<String>) -> Response {
    reply(async { shared.factory.run(&parsed(run_id)?).await })
        .await
        .into_response()
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    pub(crate) reason: String,
}

async fn cancel(
    State(shared): State<Shared>,
    Path(run_id): Path<String>,
    Json(why): Json<Reason>,
) -> Response {
    reply(async {
        shared
            .factory
            .cancel_run(&parsed(run_id)?, why.reason)
            .await
    })
    .await
    .into_response()
}

async fn task_logs(
    State(shared): State<Shared>,
    Path((run_id, task_id)): Path<(String, String)>,
) -> Response {
    reply(async {
        shared
            .factory
            .task_logs(&parsed(run_id)?, &parsed(task_id)?)
            .await
    })
    .await
    .into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    #[serde(default)]
    open: bool,
}

async fn gates(State(shared): State<Shared>, Query(which): Query<Open>) -> Response {
    reply(shared.factory.gates(which.open))
        .await
        .into_response()
}

async fn gate(State(shared): State<Shared>, Path(gate_id): Path<String>) -> Response {
    reply(async { shared.factory.gate(&parsed(gate_id)?).await })
        .await
        .into_response()
}

async fn decide(
    State(shared): State<Shared>,
    Path(gate_id): Path<String>,
    Json(answer): Json<GateAnswer>,
) -> Response {
    reply(async { shared.factory.decide(&parsed(gate_id)?, answer).await })
        .await
        .into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

async fn head(State(shared): State<Shared>) -> Response {
    reply(shared.factory.head()).await.into_response()
}

async fn events(State(shared): State<Shared>, Query(asked): Query<After>) -> Response {
    let limit = asked.limit.unwrap_or(EVENTS_MAX).min(EVENTS_MAX);
    reply(shared.factory.events(Seq(asked.after), limit))
        .await
        .into_response()
}

async fn wait(State(shared): State<Shared>, Query(asked): Query<After>) -> Response {
    let after = Seq(asked.after);
    let patience = shared.clock.now().plus(WAIT_MAX);
    let waited = async {
        tokio::select! {
            newest = shared.factory.wait(after) => newest,
            () = shared.clock.sleep_until(patience) => Ok(after),
        }
    };
    reply(waited).await.into_response()
}
