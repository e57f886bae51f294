//! A layer in axum, which clones it and applies it for each connection, or each request.

use crate::support::Gate;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    handler::Handler,
    http::header::CACHE_CONTROL,
    routing::get,
};
use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
use std::sync::Arc;
use tower::ServiceExt;

/// Says this, when the gate is open.
fn says(what: &'static str, gate: &Arc<Gate>) -> impl Handler<((),), ()> {
    let gate = Arc::clone(gate);
    move || async move {
        gate.pass().await;
        ([(CACHE_CONTROL, "public")], what)
    }
}

async fn ask(router: Router, request: http::request::Builder) -> String {
    let request = request.body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let bytes = to_bytes(response.into_body(), 100).await.unwrap();
    String::from_utf8(bytes.into()).unwrap()
}

#[tokio::test]
async fn a_layer_of_a_router_or_a_handler_is_one_although_it_is_applied_for_each_request() {
    for on_handler in [false, true] {
        let (group, gate) = (HttpGroup::new(), Gate::closed());
        let layer = HttpCoalesceLayer::new().group(&group);
        let router = if on_handler {
            Router::new().route("/", get(says("hello", &gate).layer(layer)))
        } else {
            Router::new()
                .route("/", get(says("hello", &gate)))
                .layer(layer)
        };
        let requests: Vec<_> = (0..10)
            .map(|_| tokio::spawn(ask(router.clone(), Request::get("/"))))
            .collect();
        group.waiting(9).await;
        gate.open();
        for request in requests {
            assert_eq!(request.await.unwrap(), "hello");
        }
        assert_eq!(gate.bodies_started(), 1, "on a handler: {on_handler}");
    }
}

/// Both see `GET /7`: axum takes the prefix away.
#[tokio::test]
async fn nested_routers_with_clones_of_a_layer_do_not_share() {
    let (group, gate) = (HttpGroup::new(), Gate::closed());
    let layer = HttpCoalesceLayer::new().group(&group);
    let nested = |what| {
        let router = Router::new().route("/{id}", get(says(what, &gate)));
        router.layer(layer.clone())
    };
    let router = Router::new()
        .nest("/users", nested("a user"))
        .nest("/orders", nested("an order"));
    let uris = ["/users/7", "/orders/7", "/users/7", "/orders/7"];
    let requests = uris.map(|uri| tokio::spawn(ask(router.clone(), Request::get(uri))));
    group.waiting(2).await;
    gate.open();
    let mut texts = Vec::new();
    for request in requests {
        texts.push(request.await.unwrap());
    }
    assert_eq!(texts, ["a user", "an order", "a user", "an order"]);
    assert_eq!(gate.bodies_started(), 2);
}

/// Two services behind one address, with layers that are made in the same way.
#[tokio::test]
async fn services_that_a_header_chooses_between_do_not_share() {
    let gate = Gate::closed();
    let service = |what| {
        let router = Router::new().route("/", get(says(what, &gate)));
        let layer = HttpCoalesceLayer::new().group(&HttpGroup::new());
        router.layer(layer)
    };
    let [old, new] = [service("old"), service("new")];
    let router = Router::new().fallback(move |request: Request| async move {
        let is_new = request.headers().contains_key("x-new");
        let chosen = if is_new { new } else { old };
        chosen.oneshot(request).await
    });
    let builders = [Request::get("/"), Request::get("/").header("x-new", "1")];
    let requests = builders.map(|builder| tokio::spawn(ask(router.clone(), builder)));
    while gate.bodies_active() < 2 {
        tokio::task::yield_now().await;
    }
    gate.open();
    let [old, new] = requests;
    assert_eq!(
        (old.await.unwrap(), new.await.unwrap()),
        ("old".into(), "new".into())
    );
}
