//! Features `tower`, `metrics` and `tracing`: why HTTP responses are not shared.

use crate::{metered::exposed, traced::Recording};
use axum::{
    body::Body,
    http::{Request, Response},
};
use coalesced::tower::HttpCoalesceLayer;
use futures::{FutureExt, future::join_all};
use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};
use tokio_test::{assert_pending, task};
use tower::{Layer, Service, service_fn};

/// Asks one after the other, for responses of which the path says what they are.
fn ask(requests: impl IntoIterator<Item = Request<Body>>) {
    let inner = service_fn(|request: Request<Body>| async move {
        let cache_control = match request.uri().path() {
            "/public" => "public",
            "/private" => "private",
            "/stale" => "public, max-age=0",
            "/malformed" => "public, a=",
            _ => "max-age=60",
        };
        let builder = Response::builder().header("cache-control", cache_control);
        Ok::<_, Infallible>(builder.body(Body::empty()).unwrap())
    });
    let mut service = HttpCoalesceLayer::new().named("news").layer(inner);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        for request in requests {
            service.call(request).await.unwrap();
        }
    });
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[test]
fn an_event_says_why_once_for_a_key() {
    let lines = Recording::of(|| {
        ask([
            "/private",
            "/private",
            "/stale",
            "/unmarked",
            "/public",
            "/unmarked",
        ]
        .map(get));
    });
    let events: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("reason="))
        .collect();
    assert_eq!(events.len(), 3, "{events:#?}");
    for (event, (path, reason)) in events.iter().zip([
        ("/private", "forbidden"),
        ("/stale", "stale"),
        ("/unmarked", "unmarked"),
    ]) {
        assert!(event.starts_with("DEBUG"), "{event}");
        assert!(event.contains(r#"function="news""#), "{event}");
        assert!(
            event.contains(&format!("path={path:?} reason={reason:?}")),
            "{event}"
        );
    }
}

#[test]
fn a_counter_counts_by_reason() {
    let samples = exposed(|| {
        let post = Request::post("/public").body(Body::empty()).unwrap();
        let known = Request::get("/public")
            .header("cookie", "a=b")
            .body(Body::empty())
            .unwrap();
        let paths = [
            "/private",
            "/private",
            "/private",
            "/stale",
            "/malformed",
            "/public",
        ];
        ask(paths.map(get).into_iter().chain([post, known]));
    });
    let led = r#"coalesced_calls_total{function="news",role="leader"} 4"#;
    assert!(samples.iter().any(|line| line == led), "{samples:#?}");
    let samples: Vec<_> = samples
        .iter()
        .filter(|line| line.starts_with("coalesced_not_shared"))
        .collect();
    let count = |reason, count| {
        format!(r#"coalesced_not_shared_total{{function="news",reason="{reason}"}} {count}"#)
    };
    assert_eq!(
        samples,
        [
            &count("credentials", 1),
            &count("forbidden", 1),
            &count("malformed", 1),
            &count("remembered", 2),
            &count("request", 1),
            &count("stale", 1),
        ]
    );
}

/// Of what was not shared with all these lines, as `reason: count`.
fn not_shared(samples: &[String]) -> Vec<String> {
    let counts = samples.iter().filter_map(|line| {
        line.strip_prefix(r#"coalesced_not_shared_total{function="news",reason=""#)
    });
    counts.map(|it| it.replace("\"} ", ": ")).collect()
}

/// Only the first one of those who asked together was.
#[test]
fn each_of_a_herd_that_ran_its_own_is_counted_by_why() {
    for (path, expected) in [
        ("/public", None),
        ("/private", Some("forbidden: 16")),
        ("/varying", Some("vary-learnt: 16")),
        ("/failing", Some("failed: 16")),
        ("/panicking", Some("panicked: 16")),
    ] {
        let armed: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(true)));
        let inner = service_fn(move |request: Request<Body>| async move {
            tokio::task::yield_now().await;
            let is_first = armed.swap(false, SeqCst);
            let builder = Response::builder();
            let builder = match request.uri().path() {
                "/private" => builder.header("cache-control", "private"),
                "/varying" => builder.header("vary", "x-api-key"),
                "/failing" => return Err("the disk is gone"),
                "/panicking" if is_first => panic!("the first"),
                _ => builder,
            };
            Ok(builder.body(Body::empty()).unwrap())
        });
        let layer = HttpCoalesceLayer::new().named("news").share_unmarked();
        let mut service = layer.layer(inner);
        let samples = exposed(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let herd = [(); 16].map(|()| AssertUnwindSafe(service.call(get(path))).catch_unwind());
            runtime.unwrap().block_on(join_all(herd));
        });
        assert_eq!(not_shared(&samples), expected.as_slice(), "{path}");
        let takeovers = if path == "/public" { 0 } else { 15 };
        let takeovers = format!(r#"coalesced_takeovers_total{{function="news"}} {takeovers}"#);
        assert!(samples.contains(&takeovers), "{path}: {samples:#?}");
    }
}

#[test]
fn those_whose_fetch_went_with_its_runtime_are_counted() {
    let inner = service_fn(|_: Request<Body>| async {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    let mut service = HttpCoalesceLayer::new().named("news").layer(inner);
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let samples = exposed(|| {
        let first = runtime();
        let [mut one, mut other] = [(); 2].map(|()| task::spawn(service.call(get("/"))));
        {
            let _in_it = first.enter();
            assert_pending!(one.poll());
            assert_pending!(other.poll());
        }
        drop(first);
        assert!(runtime().block_on(other).is_ok());
    });
    assert_eq!(not_shared(&samples), ["gone: 1"]);
}

/// Two routes of nested routers would share: the layer sees what is left of their URIs.
#[cfg(not(feature = "axum"))]
#[test]
fn a_layer_in_an_axum_router_warns_where_the_feature_is_off() {
    use axum::{Router, routing::get};
    use coalesced::tower::http::HttpGroup;

    let lines = Recording::of(|| {
        let layer = HttpCoalesceLayer::new().group(&HttpGroup::new().named("nested"));
        let routes = || {
            Router::new()
                .route("/a", get(|| async {}))
                .route("/b", get(|| async {}))
        };
        let nested = Router::new().nest("/one", routes().layer(layer.clone()));
        drop::<Router>(nested.nest("/other", routes().layer(layer)));
    });
    let warnings: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("`axum` is off"))
        .collect();
    assert_eq!(warnings.len(), 1, "{lines:#?}");
    assert!(warnings[0].starts_with("WARN"), "{}", warnings[0]);
}
