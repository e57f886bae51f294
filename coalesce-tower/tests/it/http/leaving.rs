//! Clients that leave, services that fail, and handlers that panic, at every point.

use crate::support::{
    origin::{Origin, answer, get, gets, marked, public, request, text, turns},
    pending,
};
use axum::body::Body;
use coalesced::{Config, tower::HttpCoalesceLayer};
use http::{Method, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use std::{
    convert::Infallible,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};
use tokio_test::{assert_pending, task};
use tower::{BoxError, Layer, Service, service_fn};

/// A body that lets itself be polled a number of times, and is counted as long as it is there.
struct Slow {
    polls: usize,
    alive: Arc<AtomicUsize>,
}

impl Slow {
    fn new(polls: usize, alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, SeqCst);
        let alive = Arc::clone(alive);
        Self { polls, alive }
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, SeqCst);
    }
}

impl http_body::Body for Slow {
    type Data = bytes::Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, io::Error>>> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        cx.waker().wake_by_ref();
        if self.polls % 2 == 1 {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data("piece".into()))))
    }
}

/// Each of the clients goes after each number of turns; whoever stays has everything, and nothing is left.
#[tokio::test]
async fn clients_leave_at_every_point() {
    const CLIENTS: usize = 3;
    const TURNS: usize = 9;
    for cache_control in ["public", "private"] {
        for schedule in 0..TURNS.pow(CLIENTS as u32) {
            let alive = Arc::<AtomicUsize>::default();
            let inner = service_fn({
                let alive = Arc::clone(&alive);
                move |_: Request<Body>| {
                    let alive = Arc::clone(&alive);
                    async move {
                        tokio::task::yield_now().await;
                        let builder = Response::builder().header("cache-control", cache_control);
                        Ok::<_, Infallible>(builder.body(Slow::new(8, &alive)).unwrap())
                    }
                }
            });
            let mut service = HttpCoalesceLayer::new().layer(inner);
            let mut clients: Vec<_> = (0..CLIENTS)
                .map(|client| {
                    let after = schedule / TURNS.pow(client as u32) % TURNS;
                    let response = service.call(request(get()));
                    let whole = async { response.await.unwrap().into_body().collect().await };
                    (after, Some(task::spawn(whole)))
                })
                .collect();
            for turn in 0..TURNS {
                for (after, client) in &mut clients {
                    let goes = *after == turn && turn < TURNS - 1;
                    if goes || client.as_mut().is_some_and(|it| it.poll().is_ready()) {
                        *client = None;
                    }
                }
                tokio::task::yield_now().await;
            }
            for (_, client) in &mut clients {
                if let Some(client) = client {
                    let whole = answer(client).await.unwrap().to_bytes();
                    assert_eq!(whole, "piece".repeat(4), "{cache_control}, {schedule}");
                }
            }
            drop(clients);
            turns().await;
            let stats = service.group().stats();
            assert_eq!((stats.in_flight, stats.waiting), (0, 0));
            assert_eq!((alive.load(SeqCst), service.memory()), (0, 0));
        }
    }
}

#[tokio::test]
async fn the_first_client_leaves_before_the_head_and_nobody_starts_over() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let [first, mut second, mut third] = scene.pending(gets());
    turns().await;
    drop(first);
    drop(scene.pending(gets::<5>()));
    turns().await;
    scene.gate.open();
    for client in [&mut second, &mut third] {
        assert_eq!(text(answer(client).await.unwrap()), "hello");
    }
    assert_eq!(scene.gate.bodies_started(), 1);
}

/// A connection is kept by its waker.
#[tokio::test]
async fn a_client_that_leaves_leaves_no_waker_behind() {
    struct Nobody;
    impl Wake for Nobody {
        fn wake(self: Arc<Self>) {}
    }
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let _stays = scene.pending(gets::<1>());
    let wakers = [(); 5].map(|()| Arc::new(Nobody));
    let clients = wakers.each_ref().map(|waker| {
        let mut client = Box::pin(scene.service.call(request(get())));
        let waker = Waker::from(Arc::clone(waker));
        let polled = client.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        client
    });
    let counts = || wakers.each_ref().map(Arc::strong_count);
    assert_eq!(counts(), [2; 5]);
    drop(clients);
    assert_eq!(counts(), [1; 5]);
}

