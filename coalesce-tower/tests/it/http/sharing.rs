//! One answer for all who ask at the same time, and what they get of it.

use crate::support::origin::{Origin, get, gets, marked, public, request, text};
use axum::body::Body;
use coalesced::{Config, tower::HttpCoalesceLayer};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use std::sync::Arc;
use tokio_test::{assert_pending, assert_ready, task};
use tower::{Layer, Service, limit::ConcurrencyLimitLayer};

#[test]
fn a_hundred_requests_are_answered_once() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let requests = (0..100).map(|_| request(get()));
    let (responses, answers) = scene.ask_together(requests);
    assert_eq!(answers, 1);
    for response in responses {
        assert_eq!(text(response), "hello");
    }
    let stats = scene.service.group().stats();
    assert_eq!((stats.led, stats.followed), (1, 99));
}

#[test]
fn each_gets_the_same_status_headers_extensions_and_trailers() {
    let trailers: HeaderMap = [("x-sum".parse().unwrap(), HeaderValue::from_static("42"))]
        .into_iter()
        .collect();
    let answer = {
        let trailers = trailers.clone();
        move |_: &Request<Body>| {
            let trailers = trailers.clone();
            let body = Full::from("hello").with_trailers(async move { Some(Ok(trailers)) });
            Response::builder()
                .status(StatusCode::IM_A_TEAPOT)
                .version(Version::HTTP_2)
                .header("cache-control", "s-maxage=60")
                .header("x-several", "one")
                .header("x-several", "two")
                .extension("an extension")
                .body(Body::new(body))
                .unwrap()
        }
    };
    let mut scene = Origin::new(answer).coalesced();
    let (responses, answers) = scene.ask_together(gets::<3>());
    assert_eq!(answers, 1);
    for response in responses {
        assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
        assert_eq!(response.version(), Version::HTTP_2);
        let several: Vec<_> = response.headers().get_all("x-several").iter().collect();
        assert_eq!(several, ["one", "two"]);
        assert_eq!(response.extensions().get::<&str>(), Some(&"an extension"));
        let collected = futures::executor::block_on(response.into_body().collect()).unwrap();
        assert_eq!(collected.trailers(), Some(&trailers));
        assert_eq!(collected.to_bytes(), "hello");
    }
}

#[test]
fn what_is_said_to_one_connection_is_not_given_to_another() {
    let answer = |_: &Request<Body>| {
        let mut response = public("hello");
        for (name, value) in [
            ("connection", "close, x-hop"),
            ("keep-alive", "timeout=5"),
            ("x-hop", "1"),
            ("x-kept", "1"),
        ] {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    };
    let mut scene = Origin::new(answer).coalesced();
    let (responses, answers) = scene.ask_together(gets::<2>());
    assert_eq!(answers, 1);
    let has = |response: &Response<_>| {
        ["connection", "keep-alive", "x-hop", "x-kept"]
            .map(|name| response.headers().contains_key(name))
    };
    assert_eq!(has(&responses[0]), [true, true, true, true]);
    assert_eq!(has(&responses[1]), [false, false, false, true]);
}

#[test]
fn a_request_after_the_response_is_answered_anew() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    for _ in 0..3 {
        let (_, answers) = scene.ask_together([request(get())]);
        assert_eq!(answers, 1);
    }
}

#[test]
fn a_key_of_ones_own_tells_requests_apart() {
    let layer = HttpCoalesceLayer::optional(|request: &Request<Body>| {
        let tenant = request.headers().get("x-tenant")?;
        Some(tenant.clone())
    });
    let answer = |request: &Request<Body>| {
        let tenant = request.headers().get("x-tenant");
        public(
            tenant
                .map_or("nobody", |it| it.to_str().unwrap())
                .to_owned(),
        )
    };
    let mut scene = Origin::new(answer).below(layer);
    let tenants = ["a", "b", "a", "b"];
    let requests = tenants.map(|tenant| request(get().header("x-tenant", tenant)));
    let (responses, answers) = scene.ask_together(requests);
    assert_eq!(answers, 2);
    let texts: Vec<_> = responses.into_iter().map(text).collect();
    assert_eq!(texts, tenants);
    let (_, answers) = scene.ask_together(gets::<2>());
    assert_eq!(answers, 2, "without a key they are left alone");
}

