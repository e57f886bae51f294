//! One answer for all who ask at the same time, and what they get of it.

use crate::support::origin::{Origin, answer, get, gets, marked, public, request, text, turns};
use axum::body::Body;
use coalesced::{
    Config,
    tower::{HttpCoalesceLayer, http::HttpGroup},
};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};
use tokio_test::{assert_pending, task};
use tower::{Layer, Service, limit::ConcurrencyLimitLayer};

#[tokio::test]
async fn a_hundred_requests_are_answered_once() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let requests = (0..100).map(|_| request(get()));
    let (responses, answers) = scene.ask_together(requests).await;
    assert_eq!(answers, 1);
    for response in responses {
        assert_eq!(text(response), "hello");
    }
    let stats = scene.service.group().stats();
    assert_eq!((stats.led, stats.followed), (1, 99));
}

/// A response with everything, and the extensions `&str` and `u8`.
fn everything(_: &Request<Body>) -> Response<Body> {
    let trailers = [("x-sum".parse().unwrap(), HeaderValue::from_static("42"))];
    let body =
        Full::from("hello").with_trailers(async move { Some(Ok(trailers.into_iter().collect())) });
    Response::builder()
        .status(StatusCode::NOT_FOUND)
        .version(Version::HTTP_2)
        .header("cache-control", "s-maxage=60")
        .header("x-several", "one")
        .header("x-several", "two")
        .header("connection", "close, x-hop")
        .header("keep-alive", "timeout=5")
        .header("x-hop", "1")
        .header("x-request-id", "1")
        .header("traceparent", "1")
        .header("x-mine", "1")
        .extension("an extension")
        .extension(7_u8)
        .body(Body::new(body))
        .unwrap()
}

#[tokio::test]
async fn each_gets_the_same_status_headers_and_trailers() {
    let mut scene = Origin::new(everything).coalesced();
    let (responses, answers) = scene.ask_together(gets::<3>()).await;
    assert_eq!(answers, 1);
    for response in responses {
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let several: Vec<_> = response.headers().get_all("x-several").iter().collect();
        assert_eq!(several, ["one", "two"]);
        let collected = response.into_body().collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["x-sum"], "42");
        assert_eq!(collected.to_bytes(), "hello");
    }
}

#[tokio::test]
async fn what_is_said_to_one_connection_or_request_is_not_given_to_another() {
    let mut scene = Origin::new(everything).coalesced();
    let (responses, answers) = scene.ask_together(gets::<2>()).await;
    assert_eq!(answers, 1);
    let has = |response: &Response<_>, name: &str| response.headers().contains_key(name);
    let names = [
        "connection",
        "keep-alive",
        "x-hop",
        "x-request-id",
        "traceparent",
    ];
    for name in names {
        let had = [has(&responses[0], name), has(&responses[1], name)];
        assert_eq!(had, [true, false], "{name}");
    }
    assert!(has(&responses[1], "x-mine"));
    assert_eq!(responses[0].version(), Version::HTTP_2);
    assert_eq!(responses[1].version(), Version::default());

    let layer = HttpCoalesceLayer::new().own_headers(["x-mine"]);
    let mut scene = Origin::new(everything).below(layer);
    let (responses, _) = scene.ask_together(gets::<2>()).await;
    assert!(has(&responses[0], "x-mine") && !has(&responses[1], "x-mine"));
    assert!(has(&responses[1], "x-request-id"));
}

/// A layer outside made a `Set-Cookie` of the first client's extension.
#[tokio::test]
async fn extensions_are_their_own_clients_unless_they_are_named() {
    let mut scene = Origin::new(everything).coalesced();
    let (responses, _) = scene.ask_together(gets::<2>()).await;
    assert_eq!(responses[0].extensions().len(), 2);
    assert_eq!(responses[1].extensions().len(), 0);

    let layer = HttpCoalesceLayer::new().share_extension::<u8>();
    let mut scene = Origin::new(everything).below(layer.share_extension::<u16>());
    let (responses, _) = scene.ask_together(gets::<3>()).await;
    assert_eq!(responses[0].extensions().len(), 2);
    for response in &responses[1..] {
        assert_eq!(response.extensions().len(), 1);
        assert_eq!(response.extensions().get(), Some(&7_u8));
    }
}

