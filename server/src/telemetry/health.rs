//! `/livez`: the process runs. `/readyz`: it can serve; which engines are there.
//! `/metrics`: numbers. None of them asks who is there.

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use http::{StatusCode, header};
use serde::Serialize;
use service::Services;
use tokio::time::timeout;

use super::Numbers;

/// How long an engine may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which engines are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Readiness {
    ready: bool,
    postgres: Engine,
    mongodb: Engine,
    kafka: Engine,
    s3: Engine,
}

/// One engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Engine {
    Up,
    Down,
}

/// The three addresses.
pub fn routes(services: Arc<Services>, numbers: Arc<Numbers>) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready).with_state(services))
        .route("/metrics", get(metrics).with_state(numbers))
}

/// 200 as long as Postgres is there: without the others the site still sells.
async fn ready(State(services): State<Arc<Services>>) -> impl IntoResponse {
    let ports = &services.ports;
    let (postgres, mongodb, kafka, s3) = tokio::join!(
        is_up(services.db.ping()),
        is_up(ports.documents.ping()),
        is_up(ports.bus.ping()),
        is_up(ports.blobs.ping()),
    );
    let ready = postgres == Engine::Up;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(Readiness {
            ready,
            postgres,
            mongodb,
            kafka,
            s3,
        }),
    )
}

async fn is_up<E>(ping: impl Future<Output = Result<(), E>>) -> Engine {
    match timeout(PATIENCE, ping).await {
        Ok(Ok(())) => Engine::Up,
        Ok(Err(_)) | Err(_) => Engine::Down,
    }
}

async fn metrics(State(numbers): State<Arc<Numbers>>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        numbers.text(),
    )
}
