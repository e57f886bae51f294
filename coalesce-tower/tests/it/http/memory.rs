//! What is remembered of a key's responses: that they are not shared, and what they vary by.

use crate::support::origin::{Origin, answer, get, gets, marked, public, request, text, turns};
use axum::body::Body;
use coalesced::tower::HttpCoalesceLayer;
use futures::future::join_all;
use http::{Request, Response, StatusCode};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::Instant;
use tokio_test::assert_pending;
use tower::{Layer, Service, service_fn};

#[tokio::test]
async fn those_who_waited_for_nothing_run_all_at_once() {
    let origin = Origin::new(|_| Response::new(Body::from("mine")));
    let mut scene = origin.coalesced();
    let [mut leader, mut followers @ ..] = scene.pending(gets::<11>());
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 1);
    scene.gate.open();
    assert!(answer(&mut leader).await.is_ok());
    scene.gate.close();
    for follower in &mut followers {
        assert!(follower.is_woken());
        assert_pending!(follower.poll());
    }
    assert_eq!(scene.gate.bodies_active(), 10);
    assert_eq!(scene.service.group().in_flight(), 0);
    scene.gate.open();
    for follower in &mut followers {
        assert!(answer(follower).await.is_ok());
    }
}

/// Whoever looks first.
#[tokio::test]
async fn what_is_the_first_ones_own_is_its_alone() {
    let secret = |request: &Request<Body>| {
        let user = request.headers()["x-api-key"].to_str().unwrap().to_owned();
        marked("private", user)
    };
    let mut scene = Origin::new(secret).coalesced();
    let users = ["alice", "mallory", "bob"];
    let mut clients = scene.pending(users.map(|user| request(get().header("x-api-key", user))));
    scene.gate.open();
    turns().await;
    for index in [1, 0, 2] {
        let response = answer(&mut clients[index]).await.unwrap();
        assert_eq!(text(response), users[index]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_shared_is_left_alone_for_a_while() {
    let layer = HttpCoalesceLayer::new().remember_for(Duration::from_secs(5));
    let mut scene = Origin::new(|_| Response::new(Body::from("mine"))).below(layer);
    let group = scene.service.group().clone();
    let counts = || {
        let stats = group.stats();
        (stats.led, stats.followed, stats.alone)
    };
    scene.ask_together([request(get())]).await;
    assert_eq!(counts(), (1, 0, 0));

    scene.ask_together(gets::<3>()).await;
    assert_eq!(counts(), (1, 0, 3), "nobody waits");
    scene.ask_together([request(Request::get("/other"))]).await;
    assert_eq!(counts(), (2, 0, 3), "another key is not concerned");

    tokio::time::advance(Duration::from_secs(6)).await;
    scene.ask_together(gets::<3>()).await;
    assert_eq!(counts(), (3, 2, 3), "after a while they try again");
}

/// Every two minutes those who came together waited for one of them.
#[tokio::test(start_paused = true)]
async fn from_the_second_wave_on_nobody_waits_as_long_as_the_key_is_asked_for() {
    let mut scene = Origin::new(|_| Response::new(Body::from("mine"))).coalesced();
    let group = scene.service.group().clone();
    scene.ask_together(gets::<3>()).await;
    let stats = group.stats();
    assert_eq!((stats.led, stats.followed, stats.alone), (1, 2, 0));
    for wave in 1..=20 {
        tokio::time::advance(Duration::from_secs(59)).await;
        scene.gate.close();
        let mut wave_of = scene.pending(gets::<3>());
        assert_eq!(
            scene.gate.bodies_active(),
            3,
            "all are in the handler at once"
        );
        scene.gate.open();
        for request in &mut wave_of {
            assert!(answer(request).await.is_ok());
        }
        let stats = group.stats();
        assert_eq!((stats.led, stats.followed, stats.alone), (1, 2, 3 * wave));
    }
}

/// The head of the first one's response says that it is private, and it takes 200 ms.
#[tokio::test(start_paused = true)]
async fn those_who_come_first_wait_once_for_a_head_and_those_who_come_later_for_none() {
    let inner = service_fn(|_: Request<Body>| async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok::<_, Infallible>(marked("private", "mine"))
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    for expected in [[200, 400, 400], [200, 200, 200]] {
        let start = Instant::now();
        let times = gets::<3>().map(|request| {
            let response = service.call(request);
            async move {
                assert!(response.await.is_ok());
                start.elapsed().as_millis()
            }
        });
        assert_eq!(join_all(times).await, expected);
    }
}

/// What is looked at again may have become another.
#[tokio::test(start_paused = true)]
async fn a_response_that_comes_to_be_for_all_is_shared_after_a_while() {
    let is_public = Arc::<AtomicBool>::default();
    let answer = {
        let is_public = Arc::clone(&is_public);
        move |_: &Request<Body>| {
            let is_public = is_public.load(SeqCst);
            marked(if is_public { "public" } else { "private" }, "hello")
        }
    };
    let mut scene = Origin::new(answer).coalesced();
    scene.ask_together(gets::<3>()).await;
    is_public.store(true, SeqCst);
    let mut answers = Vec::new();
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(50)).await;
        answers.push(scene.ask_together(gets::<3>()).await.1);
    }
    assert_eq!(answers, [3, 3, 1]);
}

/// A response that varies is shared by the names that were learnt for as long as it is asked for.
#[tokio::test(start_paused = true)]
async fn what_was_learnt_is_remembered_as_long_as_it_is_so() {
    let mut scene = varying("accept-language", "vary: accept-language").coalesced();
    let ask = || ["en", "de", "en", "de"].map(|it| request(get().header("accept-language", it)));
    assert_eq!(scene.ask_together(ask()).await.1, 4);
    for _ in 0..5 {
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(scene.ask_together(ask()).await.1, 2);
    }
}

/// A table of 1,024 places forgot it.
#[tokio::test]
async fn ten_thousand_other_keys_do_not_wash_a_key_away() {
    let origin = Origin::new(|_| Response::new(Body::from("mine")));
    let mut scene = origin.coalesced();
    scene.ask_together([request(get())]).await;
    for other in 0..10_000 {
        let other = request(Request::get(format!("/{other}")));
        scene.ask_together([other]).await;
    }
    let before = scene.service.group().stats();
    let (_, answers) = scene.ask_together(gets::<3>()).await;
    assert_eq!(answers, 3);
    let stats = scene.service.group().stats();
    assert_eq!(stats.alone - before.alone, 3, "nobody waits");
}

#[tokio::test]
async fn a_refusal_of_one_client_leaves_the_key_shared() {
    let answer = |request: &Request<Body>| {
        if request.headers().contains_key("x-api-key") {
            return public("hello");
        }
        let mut response = public("who are you?");
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        response
    };
    let mut scene = Origin::new(answer).coalesced();
    for _ in 0..3 {
        scene.ask_together([request(get())]).await;
    }
    let known = [(); 3].map(|()| request(get().header("x-api-key", "a")));
    let (_, answers) = scene.ask_together(known).await;
    assert_eq!(answers, 1);
}

/// Answers in the language, or the encoding, that is asked for.
fn varying(
    by: &'static str,
    said: &'static str,
) -> Origin<impl Fn(&Request<Body>) -> Response<Body>> {
    Origin::new(move |request: &Request<Body>| {
        let asked = request.headers().get(by);
        let asked = asked.map_or("none", |it| it.to_str().unwrap());
        let mut response = public(asked.to_owned());
        let (name, value) = said.split_once(": ").unwrap();
        response.headers_mut().insert(name, value.parse().unwrap());
        response
    })
}

#[tokio::test]
async fn what_responses_vary_by_is_learnt() {
    for (by, said) in [
        ("accept-language", "vary: Accept-Language"),
        ("accept-encoding", "content-encoding: gzip"),
        ("origin", "access-control-allow-origin: https://a.example"),
        ("x-one", "vary: x-two, X-One"),
    ] {
        let mut scene = varying(by, said).coalesced();
        let asked = ["en", "de", "en", "de"];
        let ask = || asked.map(|it| request(get().header(by, it)));
        for expected in [4, 2, 2] {
            let (responses, answers) = scene.ask_together(ask()).await;
            let texts: Vec<_> = responses.into_iter().map(text).collect();
            assert_eq!(texts, asked, "{said}");
            assert_eq!(answers, expected, "{said}");
        }
        let (responses, answers) = scene.ask_together(gets::<2>()).await;
        let texts: Vec<_> = responses.into_iter().map(text).collect();
        assert_eq!((texts, answers), (vec!["none".into(); 2], 1), "{said}");
        // Another URL has not been learnt.
        let other = asked.map(|it| request(Request::get("/other").header(by, it)));
        assert_eq!(scene.ask_together(other).await.1, 4, "{said}");
    }
}

/// tower-http's `ServeDir` sends `Content-Encoding` and no `Vary`.
#[tokio::test]
async fn nobody_gets_an_encoding_that_it_has_not_asked_for() {
    let mut scene = varying("accept-encoding", "content-encoding: gzip").coalesced();
    for _ in 0..3 {
        let gzip = request(get().header("accept-encoding", "gzip"));
        let (responses, _) = scene
            .ask_together([gzip].into_iter().chain(gets::<3>()))
            .await;
        let texts: Vec<_> = responses.into_iter().map(text).collect();
        assert_eq!(texts, ["gzip", "none", "none", "none"]);
    }
}

#[tokio::test]
async fn what_varies_by_more_than_can_be_learnt_is_left_alone() {
    let names: Vec<_> = (0..9).map(|name| format!("x-{name}")).collect();
    let vary = names.join(", ");
    let mut scene = Origin::new(move |_| {
        let mut response = public("hello");
        response.headers_mut().insert("vary", vary.parse().unwrap());
        response
    })
    .coalesced();
    for _ in 0..2 {
        assert_eq!(scene.ask_together(gets::<3>()).await.1, 3);
    }
    assert_eq!(scene.service.group().stats().alone, 3);
}