#[tokio::test]
async fn a_request_after_the_response_is_answered_anew() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    for _ in 0..3 {
        let (_, answers) = scene.ask_together([request(get())]).await;
        assert_eq!(answers, 1);
    }
}

/// The headers' value, or `nobody`.
fn tenant(request: &Request<Body>) -> Response<Body> {
    let tenant = request.headers().get("x-tenant");
    let tenant = tenant.map_or("nobody", |it| it.to_str().unwrap());
    public(tenant.to_owned())
}

#[tokio::test]
async fn a_key_of_ones_own_tells_requests_apart() {
    let of_header = || HttpCoalesceLayer::new().key_header("x-tenant");
    let by_function = || {
        let key = |request: &Request<Body>| request.headers().get("x-tenant").cloned();
        HttpCoalesceLayer::new().key(key)
    };
    let tenants = ["a", "b", "a", "b"];
    let ask = || {
        let known = tenants.map(|tenant| request(get().header("x-tenant", tenant)));
        known.into_iter().chain(gets::<2>())
    };
    let mut one = Origin::new(tenant).below(of_header());
    let mut other = Origin::new(tenant).below(by_function());
    for (responses, answers) in [
        one.ask_together(ask()).await,
        other.ask_together(ask()).await,
    ] {
        assert_eq!(answers, 3);
        let texts: Vec<_> = responses.into_iter().map(text).collect();
        assert_eq!(texts, ["a", "b", "a", "b", "nobody", "nobody"]);
    }
}

/// Tenants whose hashes are equal.
#[derive(Clone, PartialEq, Eq)]
struct Tenant(Option<HeaderValue>);

impl Hash for Tenant {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[tokio::test]
async fn keys_with_equal_hashes_are_told_apart() {
    let key = |request: &Request<Body>| Tenant(request.headers().get("x-tenant").cloned());
    let mut scene = Origin::new(tenant).below(HttpCoalesceLayer::new().key(key));
    let tenants = ["a", "b", "a", "b"];
    let asked = tenants.map(|tenant| request(get().header("x-tenant", tenant)));
    let (responses, answers) = scene.ask_together(asked).await;
    assert_eq!(answers, 2);
    let texts: Vec<_> = responses.into_iter().map(text).collect();
    assert_eq!(texts, tenants);
}

#[tokio::test]
async fn what_is_bypassed_runs_by_itself() {
    let layer = HttpCoalesceLayer::new().bypass(|request: &Request<Body>| request.uri() == "/");
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    assert_eq!(scene.ask_together(gets::<3>()).await.1, 3);
    let others = [(); 3].map(|()| request(Request::get("/other")));
    assert_eq!(scene.ask_together(others).await.1, 1);
}

#[tokio::test]
async fn each_service_of_a_layer_has_fetches_of_its_own() {
    let layer = HttpCoalesceLayer::new();
    let [mut one, mut other] =
        ["one", "other"].map(|text| Origin::new(move |_| public(text)).below(&layer));
    let [mut first] = one.pending(gets());
    let (responses, _) = other.ask_together(gets::<2>()).await;
    assert_eq!(
        responses.into_iter().map(text).collect::<Vec<_>>(),
        ["other", "other"]
    );
    one.gate.open();
    assert_eq!(text(answer(&mut first).await.unwrap()), "one");
}

#[tokio::test]
async fn with_a_group_all_services_of_a_layer_and_of_its_clones_share() {
    let group = HttpGroup::new();
    let layer = HttpCoalesceLayer::new().group(&group);
    let origin = Origin::new(|_| public("hello"));
    let gate = Arc::clone(&origin.gate);
    // As axum does where it applies a layer for each request.
    let mut requests: Vec<_> = (0..10)
        .map(|_| task::spawn(layer.clone().layer(origin.clone()).call(request(get()))))
        .collect();
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    turns().await;
    assert_eq!(gate.bodies_active(), 1);
    assert_eq!(group.stats().followed, 9);
}

#[tokio::test]
async fn those_who_wait_take_no_permits() {
    let layer = (HttpCoalesceLayer::new(), ConcurrencyLimitLayer::new(2));
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let uris = ["/one", "/one", "/one", "/two"];
    let _requests = scene.pending(uris.map(|uri| request(Request::get(uri))));
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 2);
}