#[test]
fn the_services_of_a_layer_and_of_its_clones_share() {
    let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ()).named("shared");
    let origin = Origin::new(|_| public("hello"));
    let gate = Arc::clone(&origin.gate);
    // As axum does where it applies a layer for each request.
    let mut requests: Vec<_> = (0..10)
        .map(|_| task::spawn(layer.clone().layer(origin.clone()).call(request(get()))))
        .collect();
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    assert_eq!(gate.bodies_active(), 1);

    // A layer that is told something else shares nothing with what it was.
    let mut other = layer.share_unmarked().layer(origin);
    let mut apart = task::spawn(other.call(request(get())));
    assert_pending!(apart.poll());
    assert_eq!(gate.bodies_active(), 2);
}

#[test]
fn services_of_different_types_never_share() {
    let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ());
    let mut one = Origin::new(|_| public("one")).below(layer.clone());
    let mut other = Origin::new(|_| public("other")).below(layer);
    let [mut leader] = one.pending(gets());
    let (responses, _) = other.ask_together([request(get())]);
    assert_eq!(
        responses.into_iter().map(text).collect::<Vec<_>>(),
        ["other"]
    );
    one.gate.open();
    assert_eq!(text(assert_ready!(leader.poll()).unwrap()), "one");
}

#[test]
fn those_who_wait_take_no_permits() {
    let layer = (
        HttpCoalesceLayer::new(|_: &Request<Body>| ()),
        ConcurrencyLimitLayer::new(2),
    );
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let uris = ["/one", "/one", "/one", "/two"];
    let _requests = scene.pending(uris.map(|uri| request(Request::get(uri))));
    assert_eq!(scene.gate.bodies_active(), 2);
}

#[test]
fn limits_hold_and_groups_are_named() {
    let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ())
        .named("news")
        .with_config(Config::new().max_followers(1));
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let (_, answers) = scene.ask_together(gets::<4>());
    assert_eq!(answers, 2);
    assert_eq!(scene.service.group().name(), "news");
    let news = coalesced::groups()
        .into_iter()
        .find(|group| group.name() == "news")
        .unwrap();
    news.set_config(Config::disabled());
    let (_, answers) = scene.ask_together(gets::<4>());
    assert_eq!(answers, 4, "a kill switch");
    let (responses, _) = scene.ask_together([request(get())]);
    assert_eq!(
        format!("{:?}", responses[0].body()),
        "streaming",
        "and nothing is collected"
    );
}

#[tokio::test]
async fn a_call_on_a_task_of_its_own_outlives_its_request() {
    let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ()).spawn();
    let origin = Origin::new(|_| public("hello"));
    let mut scene = origin.below(layer);
    let [leader, mut follower] = scene.pending(gets());
    tokio::task::yield_now().await;
    drop(leader);
    scene.gate.open();
    tokio::task::yield_now().await;
    assert_eq!(text(assert_ready!(follower.poll()).unwrap()), "hello");
    assert_eq!(scene.gate.bodies_started(), 1);

    // The owner of a task that shares with nobody gets its response, too.
    scene.gate.close();
    let [mut private] = scene.pending([request(get().header("cookie", "a=1"))]);
    scene.gate.open();
    tokio::task::yield_now().await;
    assert_eq!(text(assert_ready!(private.poll()).unwrap()), "hello");
}

#[test]
fn unmarked_responses_are_shared_where_the_layer_is_told_so() {
    let unmarked = |_: &Request<Body>| Response::new(Body::from("hello"));
    let share = HttpCoalesceLayer::new(|_: &Request<Body>| ()).share_unmarked();
    let mut scene = Origin::new(unmarked).below(share.clone());
    let (_, answers) = scene.ask_together(gets::<4>());
    assert_eq!(answers, 1);
    let mut scene = Origin::new(|_| marked("max-age=60", "hello")).below(share);
    let (_, answers) = scene.ask_together(gets::<4>());
    assert_eq!(answers, 1);
    let mut scene = Origin::new(unmarked).coalesced();
    let (_, answers) = scene.ask_together(gets::<4>());
    assert_eq!(answers, 4);
}
