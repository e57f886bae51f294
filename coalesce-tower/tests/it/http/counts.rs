//! What the group's numbers say of requests that waited for another's response and then ran their own.

use crate::support::{
    Gate,
    origin::{Origin, answer, get, gets, marked, public, request, text, turns},
    pending,
};
use axum::{BoxError, body::Body};
use coalesced::{Config, Role, Stats, observe, tower::HttpCoalesceLayer};
use http::{Request, Response, StatusCode};
use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::AtomicBool, atomic::Ordering::SeqCst},
    time::Duration,
};
use tokio_test::{assert_pending, assert_ready, task};
use tower::{Layer, Service, service_fn};

/// Of a herd of this many, in which nobody shared: each is one call, and ran one body.
#[track_caller]
fn assert_each_ran_its_own(stats: &Stats, herd: u64) {
    let calls = (stats.calls, stats.led, stats.followed, stats.alone);
    assert_eq!(calls, (herd, 1, herd - 1, 0), "{stats}");
    assert_eq!(stats.takeovers, herd - 1, "{stats}");
    assert_eq!(stats.bodies(), herd);
    assert!(stats.shared_ratio().abs() < f64::EPSILON);
    assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
}

#[tokio::test]
async fn sixteen_who_ask_first_for_what_is_not_shared_are_sixteen_bodies() {
    type Answers = fn(&Request<Body>) -> Response<Body>;
    let private = |_: &Request<Body>| marked("private", "mine");
    let varying = |_: &Request<Body>| {
        let mut response = public("in English");
        let by = "accept-language".parse().unwrap();
        response.headers_mut().insert("vary", by);
        response
    };
    let refused = |_: &Request<Body>| {
        let mut response = public("who are you?");
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        response
    };
    for origin in [private as Answers, varying, refused] {
        let mut scene = Origin::new(origin).coalesced();
        let (_, answers) = scene.ask_together(gets::<16>()).await;
        assert_eq!(answers, 16);
        assert_each_ran_its_own(&scene.service.group().stats(), 16);
    }
}

#[tokio::test]
async fn those_whose_response_is_shared_ran_nothing() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    scene.ask_together(gets::<16>()).await;
    let stats = scene.service.group().stats();
    assert_eq!((stats.calls, stats.takeovers, stats.bodies()), (16, 0, 1));
}

/// Those who tried once more were counted as other calls.
#[tokio::test]
async fn where_the_service_fails_each_is_one_call_and_one_body() {
    let gate = Gate::closed();
    let inner = service_fn({
        let gate = Arc::clone(&gate);
        move |_: Request<Body>| {
            let gate = Arc::clone(&gate);
            async move {
                gate.pass().await;
                Err::<Response<Body>, BoxError>("the disk is gone".into())
            }
        }
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    let clients = gets::<5>().map(|request| service.call(request));
    let mut all = task::spawn(futures::future::join_all(clients));
    assert_pending!(all.poll());
    gate.open();
    assert!(answer(&mut all).await.iter().all(Result::is_err));
    assert_eq!(gate.bodies_started(), 5);
    let stats = service.group().stats();
    assert_each_ran_its_own(&stats, 5);
    assert_eq!(stats.errors, 5);
}

#[tokio::test]
async fn where_the_handler_panics_the_others_are_bodies() {
    let armed = Arc::new(AtomicBool::new(true));
    let inner = service_fn(move |_: Request<Body>| {
        let armed = Arc::clone(&armed);
        async move {
            tokio::task::yield_now().await;
            assert!(!armed.swap(false, SeqCst), "the first");
            Ok::<_, Infallible>(public("hello"))
        }
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    let [mut first, mut second, mut third] = pending(&mut service, gets());
    turns().await;
    assert!(catch_unwind(AssertUnwindSafe(|| first.poll())).is_err());
    for client in [&mut second, &mut third] {
        assert_eq!(text(answer(client).await.unwrap()), "hello");
    }
    assert_each_ran_its_own(&service.group().stats(), 3);
}

#[tokio::test]
async fn where_the_runtime_of_the_first_is_gone_the_others_are_bodies() {
    let other = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let _first = {
        let _in_it = other.enter();
        let [first] = scene.pending(gets());
        first
    };
    let [mut second, mut third] = scene.pending(gets());
    tokio::task::spawn_blocking(|| drop(other)).await.unwrap();
    scene.gate.open();
    for client in [&mut second, &mut third] {
        assert_eq!(text(answer(client).await.unwrap()), "hello");
    }
    assert_each_ran_its_own(&scene.service.group().stats(), 3);
}

#[tokio::test(start_paused = true)]
async fn who_opens_a_newer_fetch_has_taken_over_and_is_no_new_call() {
    let config = Config::new().max_wait(Duration::from_secs(1));
    let layer = HttpCoalesceLayer::new().with_config(config);
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let mut clients = scene.pending(gets::<20>());
    turns().await;
    tokio::time::advance(Duration::from_millis(1_001)).await;
    for client in &mut clients[1..] {
        assert_pending!(client.poll());
    }
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 2);
    let stats = scene.service.group().stats();
    assert_eq!((stats.calls, stats.led, stats.followed), (20, 1, 19));
    assert_eq!((stats.takeovers, stats.bodies()), (1, 2));
    assert_eq!((stats.in_flight, stats.waiting), (2, 18));
    scene.gate.open();
    for client in &mut clients {
        assert_eq!(text(answer(client).await.unwrap()), "hello");
    }
    let stats = scene.service.group().stats();
    assert_eq!((stats.calls, stats.bodies(), stats.waiting), (20, 2, 0));
}

/// As many as are in the handler by themselves are waited for, and those who leave it are not.
#[tokio::test]
async fn idle_waits_for_those_who_run_their_own() {
    let mut scene = Origin::new(|_| marked("private", "mine")).coalesced();
    let [mut first, mut second, mut third] = scene.pending(gets());
    scene.gate.open();
    turns().await;
    scene.gate.close();
    for client in [&mut second, &mut third] {
        assert_pending!(client.poll());
    }
    assert_eq!(text(answer(&mut first).await.unwrap()), "mine");
    let group = scene.service.group().clone();
    let mut idle = task::spawn(group.idle());
    assert_pending!(idle.poll(), "two run their own");
    drop(third);
    assert_pending!(idle.poll(), "one does");
    scene.gate.open();
    assert_eq!(text(answer(&mut second).await.unwrap()), "mine");
    assert!(idle.is_woken());
    assert_ready!(idle.poll());
}

#[tokio::test]
async fn who_observes_a_request_is_told_that_it_ran_its_own() {
    let mut scene = Origin::new(|_| marked("private", "mine")).coalesced();
    let mut first = task::spawn(scene.service.call(request(get())));
    let mut second = task::spawn(observe(scene.service.call(request(get()))));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    scene.gate.open();
    let (response, report) = answer(&mut second).await;
    assert_eq!(text(response.unwrap()), "mine");
    let report = report.unwrap();
    assert_eq!((report.role, report.takeovers), (Role::Alone, 1));
}
