//! Real axum handlers.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::get,
};
use coalesced::{Group, coalesce};
use serde::{Deserialize, Serialize};
use tower::ServiceExt as _;

#[derive(Clone, Default)]
struct App {
    users: Group<(u64, u32), Json<User>>,
}

#[derive(Clone, Serialize)]
struct User {
    id: u64,
    page: u32,
}

#[derive(Deserialize)]
struct Page {
    page: u32,
}

#[coalesce(skip(_app))]
async fn hidden(
    State(_app): State<App>,
    Path(id): Path<u64>,
    Query(Page { page }): Query<Page>,
) -> Json<User> {
    Json(User { id, page })
}

#[coalesce(group = app.users)]
async fn owned(
    State(app): State<App>,
    Path(id): Path<u64>,
    Query(Page { page }): Query<Page>,
) -> Json<User> {
    drop(app);
    Json(User { id, page })
}

#[tokio::test]
async fn axum() {
    let app = Router::new()
        .route("/hidden/{id}", get(hidden))
        .route("/owned/{id}", get(owned))
        .with_state(App::default());
    for path in ["/hidden/7?page=3", "/owned/7?page=3"] {
        let request = axum::http::Request::get(path)
            .body(axum::body::Body::empty())
            .unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), 1_000)
            .await
            .unwrap();
        assert_eq!(&body[..], br#"{"id":7,"page":3}"#);
    }
}
