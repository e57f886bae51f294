// Routers clone their layers.

use axum::{Router, routing::get};
use coalesced::tower::HttpCoalesceLayer;

fn main() {
    let _: Router = Router::new()
        .route("/report", get(|| async { "a slow report" }))
        .layer(HttpCoalesceLayer::new());
}
