//! Which responses are given to others, and what becomes of those who waited for one that is not.

use crate::support::{
    origin::{Origin, get, gets, public, request},
    settle,
};
use axum::body::Body;
use coalesced::tower::HttpCoalesceLayer;
use http::{Request, Response, StatusCode, header};
use std::time::Duration;
use tokio_test::{assert_pending, assert_ready};

fn with(headers: &[(&str, &[u8])]) -> Response<Body> {
    let mut builder = Response::builder();
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from("hello")).unwrap()
}

/// Whether such a response is shared, by default and where unmarked ones are.
fn shared(answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static) -> (bool, bool) {
    let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ());
    let by = |layer: HttpCoalesceLayer<_, _>| {
        let answer = answer.clone();
        let mut scene = Origin::new(move |_| answer()).below(layer);
        let (_, answers) = scene.ask_together(gets::<3>());
        assert!(answers == 1 || answers == 3);
        answers == 1
    };
    (by(layer.clone()), by(layer.share_unmarked()))
}

#[test]
fn as_cache_control_says() {
    let always = (true, true);
    let if_told = (false, true);
    let never = (false, false);
    for (value, expected) in [
        ("public", always),
        ("Public", always),
        ("s-maxage=60", always),
        ("S-MaxAge=60", always),
        ("s-maxage=\"60\"", always),
        ("max-age=0, public", always),
        ("public, max-age=60, must-revalidate", always),
        ("no-transform , public", always),
        ("ext=\"private, no-store\", public", always),
        ("", if_told),
        ("max-age=60", if_told),
        ("must-revalidate", if_told),
        ("publicity", if_told),
        ("ext=\"public\"", if_told),
        ("x-public=public", if_told),
        ("private", never),
        ("PRIVATE", never),
        ("public, private", never),
        ("private, public", never),
        ("private=\"x-user\", public", never),
        ("private=x, public", never),
        ("public,private", never),
        ("public\t, private", never),
        ("no-store, s-maxage=60", never),
        ("public, no-cache", never),
        ("public, no-cache=\"set-cookie\"", never),
        ("s-maxage=0", never),
        ("s-maxage=0, public", never),
        ("s-maxage=60, s-maxage=0", never),
        ("s-maxage=soon, public", never),
        ("s-maxage", never),
        ("s-maxage=-1", never),
        ("public, max-age=0, must-revalidate", never),
        ("public, proxy-revalidate, max-age=0", never),
    ] {
        let found = shared(move || with(&[("cache-control", value.as_bytes())]));
        assert_eq!(found, expected, "{value}");
    }
    // On several lines, and unreadable.
    let found = shared(|| with(&[("cache-control", b"public"), ("cache-control", b"private")]));
    assert_eq!(found, never);
    let found = shared(|| with(&[("cache-control", b"public"), ("cache-control", b"\xff")]));
    assert_eq!(found, never);
    // An unfinished quotation swallows what follows: it permits nothing.
    let found = shared(|| with(&[("cache-control", b"ext=\"a, public")]));
    assert_eq!(found, if_told);
}

#[test]
fn as_other_headers_say() {
    let always = (true, true);
    let never = (false, false);
    let public = ("cache-control", &b"public"[..]);
    for (name, value, expected) in [
        ("set-cookie", "session=1", never),
        ("vary", "accept-encoding", never),
        ("vary", "Host, Accept-Language", never),
        ("vary", "*", never),
        ("vary", "host", always),
        ("vary", "", always),
        ("content-type", "text/event-stream; charset=utf-8", never),
        ("content-type", "Text/Event-Stream", never),
        (
            "content-type",
            "multipart/x-mixed-replace;boundary=a",
            never,
        ),
        ("content-type", "text/html", always),
        ("x-accel-buffering", "no", never),
        ("x-accel-buffering", "yes", always),
        ("etag", "\"a\"", always),
        ("connection", "close", always),
    ] {
        let found = shared(move || with(&[public, (name, value.as_bytes())]));
        assert_eq!(found, expected, "{name}: {value}");
    }
    let found = shared(|| with(&[("cache-control", b"public"), ("vary", b"\xff")]));
    assert_eq!(found, never);
}

