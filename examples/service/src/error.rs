//! What a caller is told when there is no answer.
//!
//! One execution may fail for many callers, so the error is `Clone`.

use std::sync::Arc;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

#[derive(Debug, Clone)]
pub(crate) enum Error {
    NotFound,
    Database(Arc<sqlx::Error>),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // Here, where one execution fails, and not for each caller that is told.
        tracing::error!("the database: {error}");
        Self::Database(Arc::new(error))
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such thing"),
            Self::Database(error) => error.fmt(f),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "there is no such thing"),
            // What the database says is for the log.
            Self::Database(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the database failed"),
        };
        (status, Json(Told { error })).into_response()
    }
}

#[derive(Debug, Serialize)]
struct Told {
    error: &'static str,
}
