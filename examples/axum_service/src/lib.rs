//! The service: its routes, and serving them until it is told to stop.

#![allow(missing_docs, reason = "a program: who reads it has all of it")]

pub mod articles;
pub mod error;

use std::{future::Future, io, time::Duration};

use axum::extract::{Path, State};
use axum::{Json, Router, http::StatusCode, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{net::TcpListener, time::timeout};
use tower_http::{timeout::TimeoutLayer, trace::TraceLayer};

use crate::articles::{Article, Articles};
use crate::error::Error;

/// How long a request may take, and at the end whatever is still in flight.
const PATIENCE: Duration = Duration::from_secs(10);

async fn show(State(all): State<Articles>, Path(id): Path<i64>) -> Result<Json<Article>, Error> {
    all.get(id).await.map(Json)
}

async fn store(
    State(all): State<Articles>,
    Path(id): Path<i64>,
    Json(article): Json<Article>,
) -> Result<StatusCode, Error> {
    all.put(id, article).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Accepts connections until `stop`; then requests end, and flights whose requests have gone.
pub async fn serve(
    listener: TcpListener,
    articles: Articles,
    metrics: PrometheusHandle,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = Router::new()
        .route("/articles/{id}", get(show).put(store))
        .with_state(articles.clone())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            PATIENCE,
        ))
        .layer(TraceLayer::new_for_http())
        .route("/metrics", get(async move || metrics.render()));
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?;
    if timeout(PATIENCE, articles.close()).await.is_err() {
        tracing::warn!("stopped with queries in flight");
    }
    Ok(())
}
