//! The page at `/`: a few files, which ask nobody but this service.

use axum::{
    Router,
    http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    response::IntoResponse,
    routing::{MethodRouter, get},
};

fn file(kind: &'static str, text: &'static str) -> MethodRouter {
    let headers = [
        (CONTENT_TYPE, kind),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
             frame-ancestors 'none'; base-uri 'none'",
        ),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    get(async move || (headers, text).into_response())
}

pub(crate) fn routes() -> Router {
    let (html, css, script) = (
        "text/html; charset=utf-8",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
    );
    Router::new()
        .route("/", file(html, include_str!("page/page.html")))
        .route("/page.css", file(css, include_str!("page/page.css")))
        .route("/chart.js", file(script, include_str!("page/chart.js")))
        .route("/figures.js", file(script, include_str!("page/figures.js")))
        .route("/page.js", file(script, include_str!("page/page.js")))
}