#[tokio::test]
async fn limits_hold_and_groups_are_named() {
    let layer = HttpCoalesceLayer::new()
        .named("news")
        .with_config(Config::new().max_followers(1));
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let (_, answers) = scene.ask_together(gets::<4>()).await;
    assert_eq!(answers, 2);
    assert_eq!(scene.service.group().name(), "news");
    let news = coalesced::groups()
        .into_iter()
        .find(|group| group.name() == "news")
        .unwrap();
    news.set_config(Config::disabled());
    let (_, answers) = scene.ask_together(gets::<4>()).await;
    assert_eq!(answers, 4, "a kill switch");
    let (responses, _) = scene.ask_together([request(get())]).await;
    assert_eq!(format!("{:?}", responses[0].body()), "its own");
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_long_enough_opens_one_newer_fetch_with_the_others() {
    let config = Config::new().max_wait(Duration::from_secs(1));
    let layer = HttpCoalesceLayer::new().with_config(config);
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let mut requests = scene.pending(gets::<20>());
    turns().await;
    tokio::time::advance(Duration::from_millis(1_001)).await;
    for request in &mut requests[1..] {
        assert!(request.is_woken());
        assert_pending!(request.poll());
    }
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 2, "one newer for all");
    tokio::time::advance(Duration::from_secs(10)).await;
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 2, "once for a call");
    scene.gate.open();
    for request in &mut requests {
        assert_eq!(text(answer(request).await.unwrap()), "hello");
    }
}

#[tokio::test]
async fn what_is_forgotten_is_not_joined_by_newcomers() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let [mut before] = scene.pending(gets());
    turns().await;
    scene.service.group().forget_all();
    let [mut after] = scene.pending(gets());
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 2);
    scene.gate.open();
    assert!(answer(&mut before).await.is_ok() && answer(&mut after).await.is_ok());
}

#[tokio::test]
async fn one_key_is_forgotten_and_no_other() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let uris = ["/one", "/other"].map(|uri| request(Request::get(uri)));
    let mut before = scene.pending(uris);
    let group = scene.service.group().clone();
    for flight in group.flights() {
        if format!("{:?}", flight.key).contains("/one") {
            assert!(group.forget(&flight.key));
        }
    }
    let uris = ["/one", "/other"].map(|uri| request(Request::get(uri)));
    let mut after = scene.pending(uris);
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 3);
    scene.gate.open();
    for client in before.iter_mut().chain(&mut after) {
        assert_eq!(text(answer(client).await.unwrap()), "hello");
    }
}

/// It was told after a clone had made a service.
#[tokio::test]
async fn a_layer_that_is_told_more_differs_from_its_clones() {
    let unmarked = |_: &Request<Body>| Response::new(Body::from("hello"));
    let layer = HttpCoalesceLayer::new().group(&HttpGroup::new());
    let mut before = Origin::new(unmarked).below(layer.clone());
    assert_eq!(before.ask_together(gets::<3>()).await.1, 3);
    let told = layer.clone().share_unmarked();
    let mut after = Origin::new(unmarked).below(told);
    assert_eq!(after.ask_together(gets::<3>()).await.1, 1);
    let bypassing = layer.bypass(|_: &Request<Body>| true);
    let mut after = Origin::new(|_| public("hello")).below(bypassing);
    assert_eq!(after.ask_together(gets::<3>()).await.1, 3);
}

#[tokio::test]
async fn unmarked_responses_are_shared_where_the_layer_is_told_so() {
    let share = || HttpCoalesceLayer::new().share_unmarked();
    let unmarked = |_: &Request<Body>| Response::new(Body::from("hello"));
    let mut scene = Origin::new(unmarked).below(share());
    assert_eq!(scene.ask_together(gets::<4>()).await.1, 1);
    let mut scene = Origin::new(|_| marked("max-age=60", "hello")).below(share());
    assert_eq!(scene.ask_together(gets::<4>()).await.1, 1);
    let mut scene = Origin::new(unmarked).coalesced();
    assert_eq!(scene.ask_together(gets::<4>()).await.1, 4);
}
