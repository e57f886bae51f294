//! Requests that are dropped or that panic, at every point.

use crate::support::{
    origin::{Origin, get, gets, public, request, text},
    pending, settle,
};
use axum::body::Body;
use coalesced::tower::HttpCoalesceLayer;
use http::{Request, Response};
use http_body::Frame;
use std::{
    convert::Infallible,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
};
use tokio_test::{assert_ready, task};
use tower::{BoxError, Layer, Service, service_fn};

/// A body that lets itself be polled a number of times.
struct Slow(usize);

impl http_body::Body for Slow {
    type Data = bytes::Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, io::Error>>> {
        if self.0 == 0 {
            return Poll::Ready(None);
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        if self.0 % 2 == 1 {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data("piece".into()))))
    }
}

/// Each of the callers goes after each number of polls; whoever stays is answered, and nothing is left.
#[test]
fn callers_are_dropped_at_every_point() {
    const CALLERS: usize = 3;
    const POLLS: usize = 6;
    for cache_control in ["public", "private"] {
        for schedule in 0..POLLS.pow(CALLERS as u32) {
            let inner = service_fn(async |_: Request<Body>| {
                tokio::task::yield_now().await;
                let builder = Response::builder().header("cache-control", cache_control);
                Ok::<_, Infallible>(builder.body(Slow(4)).unwrap())
            });
            let mut service = HttpCoalesceLayer::new(|_: &Request<Body>| ()).layer(inner);
            let mut callers: Vec<_> = (0..CALLERS)
                .map(|caller| {
                    let after = schedule / POLLS.pow(caller as u32) % POLLS;
                    (after, Some(task::spawn(service.call(request(get())))))
                })
                .collect();
            for step in 0..POLLS {
                for (after, caller) in &mut callers {
                    if *after == step && step < POLLS - 1 {
                        *caller = None;
                    }
                    if let Some(task) = caller {
                        if task.poll().is_ready() {
                            *caller = None;
                        }
                    }
                }
            }
            for (_, caller) in &mut callers {
                if let Some(task) = caller {
                    assert!(assert_ready!(settle(task)).is_ok());
                }
            }
            drop(callers);
            let stats = service.group().stats();
            assert_eq!((stats.in_flight, stats.waiting), (0, 0));
        }
    }
}

#[test]
fn a_leader_is_dropped_while_its_body_is_collected() {
    let origin = Origin::new(|_| {
        let mut response = public("");
        *response.body_mut() = Body::new(Slow(20));
        response
    });
    let mut scene = origin.coalesced();
    scene.gate.open();
    let [leader, mut follower] = scene.pending(gets());
    drop(leader);
    assert_eq!(
        text(assert_ready!(settle(&mut follower)).unwrap()),
        "piece".repeat(10)
    );
    assert_eq!(scene.gate.bodies_started(), 2);
}

#[test]
fn an_error_is_its_own_requests() {
    let calls = AtomicUsize::new(0);
    let inner = service_fn(async |_: Request<Body>| {
        let call = calls.fetch_add(1, SeqCst);
        tokio::task::yield_now().await;
        Err::<Response<Body>, BoxError>(format!("error {call}").into())
    });
    let mut service = HttpCoalesceLayer::new(|_: &Request<Body>| ()).layer(inner);
    let mut requests = Vec::from(pending(&mut service, gets::<5>()));
    let mut errors = Vec::new();
    while !requests.is_empty() {
        requests.retain_mut(|request| match request.poll() {
            Poll::Ready(result) => {
                errors.push(result.unwrap_err().to_string());
                false
            }
            Poll::Pending => true,
        });
    }
    errors.sort();
    assert_eq!(
        errors,
        ["error 0", "error 1", "error 2", "error 3", "error 4"]
    );
    assert_eq!(service.group().in_flight(), 0);
}

#[test]
fn a_panic_in_the_service_or_in_a_body_leaves_no_key_behind() {
    struct Explodes;
    impl http_body::Body for Explodes {
        type Data = bytes::Bytes;
        type Error = io::Error;
        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, io::Error>>> {
            panic!("in the body")
        }
    }
    for in_body in [true, false] {
        let armed = Arc::new(AtomicBool::new(true));
        let inner = service_fn(|_: Request<Body>| {
            let armed = Arc::clone(&armed);
            async move {
                tokio::task::yield_now().await;
                if !armed.swap(false, SeqCst) {
                    return Ok::<_, Infallible>(public("hello"));
                }
                assert!(in_body, "in the service");
                let mut response = public("");
                *response.body_mut() = Body::new(Explodes);
                Ok(response)
            }
        });
        let mut service = HttpCoalesceLayer::new(|_: &Request<Body>| ()).layer(inner);
        let [mut leader, mut follower] = pending(&mut service, gets());
        assert!(catch_unwind(AssertUnwindSafe(|| leader.poll())).is_err());
        assert!(follower.is_woken());
        assert!(catch_unwind(AssertUnwindSafe(|| follower.poll())).is_err());
        assert_eq!(service.group().in_flight(), 0);
        let mut next = task::spawn(service.call(request(get())));
        assert_eq!(text(assert_ready!(settle(&mut next)).unwrap()), "hello");
    }
}