/// It opened and reset streams in a loop, and the others were never answered.
#[tokio::test]
async fn clients_that_come_and_go_gain_nothing_and_delay_nobody() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let mut patient = Vec::new();
    for _ in 0..50 {
        let [impatient] = scene.pending(gets());
        patient.extend(scene.pending(gets::<1>()));
        turns().await;
        drop(impatient);
        turns().await;
    }
    assert_eq!(scene.gate.bodies_started(), 1);
    scene.gate.open();
    for client in &mut patient {
        assert_eq!(text(answer(client).await.unwrap()), "hello");
    }
    assert_eq!(scene.gate.bodies_started(), 1);
}

#[tokio::test]
async fn the_last_one_to_leave_ends_the_fetch() {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let clients = scene.pending(gets::<3>());
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 1);
    drop(clients);
    // One that comes before the task is dropped does not join it.
    let [mut newcomer] = scene.pending(gets());
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 1);
    assert_eq!(scene.gate.bodies_started(), 2);
    scene.gate.open();
    assert_eq!(text(answer(&mut newcomer).await.unwrap()), "hello");
    assert_eq!(scene.service.group().stats().abandoned, 1);
}

#[tokio::test]
async fn the_last_one_to_leave_ends_the_body() {
    let alive = Arc::<AtomicUsize>::default();
    let inner = service_fn({
        let alive = Arc::clone(&alive);
        move |_: Request<Body>| {
            let mut response = public("");
            *response.body_mut() = Body::new(Slow::new(1_000_000, &alive));
            async { Ok::<_, Infallible>(response) }
        }
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    let mut bodies = Vec::new();
    for mut client in pending(&mut service, gets::<3>()) {
        bodies.push(answer(&mut client).await.unwrap().into_body());
    }
    while let Some(mut body) = bodies.pop() {
        assert_eq!(alive.load(SeqCst), 1);
        assert!(body.frame().await.unwrap().is_ok());
        drop(body);
        turns().await;
    }
    assert_eq!((alive.load(SeqCst), service.memory()), (0, 0));
}

#[tokio::test]
async fn a_detached_fetch_runs_to_its_end_and_what_is_left_alone_does_not() {
    let layer = HttpCoalesceLayer::new().detach();
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let clients = scene.pending(gets::<3>());
    turns().await;
    drop(clients);
    turns().await;
    let [mut newcomer] = scene.pending(gets());
    scene.gate.open();
    assert_eq!(text(answer(&mut newcomer).await.unwrap()), "hello");
    assert_eq!(scene.gate.bodies_started(), 1);

    // 20 POSTs whose clients had left ran to their end.
    scene.gate.close();
    let post = || request(get().method(Method::POST));
    let posts = scene.pending([(); 20].map(|()| post()));
    assert_eq!(scene.gate.bodies_active(), 20);
    drop(posts);
    assert_eq!(scene.gate.bodies_active(), 0);
}

tokio::task_local! {
    static USER: &'static str;
}

#[tokio::test]
async fn what_is_left_alone_keeps_its_task_locals_and_a_fetch_has_none() {
    let inner = service_fn(|request: Request<Body>| async move {
        let user = USER.try_with(|user| *user).unwrap_or("nobody");
        let cache_control = request.uri().path().trim_start_matches('/');
        Ok::<_, Infallible>(marked(cache_control, user))
    });
    let public = || Request::get("/public");
    let private = || Request::get("/private");
    let config = Config::new();
    for (config, asked) in [
        (config, vec![(public(), "nobody"), (public(), "nobody")]),
        (config, vec![(public().method(Method::POST), "alice")]),
        (config, vec![(public().header("cookie", "a=b"), "alice")]),
        // What it was like is remembered.
        (config, vec![(private(), "nobody"), (private(), "alice")]),
        (Config::disabled(), vec![(public(), "alice")]),
    ] {
        let layer = HttpCoalesceLayer::new().with_config(config);
        let mut service = layer.layer(inner);
        for (builder, expected) in asked {
            let response = USER.scope("alice", service.call(request(builder)));
            assert_eq!(text(response.await.unwrap()), expected);
        }
    }
    // The memory is spent.
    let mut service = HttpCoalesceLayer::new().max_memory(0).layer(inner);
    let response = USER.scope("alice", service.call(request(public())));
    assert_eq!(text(response.await.unwrap()), "alice");
}

#[tokio::test]
async fn an_error_is_its_own_requests_and_the_others_try_once_more() {
    let calls = Arc::<AtomicUsize>::default();
    let inner = service_fn({
        let calls = Arc::clone(&calls);
        move |_: Request<Body>| {
            let call = calls.fetch_add(1, SeqCst);
            async move {
                tokio::task::yield_now().await;
                Err::<Response<Body>, BoxError>(format!("error {call}").into())
            }
        }
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    let requests = gets::<5>().map(|request| service.call(request));
    let errors = futures::future::join_all(requests).await;
    let mut errors: Vec<_> = errors
        .into_iter()
        .map(|result| result.unwrap_err().to_string())
        .collect();
    errors.sort();
    assert_eq!(
        errors,
        ["error 0", "error 1", "error 2", "error 3", "error 4"]
    );
    let stats = service.group().stats();
    assert_eq!((stats.led, stats.errors, stats.in_flight), (1, 5, 0));
}

#[tokio::test]
async fn a_panic_of_the_handler_is_the_first_clients_and_the_others_run_their_own() {
    let armed = Arc::new(AtomicBool::new(true));
    let inner = service_fn(move |_: Request<Body>| {
        let armed = Arc::clone(&armed);
        async move {
            tokio::task::yield_now().await;
            assert!(!armed.swap(false, SeqCst), "the secret of the first");
            Ok::<_, Infallible>(public("hello"))
        }
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    let [mut first, mut second, mut third] = pending(&mut service, gets());
    turns().await;
    // Also one that looks before the first one does.
    assert_eq!(text(answer(&mut second).await.unwrap()), "hello");
    let panic = catch_unwind(AssertUnwindSafe(|| first.poll())).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the secret of the first"));
    assert_eq!(text(answer(&mut third).await.unwrap()), "hello");
    let stats = service.group().stats();
    assert_eq!((stats.panics, stats.in_flight, stats.waiting), (1, 0, 0));
    let mut next = task::spawn(service.call(request(get())));
    assert_eq!(text(answer(&mut next).await.unwrap()), "hello");
}

#[tokio::test]
async fn a_panic_in_the_body_is_the_first_clients_and_an_error_of_the_others() {
    struct Explodes(bool);
    impl http_body::Body for Explodes {
        type Data = bytes::Bytes;
        type Error = io::Error;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, io::Error>>> {
            assert!(!self.0, "the secret of the first");
            self.0 = true;
            Poll::Ready(Some(Ok(Frame::data("some".into()))))
        }
    }
    let inner = service_fn(|_: Request<Body>| async {
        let mut response = public("");
        *response.body_mut() = Body::new(Explodes(false));
        Ok::<_, Infallible>(response)
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    let [mut first, mut second] = pending(&mut service, gets());
    let mut first = answer(&mut first).await.unwrap().into_body();
    let mut second = answer(&mut second).await.unwrap().into_body();
    for body in [&mut first, &mut second] {
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "some");
    }
    let error = second.frame().await.unwrap().unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
    let mut frame = task::spawn(first.frame());
    let panic = catch_unwind(AssertUnwindSafe(|| frame.poll())).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the secret of the first"));
    assert_eq!(service.group().in_flight(), 0);
}

/// A part must not be taken for the whole.
#[test]
fn a_runtime_that_shuts_down_breaks_bodies_off() {
    let fetching = tokio::runtime::Runtime::new().unwrap();
    let alive = Arc::default();
    let inner = service_fn({
        let alive = Arc::clone(&alive);
        move |_: Request<Body>| {
            let mut response = public("");
            *response.body_mut() = Body::new(Slow::new(usize::MAX, &alive));
            async { Ok::<_, Infallible>(response) }
        }
    });
    let mut service = HttpCoalesceLayer::new().max_body(100).layer(inner);
    let response = fetching.block_on(service.call(request(get()))).unwrap();
    let mut body = response.into_body();
    drop(fetching);
    let whole = futures::executor::block_on(async {
        while let Some(frame) = body.frame().await {
            frame?;
        }
        Ok::<_, coalesced::tower::http::BodyError>(())
    });
    assert!(whole.is_err());
    assert_eq!(alive.load(SeqCst), 0);
}

/// A request whose own fetch went with its runtime can't run; the others can.
#[tokio::test]
async fn a_runtime_that_shuts_down_before_the_head_leaves_the_others_to_run_their_own() {
    let other = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    let mut first = {
        let _in_it = other.enter();
        let [first] = scene.pending(gets());
        first
    };
    let [mut second] = scene.pending(gets());
    assert_pending!(second.poll());
    tokio::task::spawn_blocking(|| drop(other)).await.unwrap();
    scene.gate.open();
    assert_eq!(text(answer(&mut second).await.unwrap()), "hello");
    assert!(catch_unwind(AssertUnwindSafe(|| first.poll())).is_err());
}