#[test]
fn as_the_status_says() {
    for (status, expected) in [
        (StatusCode::OK, (true, true)),
        (StatusCode::NOT_FOUND, (true, true)),
        (StatusCode::INTERNAL_SERVER_ERROR, (true, true)),
        (StatusCode::SWITCHING_PROTOCOLS, (false, false)),
    ] {
        let found = shared(move || {
            let mut response = public("hello");
            *response.status_mut() = status;
            response
        });
        assert_eq!(found, expected, "{status}");
    }
    for (status, expected) in [
        (StatusCode::SERVICE_UNAVAILABLE, (false, true)),
        (StatusCode::FOUND, (false, true)),
        (StatusCode::UNAUTHORIZED, (false, false)),
        (StatusCode::FORBIDDEN, (false, false)),
        (StatusCode::TOO_MANY_REQUESTS, (false, false)),
        (StatusCode::MISDIRECTED_REQUEST, (false, false)),
    ] {
        let found = shared(move || {
            let mut response = with(&[]);
            *response.status_mut() = status;
            response
        });
        assert_eq!(found, expected, "{status}, unmarked");
    }
}

#[test]
fn what_a_response_varies_by_may_be_in_the_key() {
    let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ()).key_header(header::ACCEPT_LANGUAGE);
    let answer = |request: &Request<Body>| {
        let mut response = public(
            request.headers()["accept-language"]
                .to_str()
                .unwrap()
                .to_owned(),
        );
        response
            .headers_mut()
            .insert("vary", "Accept-Language".parse().unwrap());
        response
    };
    let mut scene = Origin::new(answer).below(layer);
    let languages = ["en", "de", "en", "de"];
    let requests = languages.map(|it| request(get().header("accept-language", it)));
    let (responses, answers) = scene.ask_together(requests);
    assert_eq!(answers, 2);
    let texts: Vec<_> = responses
        .into_iter()
        .map(crate::support::origin::text)
        .collect();
    assert_eq!(texts, languages);
}

#[test]
fn those_who_waited_for_nothing_run_all_at_once() {
    let origin = Origin::new(|_| Response::new(Body::from("mine")));
    let mut scene = origin.coalesced();
    let [mut leader, mut followers @ ..] = scene.pending(gets::<11>());
    scene.gate.open();
    assert!(assert_ready!(leader.poll()).is_ok());
    scene.gate.close();
    for follower in &mut followers {
        assert!(follower.is_woken());
        assert_pending!(settle(follower));
    }
    assert_eq!(scene.gate.bodies_active(), 10);
    assert_eq!(scene.service.group().in_flight(), 0);
    scene.gate.open();
    for follower in &mut followers {
        assert!(assert_ready!(settle(follower)).is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_could_not_be_shared_is_left_alone_for_a_while() {
    let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ()).remember_for(Duration::from_secs(5));
    let mut scene = Origin::new(|_| Response::new(Body::from("mine"))).below(layer);
    scene.ask_together([request(get())]);
    let stats = || scene.service.group().stats();
    assert_eq!((stats().led, stats().alone), (1, 0));

    let mut scene = scene.clone();
    scene.ask_together(gets::<3>());
    let stats = || scene.service.group().stats();
    assert_eq!(
        (stats().led, stats().followed, stats().alone),
        (1, 0, 3),
        "nobody waits"
    );
    let mut other = scene.clone();
    other.ask_together([request(Request::get("/other"))]);
    assert_eq!(stats().led, 2, "another key is not concerned");

    tokio::time::advance(Duration::from_secs(6)).await;
    let mut later = scene.clone();
    later.ask_together(gets::<3>());
    assert_eq!(
        (stats().led, stats().followed),
        (3, 2),
        "after a while they try again"
    );
}

#[test]
fn thousands_of_keys_that_could_not_be_shared_take_no_more_room() {
    // And what is forgotten on the way is tried again, nothing else.
    let mut scene = Origin::new(|request| {
        if request.uri().path() == "/shared" {
            public("ours")
        } else {
            Response::new(Body::from("mine"))
        }
    })
    .coalesced();
    for key in 0..5_000 {
        scene.ask_together([request(Request::get(format!("/{key}")))]);
    }
    let requests = [(); 3].map(|()| request(Request::get("/shared")));
    let (_, answers) = scene.ask_together(requests);
    assert_eq!(answers, 1);
    assert_eq!(scene.service.group().in_flight(), 0);
}
